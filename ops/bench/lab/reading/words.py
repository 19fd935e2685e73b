"""Words to read: crops from a manifest in the form of GNHK and SageMaker Ground Truth."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..programs import Missing


@dataclass(frozen=True)
class Word:
    name: str
    path: Path
    text: str
    source: str


def from_manifest(path, limit=None):
    """Every word of a manifest of crops, or `limit` of them at even distances."""
    path = Path(path)
    words = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    words.append(word(json.loads(line), path.resolve().parent, f"line {number}"))
    except (OSError, ValueError, KeyError) as error:
        raise Missing(f"the manifest {path} cannot be used: {type(error).__name__}: {error}") from error
    # Tokens such as %SC% stand for what has no text.
    words = [word for word in words if not (word.text.startswith("%") and word.text.endswith("%"))]
    if limit and limit < len(words):
        words = [words[index * len(words) // limit] for index in range(limit)]
    if not words:
        raise Missing(f"the manifest {path} has no words")
    return words


def word(entry, folder, place):
    texts = entry["annotations"]["texts"]
    if len(texts) != 1:
        raise ValueError(f"{place} has {len(texts)} texts: crops of one word each are needed, not pages")
    name = entry["source-ref"]
    image = folder / name
    if not image.is_file():
        raise ValueError(f"{place}: there is no file {name}")
    return Word(name, image, texts[0]["text"], entry.get("annotations-metadata", {}).get("source", "unnamed"))
