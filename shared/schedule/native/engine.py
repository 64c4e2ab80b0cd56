"""LLVM: IR to machine code for this host, as the bytes of an object file.

LLVM's library takes 0.04 s and 60 MiB, so that this module is imported (by `target.compiler`) when
something has to be compiled. LLVM may contract `a * b + c` only where the IR says so
(`llvm.fmuladd`, the flag `contract`): the elementary functions depend on every other rounding being
kept.
"""

import threading
from ctypes import string_at
from functools import cache
from itertools import count

import llvmlite.binding as llvm

from .target import Target, host

_names = count()
_linking = threading.Lock()  # LLVM's own tables take one linker at a time


def ask():
    """The machine that runs this process, as LLVM sees it."""
    try:
        features = llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM cannot ask this CPU; its name then implies what it has
        features = ""
    version = ".".join(map(str, llvm.llvm_version_info))
    return Target(llvm.get_process_triple(), llvm.get_host_cpu_name(), features, version)


@cache
def initialised():
    """Tell LLVM that code for this machine is wanted."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def target_machine(quick=False):
    """The host as a target: position-independent, since an object may be loaded anywhere."""
    initialised()
    triple, cpu, features, _ = host()
    target = llvm.Target.from_triple(triple)
    return target.create_target_machine(
        cpu=cpu, features=features, opt=0 if quick else 2, reloc="pic", jit=True
    )


def parsed(ir_text, machine):
    """The module that `ir_text` parses to, in a context of its own."""
    module = llvm.parse_assembly(ir_text, llvm.create_context())
    module.triple = host().triple
    module.data_layout = str(machine.target_data)
    module.verify()
    return module


def optimised(ir_text, machine):
    """The same after the passes that what is written here needs.

    Totals in memory become registers (SROA), branches on constants go, and instructions become
    better ones. The loops are written in vectors already, and what does not change in them stands
    before them: all other passes of -O1 take twice as long as these and find nothing.
    """
    module = parsed(ir_text, machine)
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.add_instruction_combine_pass()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options())
    unlocked("LLVMPY_RunNewModulePassManager")(passes, module, builder)
    return module


def unlocked(name):
    """A function of LLVM's that other threads may call meanwhile.

    llvmlite has a lock around every call. LLVM itself wants no more than that threads share neither
    a context nor a target machine (its Programmer's Manual, "Threads and LLVM").
    """
    function = getattr(llvm.ffi.lib, name)
    return getattr(function, "_cfn", function)


def compile_object(ir_text, quick=False):
    """The object file, as bytes, of a module of LLVM IR; threads may compile at one time.

    quick: in about a quarter of the time, and as it is written; for what is no inner loop.
    Raises RuntimeError with LLVM's words where the text is no valid module.
    """
    machine, lib = target_machine(quick), llvm.ffi.lib
    module = (parsed if quick else optimised)(ir_text, machine)
    with llvm.ffi.OutputString() as error:
        buffer = unlocked("LLVMPY_TargetMachineEmitToMemory")(machine, module, 1, error)
        if not buffer:
            raise RuntimeError(str(error))
    try:
        return string_at(lib.LLVMPY_GetBufferStart(buffer), lib.LLVMPY_GetBufferSize(buffer))
    finally:
        lib.LLVMPY_DisposeMemoryBuffer(buffer)


def assembly(ir_text):
    """What the host will run, to be read: the optimised module in the host's assembler."""
    machine = target_machine()
    return machine.emit_assembly(optimised(ir_text, machine))


@cache
def linker():
    """The process's one JIT; each loaded object is a library of it."""
    return llvm.create_lljit_compiler(target_machine(), suppress_errors=True)


class Link:
    """{name: address} of the functions in object files, linked into the process by LLVM."""

    def __init__(self, images, names, outside):
        library = llvm.JITLibraryBuilder().add_current_process()
        for image in images:
            library.add_object_img(image)
        for name in names:
            library.export_symbol(name)
        for name, address in outside.items():
            library.import_symbol(name, address)
        with _linking:  # what it returns unloads the code when it dies
            self.tracker = library.link(linker(), f"wonderland.{next(_names)}")
        self.addresses = {name: self.tracker[name] for name in names}
