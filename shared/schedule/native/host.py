"""What the native executor finds on this machine, in words."""

import os

from . import blas, cache, parallel, target


def description():
    """Lines: the processor as LLVM names it and the threads, the BLAS, where code is kept."""
    host, library = target.host(), blas.find()
    products = os.path.basename(library.path) if library else "np.matmul, for want of a BLAS"
    count = parallel.cores()
    threads = f"{count} thread{'s' if count > 1 else ''}"
    return [
        f"machine code for {host.cpu} by LLVM {host.llvm}, {threads}",
        f"products by {products}",
        f"compiled code is kept in {cache.folder()}",
    ]
