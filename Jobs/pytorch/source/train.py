"""Trains the network of network.py on a manifest of word images, in SageMaker's script mode."""

import argparse
import json
import os
import pathlib
import random
import time

import torch

from network import Recogniser, batch, image_tensor, texts


def words_of(folder, name):
    """(image, text) of the manifest's lines that are images of one word."""
    found = []
    for line in (folder / name).read_text().splitlines():
        entry = json.loads(line)
        words = entry["annotations"]["texts"] if "annotations" in entry else entry["words"]
        if len(words) == 1:
            found.append((image_tensor(folder / entry["source-ref"]), words[0]["text"]))
    return found


def distance(left, right):
    """Levenshtein's."""
    row = list(range(len(right) + 1))
    for number, letter in enumerate(left, 1):
        corner, row[0] = row[0], number
        for place, other in enumerate(right, 1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (letter != other))
    return row[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    random.seed(1)

    folder = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
    train, test = words_of(folder, "train.manifest"), words_of(folder, "test.manifest")
    alphabet = sorted({letter for _, text in train for letter in text})
    print(f"{len(train)} words to train, {len(test)} to test, {len(alphabet)} letters", flush=True)
    model = Recogniser(len(alphabet))
    optimiser = torch.optim.AdamW(model.parameters(), lr=arguments.learning_rate)
    loss_of = torch.nn.CTCLoss(zero_infinity=True)

    started, epoch = time.monotonic(), 0
    while time.monotonic() - started < arguments.minutes * 60:
        epoch += 1
        random.shuffle(train)
        model.train()
        losses = []
        for start in range(0, len(train), arguments.batch_size):
            part = train[start:start + arguments.batch_size]
            scores = model(batch([image for image, _ in part]))
            labels = [torch.tensor([alphabet.index(letter) + 1 for letter in text]) for _, text in part]
            loss = loss_of(scores, torch.cat(labels), torch.full((len(part),), scores.shape[0]),
                           torch.tensor([len(label) for label in labels]))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
            optimiser.step()
            losses.append(loss.item())
            if time.monotonic() - started > arguments.minutes * 60:
                break
        model.eval()
        errors = letters = 0
        with torch.no_grad():
            for image, text in test:
                errors += distance(texts(model(batch([image])), alphabet)[0], text)
                letters += len(text)
        print(f"Epoch {epoch}: Train loss {sum(losses) / len(losses):.4f}", flush=True)
        print(f"Test CER {errors / max(letters, 1):.4f}", flush=True)

    place = pathlib.Path(os.environ["SM_MODEL_DIR"]) / "model.pt"
    torch.save({"alphabet": alphabet, "weights": model.state_dict()}, place)
    print(f"{sum(each.numel() for each in model.parameters())} parameters saved", flush=True)


if __name__ == "__main__":
    main()
