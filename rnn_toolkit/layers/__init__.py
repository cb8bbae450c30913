"""Keras layers: recurrent layers with one switch point for exports, pooling, word dropout."""
