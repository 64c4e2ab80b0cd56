import argparse
import re

import pytest

from wonderland.compare.request import UnusableInputError, check, chosen
from wonderland.compare.twins import TWINS
from wonderland.shared.backend import cuda_available


def request(tmp_path, **options):
    given = {"target": None, "models": None, "device": "cpu", "steps": 1, "out": str(tmp_path)}
    return argparse.Namespace(**{**given, **options})


UNUSABLE = [
    (
        {"models": ["mlp", "gpt,rnn"]},
        f"compare: there is no model 'rnn'; --models takes: {', '.join(TWINS)}",
    ),
    ({"steps": 0}, "compare: --steps is 0 but must be at least 1"),
    ({"steps": -3}, "compare: --steps is -3 but must be at least 1"),
    ({"device": "tpu"}, "compare: --device is 'tpu' but must be cpu or cuda"),
    (
        {"target": "a.py:Model", "models": ["mlp"]},
        "compare: 'a.py:Model' and --models are given; compare takes one of them",
    ),
]


@pytest.mark.parametrize(("options", "text"), UNUSABLE)
def test_what_cannot_be_done_is_refused(options, text, tmp_path):
    with pytest.raises(UnusableInputError, match=f"^{re.escape(text)}$"):
        check(request(tmp_path, **options))


@pytest.mark.skipif(cuda_available(), reason="there is a CUDA device")
def test_no_device(tmp_path):
    with pytest.raises(UnusableInputError, match="--device is cuda but none can be used; `wonderl"):
        check(request(tmp_path, device="cuda"))


def test_a_folder_that_is_a_file(tmp_path):
    out = tmp_path / "report"
    out.write_text("mine")
    text = f"compare: --out is '{out}', where no report can be written (File exists); name another"
    with pytest.raises(UnusableInputError, match=re.escape(text)):
        check(request(tmp_path, out=str(out)))
    assert out.read_text() == "mine"


def test_a_folder_below_a_file(tmp_path):
    (tmp_path / "a").write_text("mine")
    with pytest.raises(UnusableInputError, match=re.escape(f"({tmp_path / 'a'} is no folder)")):
        check(request(tmp_path, out=str(tmp_path / "a" / "b")))


def test_nothing_is_made_before_there_is_a_report(tmp_path):
    check(request(tmp_path, out=str(tmp_path / "a" / "b")))
    assert not (tmp_path / "a").exists()


def test_models_beside_one_another_or_with_commas():
    assert chosen(["mlp", "gpt"]) == chosen(["mlp,gpt"]) == ["mlp", "gpt"]
    assert chosen(None) == chosen([","]) == list(TWINS)
