"""Requests through nothing, nginx and htr to the same worker."""

import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from .programs import Missing, Workshop
from .surroundings import markdown, say

WAYS = ("direct", "nginx", "htr")
CELLS = [(connections, body) for connections in (1, 32) for body in (1024, 102_400)]
TICK = os.sysconf("SC_CLK_TCK")
MOST_TRIES = 5

# Bodies stay in memory and connections are kept, as in htr: anything else would measure nginx's disk.
NGINX = """daemon off; user root; worker_processes {cpus}; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; client_max_body_size 8m; client_body_buffer_size 1m;
  proxy_buffer_size 16k; proxy_buffers 16 32k; proxy_busy_buffers_size 64k;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  upstream worker {{ server unix:{worker}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen unix:{folder}/nginx;
    location / {{ proxy_pass http://worker; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


class Bench:
    """The programs of a measurement; they end with it."""

    def __init__(self, folder, chosen):
        self.folder, self.chosen, self.started = folder, chosen, []

    def __enter__(self):
        workshop = Workshop(self.folder)
        self.client = workshop.program("invoke")
        try:
            self.worker = self.chosen.worker or self.start_worker(workshop)
            self.fronts = {"direct": (self.worker, "/invocations"), "nginx": self.start_nginx(), "htr": self.find_htr()}
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            process.terminate()
            process.wait()

    def start(self, command, path):
        self.started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        deadline = time.monotonic() + 10
        while not answers(path):
            if time.monotonic() > deadline or self.started[-1].poll() is not None:
                raise Missing(f"{command[0]} does not serve {path}")
            time.sleep(0.02)
        return self.started[-1]

    def start_worker(self, workshop):
        path = str(self.folder / "worker")
        self.start([workshop.program("echo_worker"), path], path)
        return path

    def start_nginx(self):
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            raise Missing("nginx is not installed (Debian: nginx-light)")
        settings = self.folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=self.folder, worker=self.worker, cpus=os.cpu_count()))
        self.nginx = self.start([program, "-c", settings], str(self.folder / "nginx")).pid
        return str(self.folder / "nginx"), "/invocations"

    def find_htr(self):
        path = f"/endpoints/{self.chosen.endpoint}/invocations"
        self.htr = self.chosen.pid
        if self.chosen.front:
            return self.chosen.front, path
        listen = str(self.folder / "htr")
        self.htr = self.start([self.chosen.program, listen, self.worker], listen).pid
        return listen, path

    def measure(self):
        """Every way through every cell, in each round in another order."""
        measured = {(way, cell): [] for cell in CELLS for way in WAYS}
        for number in range(self.chosen.rounds):
            say(f"round {number + 1} of {self.chosen.rounds}")
            for way, cell in random.sample(list(measured), len(measured)):
                for _ in range(MOST_TRIES):
                    found = self.measure_once(way, *cell)
                    if found["quiet"]:
                        break
                measured[way, cell].append(found)
        return measured

    def measure_once(self, way, connections, body):
        path, target = self.fronts[way]
        before, ours, all_cpu = count(self.worker), self.cpu(), machine_cpu()
        times = os.times()
        command = [self.client, path, target, str(body), str(connections), str(self.chosen.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"{way} failed: {done.stderr.strip()}")
        found, after = json.loads(done.stdout), count(self.worker)
        spent = [new - old for old, new in zip(all_cpu, machine_cpu())]
        client = os.times().children_user + os.times().children_system - times.children_user - times.children_system
        used = {name: new - ours[name] for name, new in self.cpu().items()}
        if after[0] - before[0] != found["answered"] or after[1] - before[1] != found["answered"] * body:
            raise Missing(f"{way}: {found['answered']} answers, but the worker gave {after[0] - before[0]}")
        others = max(0, spent[0] - client - sum(used.values()))
        found["others"] = others / spent[1]
        found["quiet"] = found["others"] <= self.chosen.quiet
        found["cpu"] = (client + sum(used.values())) / found["answered"] * 1e6
        return found

    def cpu(self):
        """CPU seconds so far of what takes part. A worker or daemon that was not started here counts with its pid only."""
        pids = {f"{process.pid}": process.pid for process in self.started}
        if self.chosen.pid:
            pids["daemon"] = self.chosen.pid
        children = subprocess.run(["pgrep", "-P", str(self.nginx)], capture_output=True, text=True, check=False).stdout
        pids.update({f"nginx {pid}": int(pid) for pid in children.split()})
        return {name: process_cpu(pid) for name, pid in pids.items()}


def process_cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def machine_cpu():
    """Seconds that all processors worked, and all their seconds."""
    fields = [int(word) / TICK for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def answers(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def count(worker):
    """How many requests the worker has answered, and the bytes of their bodies."""
    with socket.socket(socket.AF_UNIX) as asker:
        asker.connect(worker)
        asker.sendall(b"GET /count HTTP/1.1\r\nHost: x\r\n\r\n")
        text = asker.recv(4096).partition(b"\r\n\r\n")[2]
        return [int(word) for word in text.split()]


def report(measured, path):
    """Prints the table and whether the goals are met; 1 when one is missed."""
    rows, missed = [], []
    middle = {key: {name: statistics.median(one[name] for one in found) for name in ("per_second", "p50", "p99", "cpu")}
              for key, found in measured.items()}
    for (way, (connections, body)), found in measured.items():
        rates, value = [one["per_second"] for one in found], middle[way, (connections, body)]
        noisy = "" if all(one["quiet"] for one in found) else " *"
        rows.append([f"{connections} x {body:,} B, {way}{noisy}", f"{value['per_second']:,.0f}",
                     f"{min(rates):,.0f}..{max(rates):,.0f}", f"{value['p50']:.0f}",
                     f"{min(one['p50'] for one in found):.0f}..{max(one['p50'] for one in found):.0f}",
                     f"{value['p99']:.0f}", f"{value['cpu']:.1f}"])
    print(markdown(["measured", "req/s", "spread", "p50 µs", "spread", "p99 µs", "CPU µs/req"], rows))
    for body in (1024, 102_400):
        direct, nginx, htr = (middle[way, (1, body)] for way in WAYS)
        added = htr["p50"] - direct["p50"], nginx["p50"] - direct["p50"]
        goal("added p50", f"{body:,} B", added[0], added[0] <= 130, f"nginx {added[1]:.0f}", missed)
        goal("p99", f"{body:,} B", htr["p99"], htr["p99"] <= 1000, f"nginx {nginx['p99']:.0f}", missed)
        part = middle["htr", (32, body)]["per_second"] / middle["nginx", (32, body)]["per_second"]
        goal("share of nginx's throughput, %", f"{body:,} B", part * 100, part >= 0.6, "", missed)
        if middle["direct", (32, body)]["per_second"] < middle["htr", (32, body)]["per_second"]:
            missed.append("direct")
            print("IMPOSSIBLE: htr is faster than the worker behind it; other programs disturbed this run.")
    if path:
        kept = [{"way": way, "connections": cell[0], "body": cell[1], "measured": found}
                for (way, cell), found in measured.items()]
        Path(path).write_text(json.dumps(kept, indent=1) + "\n")
    sys.stdout.flush()
    return 1 if missed else 0


def goal(what, cell, value, is_met, beside, missed):
    print(f"{what}, {cell}: {value:.0f} {'met' if is_met else 'MISSED'}{f' ({beside})' if beside else ''}")
    if not is_met:
        missed.append(what)
