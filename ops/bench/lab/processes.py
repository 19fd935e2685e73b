"""Looks at processes, through /proc alone. A process is (pid, start time): a pid by itself proves nothing."""

import os
from typing import NamedTuple


class Process(NamedTuple):
    pid: int
    start: int

    @property
    def is_alive(self):
        """True while it runs; one that has ended and only waits to be reaped does not count."""
        found = status(self.pid)
        return found is not None and found["start"] == self.start and found["state"] not in "ZX"


def status(pid):
    """State, parent, start time and CPU ticks; None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return {
        "state": fields[0].decode(), "parent": int(fields[1]), "start": int(fields[19]),
        "ticks": int(fields[11]) + int(fields[12]),
    }


def every():
    for name in os.listdir("/proc"):
        if name.isdigit() and (found := status(name)) and found["state"] not in "ZX":
            yield Process(int(name), found["start"])


def environment(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def program(pid):
    """The name of the program that a process runs."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)"))
    except OSError:
        return ""


def open_files(pid):
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []
    found = []
    for number in numbers:
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        except OSError:
            pass
    return found


def memory(pid, field="VmRSS"):
    """Resident bytes."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
    return 0


def workers(home):
    """Attempt token of every living process that belongs to a job or an endpoint of this home, by process."""
    base, found = os.fsencode(f"SAGEMAKER_BASE_DIR={home}/"), {}
    for process in every():
        variables = environment(process.pid)
        token = next((v[12:].decode() for v in variables if v.startswith(b"HTR_ATTEMPT=")), None)
        if token and any(v.startswith(base) for v in variables):
            found[process] = token
    return found


def shims(home):
    """Attempt folder of every living shim of this home, by process."""
    found = {}
    for process in every():
        if program(process.pid) != "htr-shim":
            continue
        for path in open_files(process.pid):
            if path.startswith(f"{home}/") and path.endswith("/lock"):
                found[process] = os.path.dirname(path)
    return found


def nursery(daemon):
    """The process that forks the daemon's shims."""
    return next((p for p in every() if program(p.pid) == "htr-shim" and status(p.pid)["parent"] == daemon), None)
