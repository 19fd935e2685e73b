"""PyTorch's side: every precision and way to use the processors is measured in every round."""

import json
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).with_name("torch_process.py")


@dataclass(frozen=True)
class Setting:
    """One way to use the processors."""
    dtype: str
    processes: int
    threads: int

    def __str__(self):
        return f"{self.dtype}, {self.processes} x {self.threads} threads"


@dataclass(frozen=True)
class Task:
    """What is measured: `figure` of the answers."""
    name: str
    figure: str
    settings: tuple
    batch: int
    width: int


def tasks(threads, batch, width, latency_width):
    whole, apart = (1, threads), (threads, 1)
    ways = dict.fromkeys((whole, apart)) if batch % threads == 0 else {whole: None}

    def settings(dtypes, places):
        return tuple(Setting(dtype, *place) for dtype in dtypes for place in places)

    reading = ("float32", "autocast", "bfloat16")
    return (
        Task("train", "words_per_second", settings(("float32", "autocast"), ways), batch, width),
        Task("read", "words_per_second", settings(reading, ways), batch, width),
        Task("latency", "p50_ms", settings(reading, dict.fromkeys(((1, 1), whole))), 1, latency_width),
    )


class PyTorch:
    def __init__(self, interpreter, scratch, tasks, seconds):
        self.interpreter, self.scratch, self.tasks, self.seconds = interpreter, scratch, tasks, seconds
        self.about = {}

    def round(self):
        """What was measured, by task and setting. None is left out after a trial: one chance outlier would decide."""
        return {
            (task.name, setting): self.measure(task, setting) for task in self.tasks for setting in task.settings
        }

    def measure(self, task, setting):
        meeting = self.scratch / f"meeting-{uuid.uuid4().hex}"
        common = {
            "task": "train" if task.name == "train" else "read", "dtype": setting.dtype, "rendezvous": meeting,
            "threads": setting.threads, "processes": setting.processes, "batch": task.batch, "width": task.width,
            "seconds": self.seconds,
        }
        environment = {**os.environ, "OMP_NUM_THREADS": str(setting.threads), "GLOO_SOCKET_IFNAME": "lo"}
        processes = []
        try:
            for rank in range(setting.processes):
                words = [f"--{name}={value}" for name, value in {**common, "rank": rank}.items()]
                processes.append(subprocess.Popen(
                    [self.interpreter, "-W", "ignore", PROGRAM, *words], env=environment, text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            answers = [self.answer(process) for process in processes]
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            meeting.unlink(missing_ok=True)
        self.about = {name: answers[0][name] for name in ("parameters", "torch")}
        figures = [answer[task.figure] for answer in answers]
        # Each process counts its own share of the words; one word has but one process.
        return sum(figures)

    def answer(self, process):
        output, failure = process.communicate(timeout=self.seconds + 300)
        if process.returncode:
            raise RuntimeError(f"PyTorch's process failed:\n{failure.strip()[-1000:]}")
        return json.loads(output.splitlines()[-1])
