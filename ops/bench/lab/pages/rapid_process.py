"""Reads pages with RapidOCR; runs in the environment that has it. Its models (PP-OCRv6 small) are in its wheel.

Arguments: the number of threads, and `words` or `lines`. Each line of the input names an image, each line of the
output is what was read, as JSON: words cut out for scoring, or its own lines with their words when it is timed.
"""

import json
import sys
from importlib.metadata import version

import cv2
from rapidocr import RapidOCR

from rapid_words import words_of


def main():
    threads, is_cut = int(sys.argv[1]), sys.argv[2] == "words"
    cv2.setNumThreads(threads)
    reader = RapidOCR(params={
        "Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    })
    print(", ".join(f"{name} {version(name)}" for name in ("rapidocr", "onnxruntime")), flush=True)
    for line in sys.stdin:
        picture = cv2.imread(line.rstrip("\n"))
        answer = reader(picture, return_word_box=True, return_single_char_box=is_cut)
        words = words_of(picture, answer) if is_cut else own(answer)
        print(json.dumps(words), flush=True)


def own(answer):
    return [{"text": text, "polygon": [list(map(float, point)) for point in box]}
            for line in answer.word_results or () for text, _, box in line]


if __name__ == "__main__":
    main()
