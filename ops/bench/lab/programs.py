"""Finds htr's programs and builds the small C ones."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
REPOSITORY = BENCH.parents[1]
NAMES = ("htrd", "htrctl", "htr-shim", "htr-worker")


class Missing(Exception):
    """Something that a measurement needs is not there; the message says what to do."""


def find(folder=None, names=NAMES):
    """The folder that holds these programs of htr: the one named, else the release build, else the debug build."""
    if folder:
        places = [Path(folder).resolve()]
    else:
        places = [REPOSITORY / ".build" / kind for kind in ("release", "debug")]
    for place in places:
        if all(os.access(place / name, os.X_OK) for name in names):
            if not folder and place.name == "debug":
                print("warning: there is no release build (ops/quickstart makes one); a debug build is measured", file=sys.stderr)
            return place.resolve()
    wanted, where = ", ".join(names), " or ".join(map(str, places))
    raise Missing(f"no {wanted} in {where}: build them (ops/quickstart does), or name --bin FOLDER")


class Workshop:
    """Compiles the C programs of `lab/c` into a scratch folder, each once."""

    def __init__(self, scratch):
        self.folder = Path(scratch)
        self.compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
        self.built = {}

    def program(self, name):
        """The path of the compiled program. Static where the C library allows it, so that its start is short."""
        if name not in self.built:
            self.built[name] = self.compile(name)
        return self.built[name]

    def compile(self, name):
        if not self.compiler:
            raise Missing("no C compiler (cc, gcc or clang) is installed")
        source, target = BENCH / "lab" / "c" / f"{name}.c", self.folder / name
        failure = ""
        for extra in (["-static"], []):
            command = [self.compiler, "-D_GNU_SOURCE", "-O2", "-Wall", *extra, "-o", target, source]
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            if made.returncode == 0:
                return str(target)
            failure = made.stderr
        raise Missing(f"{source.name} does not compile:\n{failure}")
