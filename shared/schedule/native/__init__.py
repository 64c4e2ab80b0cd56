"""The native executor: fused kernels as LLVM IR, compiled for the host and cached on disk.

Needs llvmlite; only the executor's own modules import this package, and only when it is asked for.
"""
