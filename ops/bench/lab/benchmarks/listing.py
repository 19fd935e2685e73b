"""How long does a page of the list take, and a description, with many jobs on record?"""

import json
import random
import sqlite3
import time

from .. import history
from ..door import action_bytes
from ..figures import Goal, Row

TITLE = "list and describe (milliseconds)"


def measure(bench):
    total, count = bench.count(100_000, 20_000), bench.count(200, 50)
    dice = random.Random(1)
    with bench.daemon("list") as daemon:
        history.fill(daemon, total)
        requests = {"page by time, newest first": page(SortBy="CreationTime", SortOrder="Descending")}
        requests |= {
            "page by name": page(SortBy="Name"),
            "page by status": page(SortBy="Status"),
            "page of one status": page(StatusEquals="Failed", SortOrder="Descending"),
            "page by NameContains, many match": page(NameContains="ledger"),
            "page by NameContains, few match": page(NameContains="0777"),
            "page by NameContains, none matches": page(NameContains="nowhere"),
            "page by time of change": page(LastModifiedTimeAfter=time.time() - total / 2),
        }
        for sort in ("CreationTime", "Name", "Status"):
            requests[f"deep page by {sort} (at {total // 2:,})"] = deep_page(daemon, sort, total // 2)
        names = [history.name_of(dice.randrange(total), total) for _ in range(count)]
        store = sqlite3.connect(f"file:{daemon.home}/htr.sqlite?mode=ro", uri=True)
        samples, floor = {what: [] for what in [*requests, "describe"]}, []
        for turn in range(-3, count):
            for what, content in requests.items():
                record(samples[what], turn, lambda: daemon.door.checked(action_bytes("ListTrainingJobs", content)))
            record(samples["describe"], turn, lambda: daemon.describe(names[turn]))
            record(floor, turn, lambda: store.execute(
                "SELECT id, name, status, created_at, modified_at, ended_at FROM training_jobs"
                " ORDER BY id DESC LIMIT 100").fetchall())
        store.close()
    rows = [Row(what, "ms", values, [Goal("p50", "<=", 5)]) for what, values in samples.items()]
    rows.insert(1, Row("SQLite alone, the same page (floor)", "ms", floor, is_rival=True))
    return rows, [f"{total:,} jobs on record, pages of 100"]


def page(**members):
    return json.dumps({"MaxResults": 100, **members}).encode()


def deep_page(daemon, sort, depth):
    """The request for a page in the middle, found by going through the pages before it."""
    members, seen = {"MaxResults": 100, "SortBy": sort}, 0
    while seen < depth:
        answer = daemon.door.action("ListTrainingJobs", members)
        seen += len(answer["TrainingJobSummaries"])
        members["NextToken"] = answer["NextToken"]
    return json.dumps(members).encode()


def record(values, turn, work):
    begin = time.monotonic()
    work()
    if turn >= 0:
        values.append((time.monotonic() - begin) * 1000)
