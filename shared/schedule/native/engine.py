"""LLVM IR to machine code for this host, and machine code to addresses.

Two steps, so that the first can be cached: `compile_object` parses, optimises and prints an object
file; `load` links such a file into the process, which costs neither parsing nor optimising. LLVM
may contract `a * b + c` only where the IR says so (`llvm.fmuladd`, the flag `contract`): the
elementary functions depend on every other rounding being kept.
"""

import threading
from collections.abc import Mapping
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


@cache
def target_machine():
    """The host as a target: position-independent, since an object may be loaded anywhere."""
    triple, cpu, features = host()
    target = llvm.Target.from_triple(triple)
    return target.create_target_machine(cpu=cpu, features=features, opt=2, reloc="pic", jit=True)


def has_feature(name):
    """Whether the host CPU has `name` in LLVM's spelling, such as "fma" or "avx512f"."""
    return f"+{name}" in host()[2].split(",")


def vector_bytes():
    """The width of the host's vector registers that LLVM fills willingly."""
    if has_feature("avx512f"):
        return 64
    return 32 if has_feature("avx") else 16


def optimised(ir_text):
    """The module that `ir_text` parses to, after the -O1 pipeline for this host.

    The loops are written in vectors already: the vectorisers of -O3 find nothing, and take as long
    as all the rest.
    """
    machine = target_machine()
    module = llvm.parse_assembly(ir_text)
    module.triple = host()[0]
    module.data_layout = str(machine.target_data)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=1)
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = False
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    return module


def compile_object(ir_text):
    """The object file, as bytes, of a module of LLVM IR.

    Raises RuntimeError with LLVM's words where the text is no valid module.
    """
    with _linking:
        return target_machine().emit_object(optimised(ir_text))


def assembly(ir_text):
    """What the host will run, to be read: the optimised module in the host's assembler."""
    with _linking:
        return target_machine().emit_assembly(optimised(ir_text))


@cache
def linker():
    """The process's one JIT; each loaded object is a library of it."""
    triple, cpu, features = host()
    target = llvm.Target.from_triple(triple)
    machine = target.create_target_machine(cpu=cpu, features=features, opt=2, reloc="pic", jit=True)
    return llvm.create_lljit_compiler(machine, suppress_errors=True)


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
    """Link an object file (bytes) or IR (text) into this process: {name: address} for `names`.

    `symbols` gives addresses to functions that the code declares but does not define; what the
    process itself exports (memcpy, memset, which LLVM may call by itself) is found without it.
    Raises RuntimeError with the linker's words where a name or a symbol is missing.
    """
    image = compile_object(source) if isinstance(source, str) else source
    library = llvm.JITLibraryBuilder().add_object_img(image).add_current_process()
    for name in names:
        library.export_symbol(name)
    for name, address in (symbols or {}).items():
        library.import_symbol(name, address)
    with _linking:
        return Code(library.link(linker(), f"wonderland.{next(_names)}"), names)
