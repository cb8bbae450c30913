"""Recurrent cells, each written once in two phases: project the inputs, then step."""
