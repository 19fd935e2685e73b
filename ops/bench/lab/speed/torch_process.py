"""One process of PyTorch's side: does steps for some seconds and prints one line of JSON.

Several processes share a batch: each has its part, and in training they add their gradients up after each step, as
htr's threads do.
"""

import argparse
import contextlib
import json
import statistics
import time

import torch
from torch import distributed

from network import CLASSES, HEIGHT, Recogniser, loss, optimiser

LETTERS = 6


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=("train", "read"))
    parser.add_argument("--dtype", choices=("float32", "autocast", "bfloat16"))
    parser.add_argument("--rendezvous")
    for name in ("threads", "processes", "rank", "batch", "width"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--seconds", type=float)
    return parser.parse_args()


def precision(dtype):
    if dtype == "autocast":
        return torch.autocast("cpu", torch.bfloat16)
    return contextlib.nullcontext()


class Training:
    """Whole steps: forward, backward, clipping, AdamW."""

    def __init__(self, chosen, pictures):
        self.chosen, self.pictures = chosen, pictures
        self.network = Recogniser().to(memory_format=torch.channels_last).train()
        self.optimiser = optimiser(self.network)
        self.labels = torch.randint(1, CLASSES, (len(pictures), LETTERS))
        self.parameters = list(self.network.parameters())

    def step(self, wants_to_stop):
        """True when any of the processes wanted to stop."""
        self.optimiser.zero_grad(set_to_none=True)
        with precision(self.chosen.dtype):
            outputs = self.network(self.pictures)
        loss(outputs, self.labels).backward()
        if self.chosen.processes > 1:
            wants_to_stop = self.add_up(wants_to_stop)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=True)
        self.optimiser.step()
        return wants_to_stop

    def add_up(self, wants_to_stop):
        gradients = [value.grad for value in self.parameters]
        # The wish to stop goes with the gradients, so that all processes do the same number of steps.
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients] + [torch.tensor([float(wants_to_stop)])])
        distributed.all_reduce(flat)
        *parts, flag = flat.split([gradient.numel() for gradient in gradients] + [1])
        for gradient, part in zip(gradients, parts):
            gradient.copy_(part.view(gradient.shape) / self.chosen.processes)
        return flag.item() > 0


class Reading:
    """Scores of a batch, norms folded into the convolutions."""

    def __init__(self, chosen, pictures):
        self.chosen = chosen
        self.network = Recogniser().fold().to(memory_format=torch.channels_last)
        self.pictures = pictures
        if chosen.dtype == "bfloat16":
            self.network, self.pictures = self.network.bfloat16(), pictures.bfloat16()

    def step(self, wants_to_stop):
        with torch.inference_mode(), precision(self.chosen.dtype):
            self.network(self.pictures)
        return wants_to_stop


def measure(work, seconds):
    """Seconds of each step, the first few left out."""
    for _ in range(4):
        work.step(False)
    if distributed.is_initialized():
        distributed.barrier()
    times, end = [], time.monotonic() + seconds
    while True:
        start = time.monotonic()
        is_last = work.step(start >= end and len(times) >= 5)
        times.append(time.monotonic() - start)
        if is_last:
            return times


def main():
    chosen = options()
    torch.manual_seed(chosen.rank)
    torch.set_num_threads(chosen.threads)
    torch.set_flush_denormal(True)
    if chosen.processes > 1:
        distributed.init_process_group(
            "gloo", init_method=f"file://{chosen.rendezvous}", rank=chosen.rank, world_size=chosen.processes)
    share = chosen.batch // chosen.processes
    pictures = (torch.rand(share, 1, HEIGHT, chosen.width) < 0.15).float()
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    count = Recogniser().count
    times = sorted(measure((Training if chosen.task == "train" else Reading)(chosen, pictures), chosen.seconds))
    median = statistics.median(times)
    print(json.dumps({
        "words_per_second": share / median, "p50_ms": 1000 * median, "p99_ms": 1000 * times[len(times) * 99 // 100],
        "steps": len(times), "parameters": count, "torch": torch.__version__,
    }))
    if chosen.processes > 1:
        distributed.barrier()
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
