"""Decoding: host code over one step function, the same for every runtime."""
