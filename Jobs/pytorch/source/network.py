"""A small recogniser of handwritten words: convolutions, a two-way LSTM, CTC (Graves et al., 2006)."""

import io

import numpy
import torch
from PIL import Image

HEIGHT, LONGEST = 32, 512


class Recogniser(torch.nn.Module):
    def __init__(self, letters):
        super().__init__()
        layers, channels = [], 1
        for width, pool in ((16, (2, 2)), (32, (2, 2)), (64, (2, 1)), (64, (2, 1))):
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.BatchNorm2d(width), torch.nn.ReLU(),
                       torch.nn.MaxPool2d(pool)]
            channels = width
        self.features = torch.nn.Sequential(*layers)
        self.sequence = torch.nn.LSTM(channels * HEIGHT // 16, 96, bidirectional=True, batch_first=True)
        self.classes = torch.nn.Linear(192, letters + 1)  # class 0 is CTC's blank

    def forward(self, images):
        """Images (batch, 1, 32, width) to logarithms of probabilities (time, batch, classes); time is width / 4."""
        found = self.features(images).permute(0, 3, 1, 2).flatten(2)
        return self.classes(self.sequence(found)[0]).log_softmax(2).permute(1, 0, 2)


def image_tensor(bytes_or_path):
    """A word's image as ink on nothing, 32 pixels high: (1, 32, width), 0 paper, 1 ink."""
    source = io.BytesIO(bytes_or_path) if isinstance(bytes_or_path, bytes) else bytes_or_path
    image = Image.open(source).convert("L")
    width = max(8, min(LONGEST, round(image.width * HEIGHT / image.height)))
    pixels = numpy.asarray(image.resize((width, HEIGHT), Image.BILINEAR), dtype=numpy.float32)
    paper = numpy.percentile(pixels, 90)
    return torch.from_numpy(numpy.clip((paper - pixels) / 128, 0, 1))[None]


def batch(tensors):
    widest = max(tensor.shape[2] for tensor in tensors)
    widest += -widest % 4
    return torch.stack([torch.nn.functional.pad(tensor, (0, widest - tensor.shape[2])) for tensor in tensors])


def texts(scores, alphabet):
    """The best path of each image of a batch."""
    found = []
    for path in scores.argmax(2).permute(1, 0).tolist():
        letters = [now for before, now in zip([0] + path, path) if now and now != before]
        found.append("".join(alphabet[letter - 1] for letter in letters))
    return found
