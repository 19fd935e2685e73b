"""What does a daemon cost that has nothing to do?"""

import time

from .. import processes
from ..figures import Goal, Row

TITLE = "idle daemon"


def measure(bench):
    seconds = bench.count(30, 10)
    with bench.daemon("idle") as daemon:
        daemon.create("before", ["/bin/true"])
        daemon.wait(["before"])
        time.sleep(3)
        pids = [daemon.process.pid]
        if nursery := processes.nursery(pids[0]):
            pids.append(nursery.pid)
        before = [processes.status(pid)["ticks"] for pid in pids]
        time.sleep(seconds)
        used = sum(processes.status(pid)["ticks"] for pid in pids) - sum(before)
        resident = [processes.memory(pid) / 1e6 for pid in pids]
        own = [processes.memory(pid, "RssAnon") / 1e6 for pid in pids]
    rows = [
        Row("htrd resident", "MB", resident[:1], [Goal("p50", "<=", 40)]),
        Row("htrd's own part (anonymous)", "MB", own[:1]),
        Row(f"CPU in {seconds} s, daemon and nursery", "ticks", [used], [Goal("p50", "<=", 1)]),
    ]
    if len(pids) > 1:
        rows.insert(2, Row("its nursery of shims, own part", "MB", own[1:]))
    return rows, ["a tick is 10 ms"]
