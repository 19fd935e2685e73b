"""Trains a letter model (n-grams) on text files: script mode with the standard library only."""

import argparse
import collections
import json
import math
import os
import pathlib


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--order", type=int, default=2)
    arguments = parser.parse_args()

    texts = sorted(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]).rglob("*.txt"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    print(f"{len(texts)} files, {len(text)} characters")

    for order in range(arguments.order + 1):
        counts = collections.defaultdict(collections.Counter)
        for index in range(order, len(text)):
            counts[text[index - order:index]][text[index]] += 1
        bits = sum(
            -math.log2(count / sum(followers.values())) * count
            for followers in counts.values()
            for count in followers.values()
        )
        print(f"Order {order}: Perplexity {2 ** (bits / max(1, len(text) - order)):.4f}")

    model = {context: dict(sorted(followers.items())) for context, followers in sorted(counts.items())}
    path = pathlib.Path(os.environ["SM_MODEL_DIR"]) / "letters.json"
    path.write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
