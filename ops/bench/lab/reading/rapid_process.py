"""Reads crops with RapidOCR; runs in the environment that has it. Its models are in its wheel."""

import json
import sys
from importlib.metadata import version

from rapidocr import RapidOCR


def main():
    reader = RapidOCR(params={"Global.log_level": "error"})
    texts = []
    for path in json.load(sys.stdin):
        # One by one: in a batch it would pad every crop to the widest.
        answer = reader(path, use_det=False, use_cls=False)
        texts.append("".join(answer.txts or ()))
    versions = [f"{name} {version(name)}" for name in ("rapidocr", "onnxruntime")]
    print("\n" + json.dumps({"version": ", ".join(versions), "texts": texts}))


if __name__ == "__main__":
    main()
