"""Tesseract 5: one word an image, its LSTM engine, crops prepared as serves it best."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

from ..programs import Missing

PROGRAM = Path(__file__).with_name("tesseract_crops.py")
# Images of one process.
BATCH = 200


class Tesseract:
    title = "Tesseract"

    def __init__(self, interpreter, scratch):
        """`interpreter` has Pillow, to prepare the crops."""
        if not shutil.which("tesseract"):
            raise Missing("tesseract is not installed (Debian: tesseract-ocr)")
        self.interpreter, self.folder = interpreter, scratch / "tesseract"
        version = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
        self.version = (version.stdout or version.stderr).splitlines()[0]

    def read(self, words):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        order = json.dumps([str(word.path) for word in words])
        subprocess.run([self.interpreter, PROGRAM, self.folder], input=order, text=True, check=True)
        crops = [self.folder / f"{number}.png" for number in range(len(words))]
        return [text for start in range(0, len(crops), BATCH) for text in self.batch(crops[start:start + BATCH])]

    def batch(self, crops):
        """One process; the table that it prints says which image each word is from."""
        order = self.folder / "order.txt"
        order.write_text("".join(f"{crop}\n" for crop in crops))
        done = subprocess.run(
            ["tesseract", order, "stdout", "--psm", "8", "--oem", "1", "-l", "eng", "tsv"], capture_output=True,
            text=True, check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
        texts = [""] * len(crops)
        for row in csv.DictReader(done.stdout.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["level"] == "5":
                texts[int(row["page_num"]) - 1] += row["text"] or ""
        return texts
