"""How well readers read words: the words, the readers, their scores."""
