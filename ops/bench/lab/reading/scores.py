"""One way of scoring for every reader: case and punctuation count."""

import random
import unicodedata

RESAMPLES, SEED = 1_000, 1
# Typographic signs for those that a transcript has.
PLAIN = str.maketrans("‘’‚‛“”„‟–—―−", "''''" + '""""' + "----")


def plain(text):
    """Without white space (a word has none), typographic and full-width signs as plain ones: no reader's fault."""
    return "".join(unicodedata.normalize("NFKC", text).translate(PLAIN).split())


def distance(left, right):
    """Insertions, deletions and replacements from one text to the other (Levenshtein)."""
    row = list(range(len(right) + 1))
    for number, letter in enumerate(left, 1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(right, 1):
            diagonal, row[place] = row[place], min(diagonal + (letter != other), row[place] + 1, row[place - 1] + 1)
    return row[-1]


def score(words, readings):
    """All words together, then each source: CER and exact rate in percent, with 95 % bootstrap intervals."""
    groups = {"all": list(range(len(words)))}
    for index, word in enumerate(words):
        groups.setdefault(word.source, []).append(index)
    truths = [plain(word.text) for word in words]
    found = [plain(reading) for reading in readings]
    errors = [distance(truth, reading) for truth, reading in zip(truths, found)]
    lengths = [len(truth) for truth in truths]
    return {
        name: rates([errors[index] for index in members], [lengths[index] for index in members])
        for name, members in groups.items()
    }


def rates(errors, lengths):
    everything = range(len(errors))
    # The same seed draws the same words for every reader.
    dice = random.Random(SEED)
    drawn = sorted_rates(errors, lengths, [dice.choices(everything, k=len(errors)) for _ in range(RESAMPLES)])
    (cer, exact), (low, high) = rate(errors, lengths, everything), (RESAMPLES * 25 // 1000, RESAMPLES * 975 // 1000 - 1)
    return {
        "words": len(errors), "cer": cer, "cer_interval": [drawn[0][low], drawn[0][high]],
        "exact": exact, "exact_interval": [drawn[1][low], drawn[1][high]],
    }


def sorted_rates(errors, lengths, draws):
    pairs = [rate(errors, lengths, draw) for draw in draws]
    return sorted(cer for cer, _ in pairs), sorted(exact for _, exact in pairs)


def rate(errors, lengths, members):
    """CER (all errors to all characters) and the share of words without an error, in percent."""
    total = sum(map(lengths.__getitem__, members))
    wrong = list(map(errors.__getitem__, members))
    return 100 * sum(wrong) / max(1, total), 100 * wrong.count(0) / max(1, len(wrong))
