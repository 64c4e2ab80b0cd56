"""The line that `wonderland doctor` shows."""

from wonderland.shared.schedule.native import blas, cache, engine, host, parallel


def test_the_line_names_processor_threads_blas_and_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))
    monkeypatch.setattr(parallel, "cores", lambda: 3)
    line = host.description()
    assert line.startswith(f"machine code for {engine.host()[1]} by LLVM ")
    assert ", 3 threads; products by " in line and line.endswith(f"cache {cache.folder()}")


def test_without_a_blas_it_says_what_multiplies(monkeypatch):
    monkeypatch.setattr(blas, "find", lambda: None)
    assert "products by np.matmul, for want of a BLAS" in host.description()
