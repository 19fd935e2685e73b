"""One way of scoring pages for every reader: where the words are, what they say, and in which order.

hmean       of precision and recall of the words' places: IoU at least 0.5, one to one, the best pair first (ICDAR 2015)
end_to_end  the same, where the texts must be equal too
words       words that were read somewhere on their page, in percent of those that are there: order does not matter
cer         errors to characters of whole pages in percent, words in the reader's order with a space between

Words that cannot be read (%SC%) count nowhere, and neither does what lies on them.
"""

import json
import random
import subprocess
from collections import Counter
from pathlib import Path

from ..reading.scores import RESAMPLES, SEED, distance, plain

OVERLAPS = Path(__file__).with_name("overlap_process.py")
LEAST_OVERLAP = 0.5
FIGURES = ("hmean", "end_to_end", "words", "cer")


def score(pages, readings, interpreter):
    """All pages together, then each source: every figure with its 95 % bootstrap interval over pages.

    `readings` has for each page its words in order, each with `text` and `polygon`; `interpreter` has shapely.
    """
    question = [{
        "truth": [word.polygon for word in page.words], "counts": [word.is_readable for word in page.words],
        "found": [word["polygon"] for word in words],
    } for page, words in zip(pages, readings)]
    done = subprocess.run(
        [interpreter, OVERLAPS], input=json.dumps(question), stdout=subprocess.PIPE, text=True, check=True)
    tallies = [tally(*one) for one in zip(pages, readings, json.loads(done.stdout))]
    groups = {"all": tallies}
    for page, one in zip(pages, tallies):
        groups.setdefault(page.source, []).append(one)
    return {name: with_intervals(members) for name, members in groups.items()}


def tally(page, words, overlaps):
    """What is counted on one page; sums of these give the figures of many."""
    ignored = set(overlaps["ignored"])
    read = [plain(word["text"]) for word in words]
    matches = one_to_one(overlaps["pairs"], ignored)
    readings = [text for index, text in enumerate(read) if index not in ignored]
    texts = [plain(word.text) for word in page.words_in_order if word.is_readable]
    reference = " ".join(texts)
    return Counter({
        "truth": len(texts), "found": len(readings), "matched": len(matches),
        "right": sum(plain(page.words[truth].text) == read[found] for truth, found in matches),
        "shared": (Counter(texts) & Counter(readings)).total(), "characters": len(reference),
        "errors": distance(reference, " ".join(filter(None, readings))),
    })


def one_to_one(pairs, ignored):
    """Pairs (truth, found) that overlap enough, each side once, the best first."""
    truths, founds, matches = set(), set(ignored), []
    for truth, found, overlap in pairs:
        if overlap >= LEAST_OVERLAP and truth not in truths and found not in founds:
            truths.add(truth)
            founds.add(found)
            matches.append((truth, found))
    return matches


def figures(tallies):
    total = Counter()
    for one in tallies:
        total.update(one)
    sides = max(1, total["truth"] + total["found"])
    return {
        "hmean": 2 * total["matched"] / sides, "end_to_end": 2 * total["right"] / sides,
        "words": 100 * total["shared"] / max(1, total["truth"]),
        "cer": 100 * total["errors"] / max(1, total["characters"]),
    }


def with_intervals(tallies):
    # The same seed draws the same pages for every reader.
    dice = random.Random(SEED)
    drawn = [figures(dice.choices(tallies, k=len(tallies))) for _ in range(RESAMPLES)]
    low, high = RESAMPLES * 25 // 1000, RESAMPLES * 975 // 1000 - 1
    result = {"pages": len(tallies), "true_words": sum(one["truth"] for one in tallies), **figures(tallies)}
    for name in FIGURES:
        values = sorted(one[name] for one in drawn)
        result[f"{name}_interval"] = [values[low], values[high]]
    return result
