"""Runs a notebook in Jupyter's own way, cell by cell in a kernel, and prints what its cells print. Usage: run_notebook.py FILE"""

import sys

import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    nbclient.NotebookClient(notebook, timeout=280, kernel_name="python3").execute()
finally:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            print(output.get("text") or output.get("data", {}).get("text/plain", ""), end="")
