"""Prepares crops for Tesseract; runs in an environment that has Pillow.

A margin in the paper's tone and stretched contrast help it; a white margin or larger crops do not (tried on words that
are not scored).
"""

import json
import sys
from pathlib import Path

from PIL import Image, ImageOps

MARGIN = 4


def prepared(picture):
    picture = picture.convert("L")
    counts, seen, paper = picture.histogram(), 0, 0
    # The paper is brighter than nine tenths of the crop.
    while paper < 255 and (seen := seen + counts[paper]) < 0.9 * picture.width * picture.height:
        paper += 1
    return ImageOps.autocontrast(ImageOps.expand(picture, MARGIN, paper), cutoff=1)


if __name__ == "__main__":
    for number, path in enumerate(json.load(sys.stdin)):
        prepared(Image.open(path)).save(Path(sys.argv[1]) / f"{number}.png", dpi=(300, 300))
