"""A daemon of its own in a scratch folder: nothing of it outlives the `with` block."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import processes
from .door import Door, Gone, Refused


class Daemon:
    """htrd on its own HTR_HOME. `settings` goes to settings.yaml as it is."""

    def __init__(self, programs, home, **settings):
        self.programs, self.home = Path(programs), Path(home)
        self.home.mkdir(mode=0o700)
        self.process = None
        lines = [f"{key.replace('_', '-')}: {json.dumps(value)}\n" for key, value in settings.items()]
        (self.home / "settings.yaml").write_text("".join(lines))
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.home), "HTR_HOME": str(self.home),
            "HTR_LISTEN": f"127.0.0.1:{free_port()}",
        }
        self.door = Door(self.socket_path)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    @property
    def socket_path(self):
        return self.home / "htrd.sock"

    # Life

    def start(self, patience=60):
        """Starts the daemon and waits for its first answer; the seconds that took."""
        begin = time.monotonic()
        self.launch()
        self.await_answer(begin + patience)
        return time.monotonic() - begin

    def launch(self):
        with open(self.home / "htrd.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "htrd"], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    def await_answer(self, deadline, path="/htr/v1/status"):
        while True:
            try:
                return self.door.get(path)
            except (OSError, Gone):
                self.door.close()
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"htrd does not answer (exit {self.process.poll()}):\n{self.last_words()}")
            time.sleep(0.0005)

    def last_words(self):
        return (self.home / "htrd.log").read_text(errors="replace")[-2000:]

    def kill(self):
        """kill -9, as a crash would end it."""
        self.process.kill()
        self.process.wait()
        self.door.close()

    def stop(self):
        self.door.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def remove(self):
        """Ends everything that belongs to this home, and the home."""
        if self.process and self.process.poll() is None:
            self.kill()
        self.door.close()
        for _ in range(100):
            left = list(processes.shims(self.home)) + list(processes.workers(self.home))
            if not left:
                break
            for process in left:
                if process.is_alive:
                    os.kill(process.pid, signal.SIGKILL)
            time.sleep(0.02)
        shutil.rmtree(self.home, ignore_errors=True)

    # Jobs

    def create(self, name, command, **members):
        return self.door.action("CreateTrainingJob", job(name, command, **members))

    def describe(self, name):
        return self.door.action("DescribeTrainingJob", {"TrainingJobName": name})

    def record(self, name):
        return self.door.get(f"/htr/v1/training-jobs/{name}?timeout=0")

    def wait(self, names, patience=600):
        """Returns when all of the jobs have ended: name and status of each."""
        deadline, statuses = time.monotonic() + patience, {}
        for begin in range(0, len(names), 500):
            part = names[begin:begin + 500]
            while True:
                answer = self.door.post(
                    "/htr/v1/training-jobs/wait", {"TrainingJobNames": part, "Mode": "all", "TimeoutSeconds": 20})
                if answer["Done"]:
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError(f"jobs do not end within {patience} s")
            statuses.update((j["TrainingJobName"], j["TrainingJobStatus"]) for j in answer["TrainingJobs"])
        return statuses

    def wait_for_workers(self, count, patience=60):
        """The processes of `count` running attempts."""
        deadline = time.monotonic() + patience
        while len(found := processes.workers(self.home)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(found)} of {count} workers run after {patience} s")
            time.sleep(0.01)
        return found


def job(name, command, **members):
    """A CreateTrainingJob request for a plain command."""
    return {
        "TrainingJobName": name, "RoleArn": "arn:aws:iam::000000000000:role/htr",
        "AlgorithmSpecification": {
            "TrainingImage": "htr/command", "TrainingInputMode": "File",
            "ContainerEntrypoint": [str(word) for word in command]},
        "OutputDataConfig": {"S3OutputPath": "s3://htr/"},
        "ResourceConfig": {"InstanceType": "local", "InstanceCount": 1, "VolumeSizeInGB": 1},
        **members,
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


__all__ = ["Daemon", "Gone", "Refused", "job"]
