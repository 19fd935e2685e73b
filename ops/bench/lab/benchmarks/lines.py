"""How long from a worker's line to the screen of whoever is attached?"""

import subprocess
import time

from ..figures import Goal, Row

TITLE = "worker's line → attached screen (milliseconds)"
PAUSE = 20


def measure(bench):
    rounds, lines = bench.count(4, 1), bench.count(300, 150)
    ticker = bench.workshop.program("ticker")
    ours, rival, notes = [], [], []
    with bench.daemon("lines", cpus=2) as daemon:
        for number in range(rounds):
            name = f"ticker-{number}"
            daemon.create(name, [ticker, lines, PAUSE])
            command = [bench.programs / "htrctl", "attach", name, "--home", daemon.home]
            ours += follow(command, lines, env=daemon.environment)
            path = bench.scratch / f"ticker-{number}.log"
            with open(path, "wb") as log:
                worker = subprocess.Popen([ticker, str(lines), str(PAUSE)], stdout=log)
            rival += follow(["tail", "-n", "+1", "-f", path], lines)
            worker.wait()
    notes.append(f"a line each {PAUSE} ms, read through a pipe; lines from before the attachment do not count")
    return [
        Row("htrctl attach", "ms", ours, [Goal("p99", "<=", 20)]),
        Row("tail -f of a file", "ms", rival, is_rival=True),
    ], notes


def follow(command, lines, **options):
    """Milliseconds by which each line was late, of those that were printed after the program showed the first."""
    late, first = [], None
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **options)
    try:
        for _ in range(lines):
            line = process.stdout.readline()
            now = time.monotonic_ns()
            first = first or now
            if int(line) > first:
                late.append((now - int(line)) / 1e6)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
    return late
