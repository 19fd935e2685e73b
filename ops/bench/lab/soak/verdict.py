"""Compares what the daemon says with what the jobs themselves noted."""

import hashlib
import tarfile
import time

from .. import processes
from .worker import ENDINGS, line

TERMINAL = ("Completed", "Failed", "Stopped")


class JobBooks:
    """What the workers of one job noted."""

    def __init__(self, folder, job):
        self.folder, self.job = folder, job
        path = folder / f"{job}.facts"
        self.facts = [text.split() for text in path.read_text().splitlines()] if path.exists() else []

    def begun(self):
        return [(place, fact[1]) for place, fact in enumerate(self.facts) if fact[0] == "began"]

    def ended_well(self):
        return [(place, fact[1]) for place, fact in enumerate(self.facts) if fact[0] == "ended" and fact[2] == "0"]

    def processes(self):
        return [processes.Process(int(fact[2]), int(fact[3])) for fact in self.facts if fact[0] in ("began", "left")]

    def printed(self, attempt):
        """Bytes that the worker of an attempt knows it has printed."""
        path = self.folder / f"{self.job}.{attempt}.printed"
        text = path.read_text() if path.exists() else ""
        return int(text) if text else 0


class Verdict:
    """Collects faults by kind; each kind must end with none."""

    KINDS = (
        "acknowledged jobs lost", "jobs that ended as they should not", "succeeded jobs that ran twice",
        "orphan processes", "log bytes lost or repeated", "artifacts missing or wrong",
        "foreign processes signalled", "times the daemon ended by itself", "records that a restart changed",
    )

    def __init__(self, daemon, books, struck):
        self.daemon, self.books_folder, self.struck = daemon, books, struck
        self.faults = {kind: [] for kind in self.KINDS}
        self.counts = {kind: 0 for kind in self.KINDS}
        self.log_bytes = self.attempts = self.ended_unseen = 0
        self.endings = {}

    def blame(self, kind, text, count=1):
        self.faults[kind].append(text)
        self.counts[kind] += count

    @property
    def is_clean(self):
        return not any(self.counts.values())

    def judge(self, name, kind):
        """One acknowledged job, which should have ended by now."""
        try:
            record = self.daemon.record(name)
        except Exception as error:  # Whatever the reason is: the job cannot be asked for.
            return self.blame("acknowledged jobs lost", f"{name}: {error}")
        job, attempts = record["TrainingJob"], record["Htr"]["Attempts"]
        status, books = job["TrainingJobStatus"], JobBooks(self.books_folder, name)
        if status not in TERMINAL:
            return self.blame("acknowledged jobs lost", f"{name} never ended: {job['SecondaryStatus']}")
        self.endings[status] = self.endings.get(status, 0) + 1
        self.attempts += len(attempts)
        self.check_ending(name, kind, job, books, attempts)
        self.check_twice(name, books, attempts)
        self.check_log(name, books)
        if status == "Completed":
            self.check_artifact(name, record["Htr"], books)

    def check_ending(self, name, kind, job, books, attempts):
        status = job["TrainingJobStatus"]
        usual = "Stopped" if kind == "lasting" else "Completed" if ENDINGS[kind] == 0 else "Failed"
        was_struck = any(struck == name for struck, _ in self.struck)
        if status != usual and not (was_struck and status == "Failed"):
            reason = job.get("FailureReason", "no reason")
            self.blame("jobs that ended as they should not", f"{name} ({kind}): {status}, not {usual}: {reason}")
        if status == "Completed" and not any(
            token.split("/")[1] == str(attempts[-1]["Number"]) for _, token in books.ended_well()):
            self.blame("jobs that ended as they should not", f"{name} ({kind}): Completed, but its worker did not end")

    def check_twice(self, name, books, attempts):
        begun, well = books.begun(), books.ended_well()
        tokens = [token for _, token in begun]
        for token in {token for token in tokens if tokens.count(token) > 1}:
            self.blame("succeeded jobs that ran twice", f"{name}: {token} started {tokens.count(token)} workers")
        if any(int(token.split("/")[1]) > len(attempts) for token in tokens):
            self.blame("succeeded jobs that ran twice", f"{name}: a worker ran that is no attempt on record: {tokens}")
        for place, token in well:
            number = int(token.split("/")[1])
            if not any(later > place for later, _ in begun):
                continue
            known = number <= len(attempts) and attempts[number - 1].get("ExitCode") == 0
            if known or (name, number) not in self.struck:
                self.blame("succeeded jobs that ran twice", f"{name}: a worker started after {token} had succeeded")
            else:
                # Killed (or its shim was) between its last note and its exit: nobody can have seen it succeed.
                self.ended_unseen += 1

    def check_log(self, name, books):
        status, log = self.daemon.door.exchange(
            f"GET /htr/v1/training-jobs/{name}/log HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        if status != 200:
            return self.blame("log bytes lost or repeated", f"{name}: the log cannot be read: {log[:200]}")
        self.log_bytes += len(log)
        at, tokens = 0, [token for _, token in books.begun()]
        for place, token in enumerate(tokens):
            known = books.printed(token.split("/")[1])
            found = matched(log, at, token, tokens[place + 1:])
            if found < known:
                how = self.struck.get((name, int(token.split("/")[1])), "it was left alone")
                self.blame("log bytes lost or repeated",
                           f"{name}: {known - found} of {known} bytes of {token} are lost; {how}", known - found)
            at += found
        if at != len(log):
            self.blame("log bytes lost or repeated",
                       f"{name}: {len(log) - at} bytes too many after {at}: {log[at:at + 60]!r}", len(log) - at)

    def check_artifact(self, name, record, books):
        path = record.get("ModelArtifactPath")
        try:
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            with tarfile.open(path) as archive:
                content = archive.extractfile("weights").read().decode()
        except (OSError, KeyError, TypeError, tarfile.TarError) as error:
            return self.blame("artifacts missing or wrong", f"{name}: {path}: {error}")
        if digest != record["ModelArtifactSha256"]:
            self.blame("artifacts missing or wrong", f"{name}: its digest is not the recorded one")
        if content != books.begun()[-1][1]:
            self.blame("artifacts missing or wrong", f"{name}: it is of {content}")

    def check_processes(self, names, patience=5):
        """When every job has ended nothing of theirs runs."""
        deadline = time.monotonic() + patience
        while left := self.living(names):
            if time.monotonic() > deadline:
                for process, what in left.items():
                    self.blame("orphan processes", f"{process}: {what}")
                return
            time.sleep(0.05)

    def living(self, names):
        left = {process: f"worker of {token}" for process, token in processes.workers(self.daemon.home).items()}
        left |= {process: f"shim of {folder}" for process, folder in processes.shims(self.daemon.home).items()}
        for name in names:
            for process in JobBooks(self.books_folder, name).processes():
                if process.is_alive:
                    left.setdefault(process, f"process of {name}")
        return left


def matched(log, at, token, later):
    """How many bytes of the log, from there on, are an attempt's lines in order.

    One line more than it noted may be there, whole or torn: the worker was killed before the note. Where a torn line
    ends is where the first line of a later attempt begins.
    """
    found = number = 0
    while (same := common(log, at + found, expected := line(token, number))) == len(expected):
        found += same
        number += 1
    for torn in range(same, 0, -1):
        rest = log[at + found + torn:]
        if not rest or any(rest.startswith(line(other, 0)[:len(rest)]) for other in later):
            return found + torn
    return found


def common(log, at, expected):
    """How many bytes of the log, from there on, are as expected."""
    part = log[at:at + len(expected)]
    if part == expected:
        return len(expected)
    return next((n for n, (a, b) in enumerate(zip(part, expected)) if a != b), len(part))
