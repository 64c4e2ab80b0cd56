"""The console script `wonderland`: compare, primitives, doctor."""

import argparse
import sys

from .coverage import primitives
from .doctor import doctor


def parser():
    """The command line."""
    top = argparse.ArgumentParser(prog="wonderland", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    compare = commands.add_parser(
        "compare", help="is a model the same program in both styles, and how fast is each?"
    )
    compare.add_argument(
        "target",
        nargs="?",
        help="path/to/file.py:Model, an nn.Module of your own; default: the twins",
    )
    compare.add_argument("--models", nargs="+", default=["mlp"], help="which twins (mlp)")
    compare.add_argument("--device", default="cpu", help="cpu or cuda")
    compare.add_argument("--steps", type=int, default=200, help="training steps to compare")
    compare.add_argument("--out", default="report", help="folder of the report")
    commands.add_parser("primitives", help="the coverage table")
    commands.add_parser("doctor", help="what is installed, what runs here")
    return top


def main(argv=None):
    """Run a command; returns the exit status (1: an equivalence fails, 2: the input is unusable)."""
    arguments = parser().parse_args(argv)
    if arguments.command == "doctor":
        return doctor()
    if arguments.command == "primitives":
        return primitives()
    try:
        from .run import compare  # needs the `compare` extra, which doctor must do without
    except ModuleNotFoundError as error:
        print(
            f'wonderland compare: {error.name} is not installed; pip install "wonderland[compare]"',
            file=sys.stderr,
        )
        return 2
    return compare(arguments)


if __name__ == "__main__":
    sys.exit(main())
