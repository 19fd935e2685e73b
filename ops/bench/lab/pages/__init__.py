"""How well and how fast readers read whole pages: the pages, the readers, their scores."""
