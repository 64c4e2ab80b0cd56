"""The console script `wonderland`: compare, primitives, doctor."""

import argparse
import os
import sys
from importlib import metadata

from .coverage import FORMATS, primitives
from .doctor import doctor
from .run import compare
from .twins import TWINS

FOR_MORE = "a model in both styles, the table of primitives, and what runs on this machine"

FILE = (
    "Your file defines the class (constructed without arguments) or a module that is ready, and "
    "example(), which returns one batch (x, y). It may define loss(output, y) on Tensors, "
    "LEARNING_RATE, and layer(), the same model as a functional Layer. Exit status: 1 where the "
    "styles differ, 2 where the input cannot be used."
)


class OneLine(argparse.ArgumentParser):
    """A parser whose errors are one line, as everywhere in the house; exit status 2."""

    def error(self, message):
        """Print the fact and where help is, and leave."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser():
    """The command line."""
    top = OneLine(prog="wonderland", description=f"Wonderland: {FOR_MORE}.")
    top.add_argument(
        "--version", action="version", version=f"wonderland {metadata.version('wonderland')}"
    )
    commands = top.add_subparsers(title="commands", parser_class=OneLine)
    add_compare(commands)
    table = commands.add_parser("primitives", help="the table of primitives: what each supports")
    table.add_argument("--format", choices=FORMATS, default="text", help="text (default), markdown")
    table.set_defaults(run=primitives)
    look = commands.add_parser("doctor", help="what is installed, and what runs here")
    look.set_defaults(run=doctor)
    return top


def add_compare(commands):
    """The options of `wonderland compare`."""
    about = "Is a model the same program in every style, bit for bit, and how fast is each?"
    command = commands.add_parser(
        "compare", help=about[0].lower() + about[1:], description=about, epilog=FILE
    )
    command.add_argument(
        "target", nargs="?", metavar="path/to/file.py:Model",
        help="an nn.Module of yours; without it, the models that come with the package",
    )  # fmt: skip
    command.add_argument(
        "--models", nargs="+", metavar="NAME", help=f"which of those (default {','.join(TWINS)})"
    )
    command.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    command.add_argument("--steps", type=int, default=200, help="training steps (default 200)")
    command.add_argument("--out", default="report", help="folder of the report (default report)")
    command.set_defaults(run=compare)


def main(argv=None):
    """Run a command; returns the exit status (1: an equivalence fails, 2: unusable input)."""
    top = parser()
    arguments = top.parse_args(argv)
    if not hasattr(arguments, "run"):
        top.print_help()
        return 0
    try:
        return arguments.run(arguments)
    except KeyboardInterrupt:
        print("wonderland: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


if __name__ == "__main__":
    sys.exit(main())
