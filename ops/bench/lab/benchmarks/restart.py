"""How long until a killed daemon serves again, with history on record and jobs running?"""

import time

from .. import history, processes
from ..figures import Goal, Row

TITLE = "daemon restart (milliseconds)"


def measure(bench):
    total, rounds, running = bench.count(10_000, 2_000), bench.count(20, 4), 8
    service, described, moved = [], [], 0
    with bench.daemon("restart", cpus=running) as daemon:
        history.fill(daemon, total)
        names = [f"running-{number}" for number in range(running)]
        for name in names:
            daemon.create(name, ["/bin/sleep", "1000"])
        before = daemon.wait_for_workers(running)
        for _ in range(rounds):
            daemon.kill()
            begin = time.monotonic()
            daemon.launch()
            daemon.await_answer(begin + 60)
            service.append((time.monotonic() - begin) * 1000)
            statuses = [daemon.describe(name)["TrainingJobStatus"] for name in names]
            described.append((time.monotonic() - begin) * 1000)
            if processes.workers(daemon.home) != before or set(statuses) != {"InProgress"}:
                moved += 1
            time.sleep(0.2)
    rows = [
        Row("kill -9, start → first answer", "ms", service, [Goal("p50", "<=", 200)]),
        Row(f"… → all {running} running jobs described", "ms", described),
    ]
    return rows, [
        f"{total:,} jobs on record, {running} running; restarts after which not all {running} ran on as the same "
        f"processes: {moved} of {rounds}",
        "no rival: task-spooler and GNU parallel forget their queue when they are killed",
    ]
