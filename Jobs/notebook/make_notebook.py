"""Makes flow.ipynb of flow.py, whose cells begin with `# %%`. Usage: make_notebook.py [--check]"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent


def cells(text):
    for part in text.split("# %%")[1:]:
        head, _, body = part.partition("\n")
        lines = body.strip("\n").splitlines()
        if head.strip() == "[markdown]":
            yield "markdown", [line.removeprefix("#").removeprefix(" ") for line in lines]
        else:
            yield "code", lines


def notebook(text):
    found = []
    for number, (kind, lines) in enumerate(cells(text), 1):
        source = [line + "\n" for line in lines[:-1]] + lines[-1:]
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        found.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": found, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


made = notebook((FOLDER / "flow.py").read_text())
if sys.argv[1:] == ["--check"]:
    if (FOLDER / "flow.ipynb").read_text() != made:
        sys.exit("flow.ipynb is not made of flow.py as it is: run Jobs/notebook/make_notebook.py")
else:
    (FOLDER / "flow.ipynb").write_text(made)
