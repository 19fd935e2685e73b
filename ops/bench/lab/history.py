"""Fills a stopped daemon's store with jobs that have ended, as the daemon itself writes them."""

import sqlite3

KINDS = {"Completed": ["/bin/true"], "Failed": ["/bin/false"], "Stopped": ["/bin/sleep", "1000"]}
WORDS = ("digits", "lines", "letters", "forms", "words", "ledger", "census", "parish")


def name_of(number, total):
    """Names in an order of their own: listing by name must not be listing by time."""
    # 7919 is a prime that no round total is a multiple of, so that every number comes once.
    return f"{WORDS[number % len(WORDS)]}-{number * 7919 % total:06d}"


def make_templates(daemon):
    """One job of each ending, made by the daemon."""
    for status, command in KINDS.items():
        daemon.create(f"template-{status.lower()}", command)
    daemon.wait_for_workers(1)
    daemon.door.action("StopTrainingJob", {"TrainingJobName": "template-stopped", "HtrGraceSeconds": 0})
    daemon.wait([f"template-{status.lower()}" for status in KINDS])


def fill(daemon, total):
    """Puts `total` ended jobs on record: 80 % Completed, 10 % Failed, 10 % Stopped, one a second until now."""
    make_templates(daemon)
    daemon.stop()
    store = sqlite3.connect(daemon.home / "htr.sqlite", isolation_level=None)
    store.row_factory = sqlite3.Row
    store.execute("PRAGMA synchronous = OFF")
    templates, events = {}, {}
    for status in KINDS:
        row = store.execute("SELECT * FROM training_jobs WHERE name = ?", (f"template-{status.lower()}",)).fetchone()
        templates[status] = dict(row)
        events[status] = store.execute(
            "SELECT at, kind, detail FROM training_job_events WHERE job_id = ? ORDER BY id", (row["id"],)).fetchall()
    columns = list(next(iter(templates.values())))
    insert = f"INSERT INTO training_jobs ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    store.execute("BEGIN")
    for number in range(total):
        status = ("Failed", "Stopped")[number % 10] if number % 10 < 2 else "Completed"
        shift = -(total - number + 60) * 1000
        row = copy(templates[status], name_of(number, total), shift)
        store.execute(insert, [row[column] for column in columns])
        store.executemany(
            "INSERT INTO training_job_events (job_id, at, kind, detail) VALUES (?, ?, ?, ?)",
            [(row["id"], event["at"] + shift, event["kind"], event["detail"]) for event in events[status]])
    store.execute("COMMIT")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    daemon.start()


def copy(template, name, shift):
    row = dict(template, name=name)
    for column in ("created_at", "modified_at", "ended_at"):
        row[column] += shift
    # The id holds the time of creation; see Schema.
    row["id"] = row["created_at"] << 20
    for column in ("state", "request"):
        row[column] = row[column].replace(template["name"], name)
    return row
