from wonderland.compare import doctor as file
from wonderland.compare.cli import main
from wonderland.shared.primitives import registry


def test_doctor_says_what_is_there(capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "Wonderland     0.1.0" in out and f"{len(registry)}, see `wonderland primitives`" in out
    assert "yes  numpy         arrays on the CPU" in out
    assert "yes  native        machine code for " in out
    assert max(map(len, out.splitlines())) <= 100


def test_doctor_says_how_to_get_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr(file, "version_of", lambda package: None)
    monkeypatch.setattr(file, "graphics", lambda: (None, "CuPy cannot be imported; install it"))
    file.doctor()
    out = capsys.readouterr().out
    assert (
        "no   scikit-learn  for wonderland compare, for the digits: pip install scikit-learn" in out
    )
    assert "no   cupy          for arrays on a GPU: pip install cupy-cuda13x or cupy-cuda12x" in out
    assert "no   cupy          CuPy cannot be imported\n" in out
    assert "no   llvmlite      for machine code from jit: pip install llvmlite" in out
    assert "no   native        needs llvmlite, the numpy executor serves: pip install" in out


def test_doctor_says_that_native_code_does_not_fit(capsys, monkeypatch):
    monkeypatch.setattr(file.executors, "native", lambda: None)
    file.doctor()
    assert "no   native        not for this Python or machine, the numpy" in capsys.readouterr().out


def test_doctor_names_the_device(capsys, monkeypatch):
    monkeypatch.setattr(file, "graphics", lambda: ("H200", ""))
    monkeypatch.setattr(file, "device_count", lambda: 2)
    file.doctor()
    assert "arrays on 2 CUDA device(s), the first a H200" in capsys.readouterr().out
