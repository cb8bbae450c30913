"""Tokenizers: one description (tokenizer.json), read the same way everywhere."""
