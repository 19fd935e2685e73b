"""How long from the submission to the worker's first instruction?"""

import json
import os
import time

from ..daemon import job
from ..door import action_bytes
from ..figures import Goal, Row
from ..rivals import Parallel, TaskSpooler, spawn

TITLE = "submit → worker's first instruction (milliseconds)"


class Pipe:
    """Where workers tell when they began."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path = str(path)
        # Open for writing too, so that it never ends between two workers.
        self.number = os.open(path, os.O_RDWR)
        self.rest = b""

    def milliseconds_since(self, begin):
        while b"\n" not in self.rest:
            self.rest += os.read(self.number, 4096)
        line, self.rest = self.rest.split(b"\n", 1)
        return (int(line) - begin) / 1e6


def measure(bench):
    worker, pipe = bench.workshop.program("first_instruction"), Pipe(bench.scratch / "pipe")
    command, count = [worker, pipe.path], bench.count(300, 50)
    samples, answers, notes = {"htr": []}, [], []

    def ours(number):
        name = f"start-{number:06d}"
        request = action_bytes("CreateTrainingJob", json.dumps(job(name, command)).encode())
        begin = time.monotonic_ns()
        status, body = daemon.door.exchange(request)
        answered = time.monotonic_ns()
        if status != 200:
            raise RuntimeError(body)
        samples["htr"].append(pipe.milliseconds_since(begin))
        answers.append((answered - begin) / 1e6)
        daemon.wait([name])

    def spooler(_):
        begin = time.monotonic_ns()
        tsp.submit(command)
        samples.setdefault("task-spooler", []).append(pipe.milliseconds_since(begin))

    def queue(_):
        begin = time.monotonic_ns()
        parallel.submit(command)
        samples.setdefault("GNU parallel as a queue", []).append(pipe.milliseconds_since(begin))

    def floor(_):
        begin = time.monotonic_ns()
        pid = spawn(command)
        samples.setdefault("posix_spawn (floor)", []).append(pipe.milliseconds_since(begin))
        os.waitpid(pid, 0)

    with bench.daemon("start", cpus=8) as daemon, bench.rivals() as rivals:
        turns = [ours]
        if tsp := rivals.enter(TaskSpooler, bench.scratch / "start-tsp", 8, notes=notes):
            turns.append(spooler)
        if parallel := rivals.enter(Parallel, bench.scratch / "start-parallel", 2, notes=notes):
            turns.append(queue)
        turns.append(floor)
        for number in range(-5, count):
            for turn in turns:
                turn(number + 5)
                time.sleep(0.005)
            if number == -1:  # What came before was for warming up.
                for values in [answers, *samples.values()]:
                    values.clear()
    rows = []
    for what, values in samples.items():
        goals = [Goal("p50", "<=", 3), Goal("p99", "<=", 10)] if what == "htr" else []
        rows.append(Row(what, "ms", values, goals, is_rival=what != "htr"))
    rows.append(Row("htr: submit → durable answer", "ms", answers))
    notes.append("htr and task-spooler are asked by a client that waits for the answer; only htr's is durable")
    return rows, notes
