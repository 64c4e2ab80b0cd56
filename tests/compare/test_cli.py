import subprocess
import sys

import pytest

from wonderland.compare import cli


def one_line(capsys):
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "Traceback" not in err
    return err.strip()


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_version(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == "wonderland 0.1.0\n"


def test_no_command_prints_the_help(capsys):
    assert cli.main([]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: wonderland")
    assert all(command in out for command in ("compare", "primitives", "doctor"))


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["paint"], "wonderland: argument {compare,primitives,doctor}: invalid choice: 'paint'"),
        (["compare", "--steps", "many"], "wonderland compare: argument --steps: invalid int value"),
        (["compare", "--colour"], "wonderland: unrecognized arguments: --colour"),
        (["primitives", "--format", "odt"], "argument --format: invalid choice: 'odt'"),
    ],
)
def test_a_wrong_command_line_is_one_line(argv, text, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(argv)
    assert exit_.value.code == 2
    error = one_line(capsys)
    assert text in error and "--help)" in error


def test_interrupting_leaves_cleanly(monkeypatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "compare", interrupted)
    assert cli.main(["compare"]) == 130
    assert one_line(capsys) == "wonderland: interrupted"


def test_a_reader_who_stops_reading_is_no_error():
    code = (
        "import sys; from wonderland.compare.cli import main\n"
        "class Closed:\n"
        "    fileno = sys.stdout.fileno\n"
        "    def write(self, text): raise BrokenPipeError\n"
        "    flush = lambda self: None\n"
        "sys.stdout = Closed(); sys.exit(main(['primitives']))"
    )
    found = run(sys.executable, "-c", code)
    assert (found.returncode, found.stderr) == (141, "")


def test_the_module_is_the_console_script():
    found = run(sys.executable, "-m", "wonderland.compare", "primitives")
    assert found.returncode == 0 and found.stderr == ""
    assert found.stdout.startswith("family")
    assert run(sys.executable, "-m", "wonderland.compare").stdout.startswith("usage: wonderland")


ALONE = """
import sys
for name in ("rich", "matplotlib", "sklearn", "cupy"):
    sys.modules[name] = None
from wonderland.compare.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("command", ["primitives", "doctor"])
def test_numpy_alone_is_enough(command):
    found = run(sys.executable, "-c", ALONE, command)
    assert found.returncode == 0, found.stderr
    assert found.stderr == ""
    if command == "doctor":
        assert "for wonderland compare: pip install rich" in found.stdout


def test_compare_says_what_to_install(tmp_path):
    found = run(sys.executable, "-c", ALONE, "compare", cwd=tmp_path)
    assert found.returncode == 2 and found.stdout == ""
    assert found.stderr == (
        "wonderland compare: not installed: rich, matplotlib, scikit-learn; "
        "python -m pip install rich matplotlib scikit-learn\n"
    )
    assert list(tmp_path.iterdir()) == []
