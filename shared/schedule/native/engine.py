"""LLVM IR to machine code for this host, and machine code to addresses.

Two steps, so that the first can be cached: `compile_object` parses, optimises and prints an object
file; `load` links such a file into the process, which costs neither parsing nor optimising. LLVM
may contract `a * b + c` only where the IR says so (`llvm.fmuladd`, the flag `contract`): the
elementary functions depend on every other rounding being kept.
"""

import threading
from collections.abc import Mapping
from ctypes import string_at
from functools import cache
from itertools import count

import llvmlite.binding as llvm

# Part of the cache's key: raised whenever the steps below would print another object for one IR.
OPTIMISATION = "O1 pic 2"

_names = count()
_linking = threading.Lock()  # LLVM's own tables take one linker at a time


@cache
def host():
    """(triple, CPU name, feature string) of the machine that runs this process."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    try:
        features = llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM cannot ask this CPU; its name then implies what it has
        features = ""
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), features


def target_machine(quick=False):
    """The host as a target: position-independent, since an object may be loaded anywhere."""
    triple, cpu, features = host()
    target = llvm.Target.from_triple(triple)
    return target.create_target_machine(
        cpu=cpu, features=features, opt=0 if quick else 2, reloc="pic", jit=True
    )


def has_feature(name):
    """Whether the host CPU has `name` in LLVM's spelling, such as "fma" or "avx512f"."""
    return f"+{name}" in host()[2].split(",")


def vector_bytes():
    """The width of the host's vector registers that LLVM fills willingly."""
    if has_feature("avx512f"):
        return 64
    return 32 if has_feature("avx") else 16


def parsed(ir_text, machine):
    """The module that `ir_text` parses to, in a context of its own."""
    module = llvm.parse_assembly(ir_text, llvm.create_context())
    module.triple = host()[0]
    module.data_layout = str(machine.target_data)
    module.verify()
    return module


def optimised(ir_text, machine):
    """The same after the -O1 pipeline for this host.

    The loops are written in vectors already: the vectorisers of -O3 find nothing, and take as long
    as all the rest.
    """
    module = parsed(ir_text, machine)
    tuning = llvm.create_pipeline_tuning_options(speed_level=1)
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = False
    passes = llvm.create_pass_builder(machine, tuning)
    unlocked("LLVMPY_RunNewModulePassManager")(passes.getModulePassManager(), module, passes)
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

    quick: in about a sixth of the time, and as it is written; for what is no inner loop.
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


class Code(Mapping):
    """{name: address} of loaded functions, callable as long as this object lives."""

    def __init__(self, tracker, names):
        self.tracker = tracker  # unloads the code when it dies
        self.addresses = {name: tracker[name] for name in names}

    def __getitem__(self, name):
        return self.addresses[name]

    def __iter__(self):
        return iter(self.addresses)

    def __len__(self):
        return len(self.addresses)


def load(source, names, symbols=None):
    """Link an object file (bytes), several, or IR (text) into this process: {name: address} for
    `names`.

    `symbols` gives addresses to functions that the code declares but does not define; what the
    process itself exports (memcpy, memset, which LLVM may call by itself) is found without it.
    Raises RuntimeError with the linker's words where a name or a symbol is missing.
    """
    source = compile_object(source) if isinstance(source, str) else source
    library = llvm.JITLibraryBuilder().add_current_process()
    for image in [source] if isinstance(source, bytes) else source:
        library.add_object_img(image)
    for name in names:
        library.export_symbol(name)
    for name, address in (symbols or {}).items():
        library.import_symbol(name, address)
    with _linking:
        return Code(library.link(linker(), f"wonderland.{next(_names)}"), names)
