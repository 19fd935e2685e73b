"""One module for each question. Each has TITLE and `measure(bench)`, which answers (rows, notes)."""
