"""Where a benchmark works: its scratch folder, Python environments with rivals in them, what the figures depend on."""

import datetime
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .programs import Missing


@contextmanager
def scratch(parent):
    """The folder that was named, which stays with what was installed in it, or one that is gone afterwards."""
    if parent:
        folder = Path(parent).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    # Short: sockets in it have little room for their path.
    folder = Path(tempfile.mkdtemp(prefix="hb-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def python_with(requirements, folder):
    """The interpreter of an environment with these packages in it; one that is there already is used again."""
    folder = Path(folder)
    interpreter, receipt = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join(requirements) + "\n"
    if receipt.exists() and receipt.read_text() == wanted:
        return str(interpreter)
    say(f"installing {' '.join(requirements)}")
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", folder],
        [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()[-3:]
            raise Missing(f"no Python environment with {' '.join(requirements)}: " + "\n".join(lines))
    receipt.write_text(wanted)
    return str(interpreter)


def conditions():
    """What the figures depend on, without names of this machine's folders."""
    models = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "processor": models[0] if models else platform.machine(), "cpus": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2), "kernel": platform.release(),
    }


def markdown(header, rows):
    """A Markdown table, the first column to the left."""
    line = "| " + " | ".join(["---"] + ["---:"] * (len(header) - 1)) + " |"
    return "\n".join(["| " + " | ".join(header) + " |", line] + ["| " + " | ".join(row) + " |" for row in rows])


def say(text):
    """Tells whoever waits how far it is; the tables alone go to standard output."""
    print(f"  {text}", file=sys.stderr, flush=True)
