"""Pages from manifests in the form of GNHK and SageMaker Ground Truth: what is written on them, or what was read."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..programs import Missing


@dataclass(frozen=True)
class Word:
    text: str
    polygon: tuple

    @property
    def is_readable(self):
        """Tokens such as %SC% stand for what has no text."""
        return bool(self.text) and not (len(self.text) > 2 and self.text[0] == self.text[-1] == "%")


@dataclass(frozen=True)
class Page:
    name: str
    path: Path
    source: str
    words: tuple
    lines: tuple

    @property
    def words_in_order(self):
        """Line by line; within a line, and where lines are not told, as the manifest has them."""
        line, placed = 0, []
        for index, word in enumerate(self.words):
            line = self.lines[index] if self.lines[index] is not None else line
            placed.append((line, index, word))
        return [word for _, _, word in sorted(placed, key=lambda place: place[:2])]


def from_manifest(path):
    """Every page, in the manifest's order."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as lines:
            pages = [page(json.loads(line), path.resolve().parent) for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Missing(f"the manifest {path} cannot be used: {type(error).__name__}: {error}") from error
    if not pages:
        raise Missing(f"the manifest {path} has no pages")
    return pages


def of_folder(folder):
    """The pages of a data folder: those of its one manifest."""
    folder = Path(folder)
    manifests = sorted(folder.glob("*.manifest"))
    if len(manifests) != 1:
        raise Missing(f"{folder} holds {len(manifests)} manifests, one is needed: name a folder of pages with --data")
    pages = from_manifest(manifests[0])
    if missing := [page.name for page in pages if not page.path.is_file()]:
        raise Missing(f"{len(missing)} pages of {manifests[0]} are not there, first {missing[0]}")
    return pages


def page(entry, folder):
    texts = entry["annotations"]["texts"]
    words = [
        Word(text["text"], tuple((float(point["x"]), float(point["y"])) for point in text["polygon"])) for text in texts]
    source = entry.get("annotations-metadata", {}).get("source", "unnamed")
    reference = entry["source-ref"]
    return Page(Path(reference).name, folder / reference, source, tuple(words),
                tuple(text.get("line_idx") for text in texts))
