"""Build the wheel, compare it with the tree, install it in a fresh environment, try it there."""

import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("shared", "functional", "oop", "purify", "compare")


def build_wheel(folder):
    """A wheel of the tree as it is: nothing left over from an earlier build may slip in."""
    for leftover in (*ROOT.glob("build/lib*"), *ROOT.glob("build/bdist*")):
        shutil.rmtree(leftover)
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return next(Path(folder).glob("*.whl"))


def compare_with_tree(wheel):
    """Every file of the floors is in the wheel under `wonderland/`, and nothing else is."""
    tree = {
        f"wonderland/{path.relative_to(ROOT)}"
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    if missing := sorted(tree - carried):
        sys.exit(f"wheel: {len(missing)} files of the tree are missing: {missing[:10]}")
    if unexpected := sorted(carried - tree):
        sys.exit(f"wheel: {len(unexpected)} files are not in the tree: {unexpected[:10]}")
    return len(carried)


def try_installed(wheel, folder):
    """The smoke test and the console script, with NumPy alone and then with all that the wheel
    asks for, far from the source tree."""
    venv.create(folder / "venv", with_pip=True)
    executables = folder / "venv" / "bin"
    pip = [executables / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    smoke = shutil.copy(ROOT / ".ci" / "smoke.py", folder)
    for wanted in (["numpy", "--no-deps", wheel], [wheel]):
        subprocess.run([*pip, *wanted], check=True)
        subprocess.run([executables / "python", smoke], check=True, cwd=folder)
        subprocess.run([executables / "wonderland", "doctor"], check=True, cwd=folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        wheel = build_wheel(name)
        files = compare_with_tree(wheel)
        try_installed(wheel, Path(name))
        print(f"wheel: {wheel.name} carries all {files} files and works from another folder")
