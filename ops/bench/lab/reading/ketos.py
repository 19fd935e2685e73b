"""kraken's recogniser, trained here: word crops as the lines that it knows, its standard network and settings."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).with_name("ketos_process.py")
VERSION = "7.1.1"
# Words between two checkpoints, and words that choose the best of them.
CHECKPOINT_WORDS, VALIDATION_WORDS = 800, 96
BATCH = 8


def requirements(torch):
    """What pip installs. torchvision's own operators, which no recogniser uses, are for one build of PyTorch only."""
    return (torch, "torchvision==0.28.0", f"kraken=={VERSION}")


class Kraken:
    title = "kraken"

    def __init__(self, interpreter, scratch, threads):
        self.interpreter, self.folder, self.threads = interpreter, scratch / "kraken", threads
        self.version, self.model = f"kraken {VERSION}", None

    def train(self, words, seconds):
        """Trains for so long. What is kept is the checkpoint that read the held-out words best."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        lists = {"train": words[VALIDATION_WORDS:], "validation": words[:VALIDATION_WORDS]}
        for part, members in lists.items():
            (self.folder / f"{part}.txt").write_text("".join(f"{self.line(word)}\n" for word in members))
        frequency = CHECKPOINT_WORDS / len(lists["train"])
        command = [
            self.interpreter, PROGRAM, "--threads", self.threads, "--workers", 0, "train", "-f", "path",
            "-t", self.folder / "train.txt", "-e", self.folder / "validation.txt", "-o", self.folder / "model",
            "-B", BATCH, "-F", f"{frequency:.4f}", "-q", "fixed", "-N", 1000]
        with open(self.folder / "log", "wb") as log:
            training = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
            try:
                training.wait(timeout=seconds)
                raise RuntimeError("ketos train ended by itself:\n" + (self.folder / "log").read_text()[-1000:])
            except subprocess.TimeoutExpired:
                training.send_signal(signal.SIGINT)
                try:
                    training.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    training.kill()
        found = [(float(match[1]), path.stat().st_mtime, path) for path in (self.folder / "model").glob("*.ckpt")
                 if (match := re.search(r"-(\d\.\d+)(?:-v\d+)?\.ckpt$", path.name))]
        if not found:
            raise RuntimeError("ketos train left no checkpoint:\n" + (self.folder / "log").read_text()[-1000:])
        self.model = self.folder / "model.safetensors"
        subprocess.run([self.interpreter, PROGRAM, "convert", "-o", self.model, max(found)[2]], check=True, stdout=subprocess.DEVNULL)

    def line(self, word):
        """A link to the crop beside a file of its text, as kraken wants them."""
        folder = self.folder / "lines"
        folder.mkdir(exist_ok=True)
        link = folder / word.name.replace("/", "-")
        link.symlink_to(word.path)
        link.with_suffix(".gt.txt").write_text(word.text)
        return link

    def read(self, words):
        order = json.dumps({"model": str(self.model), "threads": self.threads, "images": [str(word.path) for word in words]})
        done = subprocess.run([self.interpreter, PROGRAM, "--read"], input=order, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])
