"""What the native executor finds on this machine, in words."""

import os

import llvmlite.binding as llvm

from . import blas, cache, engine, parallel


def description():
    """Lines: the processor as LLVM names it and the threads, the BLAS, where code is kept."""
    version = ".".join(map(str, llvm.llvm_version_info))
    library = blas.find()
    products = os.path.basename(library.path) if library else "np.matmul, for want of a BLAS"
    count = parallel.cores()
    threads = f"{count} thread{'s' if count > 1 else ''}"
    return [
        f"machine code for {engine.host()[1]} by LLVM {version}, {threads}",
        f"products by {products}",
        f"compiled code is kept in {cache.folder()}",
    ]
