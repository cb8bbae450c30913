"""Metrics and the baselines beside them."""
