"""What the native executor finds on this machine, in words."""

import os

import llvmlite.binding as llvm

from . import blas, cache, engine, parallel


def description():
    """One line: the processor as LLVM names it, threads, the BLAS, where compiled code is kept."""
    version = ".".join(map(str, llvm.llvm_version_info))
    library = blas.find()
    products = os.path.basename(library.path) if library else "np.matmul, for want of a BLAS"
    threads = parallel.cores()
    return (
        f"machine code for {engine.host()[1]} by LLVM {version}, {threads} "
        f"thread{'s' if threads > 1 else ''}; products by {products}; cache {cache.folder()}"
    )
