"""htr's recognition network in PyTorch. Runs in the environment that has torch, not in the benchmark's own."""

import torch
from torch import nn
from torch.nn.functional import ctc_loss
from torch.nn.utils.fusion import fuse_conv_bn_eval

CHANNELS = (16, 32, 64, 64, 128, 128, 192)
POOLS = ((2, 2), (2, 2), None, (2, 1), None, (2, 1), (3, 1))
HEIGHT, HIDDEN, CLASSES, DROPOUT = 48, 160, 96, 0.25


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        layers, before = [], 1
        for channels, pool in zip(CHANNELS, POOLS):
            layers += [nn.Conv2d(before, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
                       nn.ReLU(inplace=True)]
            if pool:
                layers.append(nn.MaxPool2d(pool))
            before = channels
        self.trunk = nn.Sequential(*layers)
        self.dropout = nn.Dropout(DROPOUT)
        self.memory = nn.LSTM(before, HIDDEN, num_layers=2, bidirectional=True)
        self.head = nn.Linear(2 * HIDDEN, CLASSES)
        self.shortcut = nn.Conv1d(before, CLASSES, 3, padding=1)

    def forward(self, pictures):
        """Log-probabilities, time x batch x classes; in training those of the shortcut too."""
        features = self.trunk(pictures).squeeze(2)
        sequence, _ = self.memory(self.dropout(features.permute(2, 0, 1)))
        scores = self.head(self.dropout(sequence)).float().log_softmax(-1)
        if not self.training:
            return scores
        return scores, self.shortcut(features).permute(2, 0, 1).float().log_softmax(-1)

    @property
    def count(self):
        """Numbers that are trained. PyTorch's LSTM has two biases where one does: the second is not counted."""
        return sum(value.numel() for name, value in self.named_parameters() if "bias_hh" not in name)

    def fold(self):
        """Ready to read: each norm is part of its convolution, as in htr."""
        self.eval()
        layers = list(self.trunk)
        folded = []
        for layer, following in zip(layers, layers[1:] + [None]):
            if isinstance(layer, nn.Conv2d):
                layer = fuse_conv_bn_eval(layer, following)
            if not isinstance(layer, nn.BatchNorm2d):
                folded.append(layer)
        self.trunk = nn.Sequential(*folded)
        return self


def loss(outputs, labels):
    """CTC and a tenth of the shortcut's, per character."""
    total = 0
    for scores, weight in zip(outputs, (1, 0.1)):
        frames = torch.full((len(labels),), scores.shape[0])
        lengths = torch.full((len(labels),), labels.shape[1])
        total = total + weight * ctc_loss(scores, labels, frames, lengths, reduction="sum", zero_infinity=True)
    return total / labels.numel()


def optimiser(network):
    """AdamW that leaves norms and biases undecayed, in PyTorch's fastest form."""
    matrices = [value for value in network.parameters() if value.ndim > 1]
    vectors = [value for value in network.parameters() if value.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 1e-2}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.98), fused=True)
