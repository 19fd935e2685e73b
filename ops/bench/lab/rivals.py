"""Other ways to run many programs: task-spooler, GNU parallel, and nothing but spawn."""

import os
import shutil
import subprocess
import time


def spawn(command):
    nothing = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)]
    return os.posix_spawn(command[0], command, os.environ, file_actions=nothing)


def run_spawned(command, count, slots):
    """Runs the program `count` times, `slots` at a time; the seconds that took."""
    begin, running = time.monotonic(), set()
    for _ in range(count):
        if len(running) == slots:
            pid, _ = os.waitpid(-1, 0)
            running.discard(pid)
        running.add(spawn(command))
    for pid in running:
        os.waitpid(pid, 0)
    return time.monotonic() - begin


class TaskSpooler:
    """A task-spooler server of our own."""

    program = next(filter(None, map(shutil.which, ("tsp", "ts"))), None)

    def __init__(self, folder, slots, history=10_000):
        folder.mkdir()
        self.environment = {
            **os.environ, "TS_SOCKET": str(folder / "socket"), "TMPDIR": str(folder), "TS_SLOTS": str(slots),
            "TS_MAXFINISHED": str(history),
        }

    def call(self, *words):
        return subprocess.run(
            [self.program, *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False).stdout

    def __enter__(self):
        self.call("-l")
        return self

    def __exit__(self, *_):
        self.call("-K")

    def submit(self, command):
        """As a user would: one short process that hands the job to the server."""
        nothing = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)]
        pid = os.posix_spawn(self.program, [self.program, *command], self.environment, file_actions=nothing)
        os.waitpid(pid, 0)

    def run(self, command, count):
        begin = time.monotonic()
        for _ in range(count):
            self.submit(command)
        self.call("-w")
        while any(word in self.call("-l") for word in ("running", "queued")):
            time.sleep(0.005)
        return time.monotonic() - begin


class Parallel:
    """GNU parallel as a queue: it reads a file that grows, through `tail -f`."""

    program = shutil.which("parallel")

    def __init__(self, folder, slots):
        folder.mkdir()
        self.slots, self.queue = slots, folder / "queue"
        self.queue.touch()
        self.environment = {**os.environ, "HOME": str(folder), "PARALLEL_HOME": str(folder), "TMPDIR": str(folder)}

    def __enter__(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": self.environment}
        self.tail = subprocess.Popen(["tail", "-n", "+0", "-f", self.queue], stdout=subprocess.PIPE, **{
            key: value for key, value in quiet.items() if key != "stdout"})
        self.worker = subprocess.Popen(
            [self.program, "--will-cite", "--ungroup", "-j", str(self.slots)], stdin=self.tail.stdout, **quiet)
        self.tail.stdout.close()
        self.file = open(self.queue, "a", buffering=1)
        # It holds the first jobs back until it has one for each slot.
        for _ in range(2 * self.slots):
            self.submit(["true"])
        return self

    def __exit__(self, *_):
        self.file.close()
        for process in (self.tail, self.worker):
            process.kill()
            process.wait()

    def submit(self, command):
        self.file.write(" ".join(map(str, command)) + "\n")

    @classmethod
    def run(cls, command, count, slots, folder):
        """The whole queue at once, with its job log; the seconds that took."""
        folder.mkdir()
        begin = time.monotonic()
        subprocess.run(
            [cls.program, "--will-cite", "--joblog", folder / "joblog", "-j", str(slots)],
            input=(" ".join(command) + "\n") * count, text=True, check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder), "PARALLEL_HOME": str(folder)})
        return time.monotonic() - begin
