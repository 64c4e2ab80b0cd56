"""The lines that `wonderland doctor` shows."""

from wonderland.shared.schedule.native import blas, cache, host, parallel, target


def test_the_lines_name_processor_threads_blas_and_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("WONDERLAND_CACHE", str(tmp_path))
    monkeypatch.setattr(parallel, "cores", lambda: 3)
    first, second, third = host.description()
    assert first.startswith(f"machine code for {target.host().cpu} by LLVM ")
    assert first.endswith(", 3 threads") and second.startswith("products by ")
    assert third == f"compiled code is kept in {cache.folder()}"


def test_without_a_blas_it_says_what_multiplies(monkeypatch):
    monkeypatch.setattr(blas, "find", lambda: None)
    assert host.description()[1] == "products by np.matmul, for want of a BLAS"
