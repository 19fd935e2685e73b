"""Kills a daemon's processes with SIGKILL, at moments that a seed decides."""

import json
import os
import signal
import time
from collections import Counter

from .. import processes

# What dies in a round. Two at once are the harder cases.
PLANS = [
    (("daemon",), 8), (("shim",), 5), (("worker",), 3), (("daemon", "shim"), 4), (("daemon", "worker"), 2),
    (("shim", "worker"), 2), (("shim", "shim"), 1), (("nursery",), 1), (("nursery", "shim"), 1),
]


class Killer:
    def __init__(self, daemon, crowd, dice):
        self.daemon, self.crowd, self.dice = daemon, crowd, dice
        self.kills, self.forged = Counter(), 0
        # What was killed of a (job, attempt), in words.
        self.struck = {}

    def strike(self):
        """Carries out one plan; the daemon, should it be hit, stays dead."""
        plans, weights = zip(*PLANS)
        plan = self.dice.choices(plans, weights)[0]
        gone = []
        for kind in plan:
            gone += getattr(self, f"kill_{kind}")()
        if not gone:
            self.kill_daemon()
        for pid in gone:
            if self.crowd.recycles and self.dice.random() < 0.5:
                self.crowd.take_pid(pid)

    def kill_daemon(self):
        if self.daemon.process.poll() is None:
            self.daemon.kill()
            self.kills["daemon"] += 1
        return [self.daemon.process.pid]

    def kill_shim(self):
        if not (found := self.pick(processes.shims(self.daemon.home))):
            return []
        process, folder = found
        job, attempt = folder.split("/")[-2:]
        is_alone = self.daemon.process.poll() is not None
        self.note(job, attempt, "its shim was killed" + " while there was no daemon" * is_alone)
        self.end(process, "shim")
        if is_alone:
            self.forge(folder)
        return [process.pid]

    def kill_worker(self):
        if not (found := self.pick(processes.workers(self.daemon.home))):
            return []
        process, token = found
        job, attempt = token.split("/")[:2]
        self.note(job, attempt, "its worker was killed")
        self.end(process, "worker")
        return [process.pid]

    def kill_nursery(self):
        process = processes.nursery(self.daemon.process.pid)
        if not process:
            return []
        self.end(process, "nursery")
        return [process.pid]

    def note(self, job, attempt, what):
        before = self.struck.get((job, int(attempt)))
        self.struck[job, int(attempt)] = f"{before}, {what}" if before else what

    def pick(self, found):
        return self.dice.choice(sorted(found.items())) if found else None

    def end(self, process, kind):
        if process.is_alive:
            os.kill(process.pid, signal.SIGKILL)
            self.kills[kind] += 1

    def forge(self, folder):
        """As if the dead processes' pids belonged to bystanders by now: with daemon and shim dead, nobody else writes
        these records. Their start times stay, and are all that tells the processes apart."""
        deadline = time.monotonic() + 0.2
        while folder in processes.shims(self.daemon.home).values() and time.monotonic() < deadline:
            time.sleep(0.001)
        if self.dice.random() < 0.5:
            return
        for name in ("shim.json", "worker.json"):
            try:
                with open(f"{folder}/{name}") as file:
                    record = json.load(file)
            except (OSError, ValueError):
                continue
            record["pid"] = self.dice.choice(self.crowd.members)
            with open(f"{folder}/.forged", "w") as file:
                json.dump(record, file)
            os.rename(f"{folder}/.forged", f"{folder}/{name}")
            self.forged += 1
