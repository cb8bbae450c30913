"""Measurements behind the figures in README; each is one command."""
