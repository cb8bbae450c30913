"""Fitting a network: batches, schedules, checkpoints, early stopping."""
