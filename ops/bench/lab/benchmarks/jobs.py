"""How many real jobs per second, from the submission to the end on record?"""

import time

from ..figures import Goal, Row
from ..rivals import Parallel, TaskSpooler, run_spawned
from .submit import NAME, send

TITLE = "real jobs end to end (/bin/true, jobs per second)"
COMMAND = ["/bin/true"]


def round_of_ours(bench, slots, count, label):
    with bench.daemon(label, cpus=slots) as daemon:
        send(bench, daemon, 4, 20, 10, first=90_000_000)
        daemon.wait([NAME.replace("########", f"{90_000_000 + n:08d}") for n in range(20)])
        names = [NAME.replace("########", f"{n:08d}") for n in range(count)]
        begin = time.monotonic()
        send(bench, daemon, 16, count, 600)
        statuses = daemon.wait(names)
        seconds = time.monotonic() - begin
        bad = [name for name, status in statuses.items() if status != "Completed"]
        if bad or len(statuses) != count:
            raise RuntimeError(f"{len(bad)} of {count} jobs did not complete: {bad[:3]}")
        check_kept(daemon, names[:: max(1, count // 20)])
        return count / seconds


def check_kept(daemon, names):
    """Log, exit status, history and artifact of a few jobs: what makes these jobs real."""
    for name in names:
        record = daemon.record(name)
        attempt = record["Htr"]["Attempts"][0]
        artifact = record["TrainingJob"]["ModelArtifacts"]["S3ModelArtifacts"]
        events = daemon.door.get(f"/htr/v1/training-jobs/{name}/events")["Events"]
        place = daemon.home / "buckets" / artifact.removeprefix("s3://")
        kept = {
            "exit code 0": attempt["ExitCode"] == 0, "a log": (daemon.home / "jobs" / name / "log").exists(),
            "events": len(events) >= 3, "an artifact": place.stat().st_size > 0,
        }
        if missing := [what for what, is_kept in kept.items() if not is_kept]:
            raise RuntimeError(f"job {name} ended without {missing}")


def measure(bench):
    rounds, count, notes = bench.count(3, 1), bench.count(2000, 200), []
    rates = {}
    for number in range(rounds):
        for slots in (8, 2):
            def note(what, seconds, jobs=count):
                rates.setdefault(f"{what}, {slots} slots", []).append(jobs / seconds)

            note("htr", 1, round_of_ours(bench, slots, count, f"j{number}-{slots}"))
            place = bench.scratch / f"jobs-{number}-{slots}"
            if TaskSpooler.program:
                fewer = min(count, 1000)
                with TaskSpooler(place.with_suffix(".tsp"), slots) as tsp:
                    note("task-spooler", tsp.run(COMMAND, fewer), fewer)
            if Parallel.program:
                note("GNU parallel", Parallel.run(COMMAND, count, slots, place.with_suffix(".parallel")))
            note("posix_spawn (floor)", run_spawned(COMMAND, count, slots))
    for rival, name in ((TaskSpooler, "task-spooler"), (Parallel, "GNU parallel")):
        if not rival.program:
            notes.append(f"{name} is not installed")
    rows = []
    for what, values in rates.items():
        goals = [Goal("p50", ">=", 500)] if what.startswith("htr") else []
        rows.append(Row(what, "jobs/s", values, goals, not what.startswith("htr")))
    notes.append(f"{count} jobs a round; of htr's, log, exit code, events and artifact were looked at")
    return rows, notes
