import numpy as np
import pytest

from wonderland.compare import environment as file


def test_versions():
    rows = file.environment()
    assert rows["numpy"] == np.__version__
    assert rows["Device"] == "cpu"
    assert {"Wonderland", "Python", "System", "Processor", "BLAS of NumPy"} <= rows.keys()


def test_a_package_that_is_not_there(monkeypatch):
    monkeypatch.setattr(file, "find_spec", lambda name: None)
    monkeypatch.delitem(file.sys.modules, "rich", raising=False)
    assert file.version_of("rich") is None


def test_a_package_without_metadata(monkeypatch):
    def missing(name):
        raise file.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(file.metadata, "version", missing)
    assert file.version_of("numpy") == "unknown version"


def test_the_limit_of_threads_is_told(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    assert file.blas().endswith(", OPENBLAS_NUM_THREADS=1")


@pytest.mark.parametrize("error", [ImportError, RuntimeError])
def test_why_there_is_no_device(error, monkeypatch):
    def absent():
        raise error("cuda: there is none; buy one")

    monkeypatch.setattr(file, "cupy", absent)
    assert file.graphics() == (None, "there is none; buy one")
