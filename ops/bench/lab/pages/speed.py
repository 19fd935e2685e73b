"""How long one page takes and how much memory, the readers taking turns."""

import os
import subprocess
import time
from pathlib import Path

from ..figures import quantile

SAMPLE = Path(__file__).with_name("sample_process.py")
SIZE = (960, 1280)
WORDS = 80
WARM_UP = 2


def sample_page(pages, interpreter, folder):
    """The page of the data that comes nearest to 80 words, at 960 x 1280; its path and words."""
    chosen = min(pages, key=lambda page: (abs(len(page.words) - WORDS), page.name))
    path = folder / "sample.jpg"
    subprocess.run([interpreter, SAMPLE, chosen.path, path, *map(str, SIZE)], check=True)
    return path, len(chosen.words), chosen.name


def measure(makers, path, runs, threads):
    """For each reader: seconds of every run, peak memory, words; `makers` make readers bound to processors."""
    processors = sorted(os.sched_getaffinity(0))[:threads]
    readers = []
    try:
        for make in makers:
            readers.append(make(processors))
        seconds, words = [[] for _ in readers], [0] * len(readers)
        for number in range(-WARM_UP, runs):
            for index, reader in enumerate(readers):
                begin = time.perf_counter()
                words[index] = len(reader.read(path))
                if number >= 0:
                    seconds[index].append(time.perf_counter() - begin)
        return [{
            "reader": reader.title, "version": reader.version, "threads": len(processors), "seconds": times,
            "p50": quantile(times, 0.5), "p90": quantile(times, 0.9), "peak_megabytes": reader.peak_megabytes,
            "words": count,
        } for reader, times, count in zip(readers, seconds, words)]
    finally:
        for reader in readers:
            reader.close()
