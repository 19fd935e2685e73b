"""The readers of pages, each a process of its own that is asked one page at a time."""

import ctypes.util
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

from ..door import Door
from ..programs import Missing
from ..reading.htr import Htr

HERE = Path(__file__).parent


def environment(threads):
    """Without it OpenMP takes every processor."""
    return {**os.environ, "OMP_THREAD_LIMIT": str(threads), "OMP_NUM_THREADS": str(threads)}


def bound(command, processors):
    """The command, kept to these processors."""
    return ["taskset", "-c", ",".join(map(str, processors)), *map(str, command)]


def peak_megabytes(pid):
    """The most memory the process ever had resident (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"the process {pid} tells no peak of its memory")


class LineProcess:
    """A reader that answers each path on its input with a line of JSON."""

    def __init__(self, command, processors):
        self.process = subprocess.Popen(
            bound(command, processors), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment(len(processors)))
        self.version = self.line()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.title} ended with {self.process.wait()}")
        return line.strip()

    def read(self, path):
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return json.loads(self.line())

    @property
    def peak_megabytes(self):
        return peak_megabytes(self.process.pid)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Tesseract(LineProcess):
    title = "Tesseract"

    def __init__(self, processors):
        if not ctypes.util.find_library("tesseract") and not Path("/usr/share/tesseract-ocr").exists():
            raise Missing("tesseract is not installed (Debian: tesseract-ocr)")
        super().__init__([sys.executable, HERE / "tesseract_process.py"], processors)


class RapidOCR(LineProcess):
    title = "RapidOCR"

    def __init__(self, interpreter, processors, is_cut=False):
        """With `is_cut` words are cut out for scoring, which its time should not contain."""
        way = "words" if is_cut else "lines"
        super().__init__([interpreter, HERE / "rapid_process.py", len(processors), way], processors)


class PageWorker:
    """htr's page worker over HTTP on its socket: the image's bytes in, version 1 of the page's JSON out."""

    title = "htr"

    def __init__(self, path, pid=None, server=None):
        """`pid` is known where we have started it (`server`), else the socket tells it."""
        self.path, self.server, self.door = path, server, Door(path)
        self.version = "running worker" if server is None else "own worker"
        self.pid = pid or peer(path)

    def read(self, path):
        body = Path(path).read_bytes()
        kind = "image/png" if Path(path).suffix.lower() == ".png" else "image/jpeg"
        head = (f"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
                f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        answer = self.door.checked(head.encode() + body)
        return [{"text": word.get("text") or "", "polygon": [(point["x"], point["y"]) for point in word["polygon"]]}
                for word in answer["words"]]

    @property
    def peak_megabytes(self):
        return peak_megabytes(self.pid)

    def close(self):
        self.door.close()
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=30)


def peer(path):
    """The process that listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        try:
            one.connect(str(path))
        except OSError as error:
            raise Missing(f"no worker listens on {path}: {error.strerror}") from error
        return struct.unpack("3i", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def page_worker(program, models, processors, folder):
    """A page worker of our own, ready, with as many threads as processors."""
    path = folder / f"pages-{len(processors)}"
    path.unlink(missing_ok=True)
    command = [program, "--socket", path, "--threads", len(processors)]
    for model in models:
        command += ["--model", model]
    with open(folder / "worker.log", "w+b") as log:
        # taskset becomes the worker, so its pid is the worker's.
        server = subprocess.Popen(bound(command, processors), stdout=log, stderr=log)
        Htr.door(path, server, log).close()
    return PageWorker(path, server.pid, server)
