"""htr's inference worker, asked over its socket as a client would."""

import base64
import json
import subprocess
import tempfile
import time
from pathlib import Path

from ..door import Door

BATCH = 64
START_SECONDS = 60


class Htr:
    def __init__(self, program, model, threads, is_best_path):
        self.title = "htr, best path" if is_best_path else "htr"
        self.version = Path(model).resolve().name
        self.command = [program, "--model", model, "--threads", str(threads)] + ["--best-path"] * is_best_path

    def read(self, words):
        # A folder of its own with a short name: a socket's path has 107 bytes.
        with tempfile.TemporaryDirectory(prefix="hb-") as folder, open(Path(folder) / "log", "w+b") as log:
            path = Path(folder) / "socket"
            server = subprocess.Popen([*self.command, "--socket", path], stdout=log, stderr=log)
            try:
                door = self.door(path, server, log)
                return [text for start in range(0, len(words), BATCH) for text in ask(door, words[start:start + BATCH])]
            finally:
                server.terminate()
                try:
                    server.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()

    @staticmethod
    def door(path, server, log):
        """A connection to the worker, once it says that it is ready."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and server.poll() is None:
            door = Door(path)
            try:
                status, _ = door.exchange(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if status == 200:
                    return door
            except OSError:
                pass  # It does not listen yet.
            door.close()
            time.sleep(0.05)
        log.seek(0)
        raise RuntimeError("htr-inference did not become ready:\n" + log.read().decode(errors="replace")[-1000:])


def ask(door, words):
    body = json.dumps({"images": [base64.b64encode(word.path.read_bytes()).decode() for word in words]}).encode()
    head = (f"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    predictions = door.checked(head.encode() + body)["predictions"]
    if len(predictions) != len(words):
        raise RuntimeError(f"htr-inference answered {len(predictions)} readings for {len(words)} images")
    return [prediction["text"] for prediction in predictions]
