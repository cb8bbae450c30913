"""Files of word vectors: reading them whole, aligning them with a vocabulary, writing them."""
