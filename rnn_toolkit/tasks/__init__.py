"""Data, tokenizer, network, training, evaluation and export under one name."""
