"""How many submissions per second are on the disk when they are answered?"""

import json
import sqlite3
import subprocess
import time

from ..daemon import job
from ..door import action_bytes
from ..figures import Goal, Row

TITLE = "durable submissions (jobs per second; answers in milliseconds)"
NAME = "load-########"


def request():
    return action_bytes("CreateTrainingJob", json.dumps(job(NAME, ["/bin/true"])).encode())


def send(bench, daemon, clients, count, seconds, first=0):
    """Lets the load generator submit jobs; what it measured."""
    run = subprocess.run(
        [bench.workshop.program("load"), daemon.socket_path, *map(str, (clients, count, seconds, first))],
        input=request(), capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"load generator: {run.stderr.decode()}\n{daemon.last_words()}")
    return json.loads(run.stdout)


def round_of_ours(bench, clients, seconds, label):
    """Jobs queue behind a long one. Every answered job must be on record after a kill."""
    with bench.daemon(label, cpus=1) as daemon:
        daemon.create("first", ["/bin/sleep", "1000"])
        daemon.wait_for_workers(1)
        send(bench, daemon, clients, 200, 10, first=90_000_000)
        figures = send(bench, daemon, clients, 1_000_000, seconds)
        daemon.kill()
        store = sqlite3.connect(daemon.home / "htr.sqlite")
        kept = store.execute("SELECT count(*) FROM training_jobs WHERE name GLOB 'load-0*'").fetchone()[0]
        tables = store.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name IN ('training_jobs', 'training_job_events')"
            " AND sql IS NOT NULL ORDER BY type DESC").fetchall()
        row = store.execute("SELECT * FROM training_jobs WHERE name = 'load-00000000'").fetchone()
        store.close()
        return figures, figures["answered"] - kept, (tables, row)


def round_of_sqlite(path, seconds, group, tables, row):
    """The same rows in the same tables, by nothing but SQLite; `group` jobs in each commit."""
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    for (statement,) in tables:
        store.execute(statement)
    insert = f"INSERT INTO training_jobs VALUES ({', '.join('?' * len(row))})"
    count, begin = 0, time.monotonic()
    while time.monotonic() - begin < seconds:
        store.execute("BEGIN IMMEDIATE")
        for _ in range(group):
            count += 1
            store.execute(insert, (row[0] + count, f"load-{count:08d}", *row[2:]))
            store.execute(
                "INSERT INTO training_job_events (job_id, at, kind, detail) VALUES (?, ?, 'created', '')",
                (row[0] + count, count))
        store.execute("COMMIT")
    seconds = time.monotonic() - begin
    store.close()
    return count / seconds


def measure(bench):
    rounds, seconds = bench.count(5, 2), bench.count(3, 1)
    rates, answers, rivals, lost = {16: [], 1: []}, {16: [], 1: []}, {16: [], 1: []}, 0
    for number in range(rounds):
        for clients in (16, 1):
            figures, missing, sample = round_of_ours(bench, clients, seconds, f"s{number}-{clients}")
            rates[clients].append(figures["answered"] / figures["seconds"])
            answers[clients].append(figures)
            lost += missing
            path = bench.scratch / f"floor-{number}-{clients}.sqlite"
            rivals[clients].append(round_of_sqlite(path, seconds, clients, *sample))
    rows = [
        Row("htr, 16 clients", "jobs/s", rates[16], [Goal("p50", ">=", 10_000)]),
        Row("SQLite alone, 16 jobs a commit (floor)", "jobs/s", rivals[16], is_rival=True),
        Row("htr, 1 client", "jobs/s", rates[1]),
        Row("SQLite alone, one by one (floor)", "jobs/s", rivals[1], is_rival=True),
    ]
    for clients in (16, 1):
        for statistic in ("p50", "p99"):
            rows.append(Row(
                f"htr, {clients} client{'s' * (clients > 1)}: {statistic} of answers", "ms",
                [figures[statistic] / 1000 for figures in answers[clients]]))
    return rows, [f"answered submissions that were not on record after kill -9: {lost}"]
