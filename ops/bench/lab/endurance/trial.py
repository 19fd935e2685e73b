"""One endpoint of mock workers, updated again and again while its workers and the daemon are killed."""

import os
import random
import signal
import subprocess
import time

from ..daemon import Daemon
from ..door import Refused

ENDPOINT = "strained"
ROLE = "arn:aws:iam::000000000000:role/htr"


class Trial:
    def __init__(self, programs, scratch, client, connections, instances, seed):
        self.dice = random.Random(seed)
        self.daemon = Daemon(programs, scratch / "home")
        self.command = [client, self.daemon.socket_path, f"/endpoints/{ENDPOINT}/invocations", str(connections)]
        self.records, self.instances = scratch / "records", instances
        self.outages, self.reigns, self.models = [], [], {}
        self.worker_kills = self.rolled_back = 0
        self.load = None

    def close(self):
        if self.load and self.load.poll() is None:
            self.load.kill()
            self.load.wait()
        self.daemon.remove()

    # The endpoint

    def prepare(self):
        """Two models that answer differently, a configuration of each, and an endpoint of the first one."""
        self.daemon.start()
        for seed, name in enumerate(("first", "second")):
            self.train(name, seed)
            self.call("CreateModel", ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={
                "Image": "htr/mock", "ModelDataUrl": self.daemon.describe(name)["ModelArtifacts"]["S3ModelArtifacts"]})
            self.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[{
                "VariantName": "AllTraffic", "ModelName": name, "InstanceType": "local",
                "InitialInstanceCount": self.instances}])
        self.call("CreateEndpoint", EndpointName=ENDPOINT, EndpointConfigName="first")
        self.settle()
        for name in self.models:
            self.serve(name)

    def train(self, name, seed):
        """A mock job; the digest of its model is asked of a worker later."""
        self.daemon.door.action("CreateTrainingJob", {
            "TrainingJobName": name, "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": "htr/mock", "TrainingInputMode": "File"},
            "HyperParameters": {"epochs": "1", "seconds-per-epoch": "0", "seed": str(seed)},
            "OutputDataConfig": {"S3OutputPath": "s3://htr/"},
            "ResourceConfig": {"InstanceType": "local", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60}})
        self.daemon.wait([name])
        self.models[name] = None

    def serve(self, name):
        """Brings a model into service and asks it for its digest."""
        if self.record()["Endpoint"]["EndpointConfigName"] != name:
            self.update(name)
        answer = self.daemon.door.post(f"/endpoints/{ENDPOINT}/invocations", {})
        self.models[name] = answer["model_sha256"]

    def call(self, action, **request):
        """Asks until the daemon answers: it may be killed at any time."""
        return self.persistently(lambda: self.daemon.door.action(action, request))

    def persistently(self, ask):
        while True:
            try:
                return ask()
            except OSError:
                self.daemon.door.close()
                time.sleep(0.01)

    def record(self, version=None):
        watch = "" if version is None else f"?version={version}&timeout=5"
        return self.persistently(lambda: self.daemon.door.get(f"/htr/v1/endpoints/{ENDPOINT}{watch}"))

    def settle(self):
        """The record once nothing is under way any more."""
        record = self.record()
        while record["Endpoint"]["EndpointStatus"] in ("Creating", "Updating"):
            record = self.record(record["Version"])
        if record["Endpoint"]["EndpointStatus"] != "InService":
            raise RuntimeError(f"the endpoint is {record['Endpoint']}")
        return record

    def begin_update(self, name):
        try:
            self.call("UpdateEndpoint", EndpointName=ENDPOINT, EndpointConfigName=name)
        except Refused as refusal:
            # Recorded before a kill that cut off the answer.
            if "in-progress" not in str(refusal):
                raise

    def update(self, name):
        self.begin_update(name)
        record = self.settle()
        self.rolled_back += record["Endpoint"]["EndpointConfigName"] != name
        return record["Endpoint"]["EndpointConfigName"]

    # Killing

    def kill_worker(self):
        workers = [worker["Pid"] for worker in self.record()["Htr"]["Workers"] if worker.get("Pid")]
        if workers:
            try:
                os.kill(self.dice.choice(workers), signal.SIGKILL)
                self.worker_kills += 1
            except ProcessLookupError:
                pass  # It has been replaced since it was named.

    def kill_daemon(self):
        killed = time.monotonic()
        self.daemon.kill()
        dead = time.monotonic()
        self.daemon.start()
        self.outages.append((killed, dead, time.monotonic()))

    # The load

    def run(self, updates, worker_kills, daemon_kills, say):
        self.load = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=open(self.records, "wb"))
        names, serving, since = list(self.models), "second", time.monotonic()
        deaths = set(self.dice.sample(range(updates), daemon_kills))
        for number in range(updates):
            wanted = names[number % 2]
            self.reigns.append((since, time.monotonic(), self.models[serving]))
            self.begin_update(wanted)
            if number in deaths:
                # Somewhere between the request and the end of the update.
                time.sleep(self.dice.random() * 0.05)
                self.kill_daemon()
            serving = self.update_end(wanted)
            since = time.monotonic()
            while self.worker_kills < worker_kills * (number + 1) / updates:
                time.sleep(0.1 + self.dice.random() * 0.2)
                self.kill_worker()
            if (number + 1) % 10 == 0:
                say(f"{number + 1} updates, {self.worker_kills} workers and {len(self.outages)} daemons killed")
        self.reigns.append((since, time.monotonic(), self.models[serving]))
        self.load.stdin.close()
        if self.load.wait(90):
            raise RuntimeError("the load generator failed")

    def update_end(self, wanted):
        serving = self.settle()["Endpoint"]["EndpointConfigName"]
        self.rolled_back += serving != wanted
        return serving
