"""RapidOCR's recogniser alone, on the crops as they are: margins and larger crops made it worse."""

import json
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).with_name("rapid_process.py")
REQUIREMENTS = ("rapidocr==3.10.*", "onnxruntime")


class RapidOCR:
    title = "RapidOCR"

    def __init__(self, interpreter):
        self.interpreter, self.version = interpreter, ""

    def read(self, words):
        order = json.dumps([str(word.path) for word in words])
        done = subprocess.run([self.interpreter, PROGRAM], input=order, stdout=subprocess.PIPE, text=True, check=True)
        answer = json.loads(done.stdout.splitlines()[-1])
        self.version = answer["version"]
        return answer["texts"]
