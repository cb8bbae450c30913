"""Reading, checking and batching data."""
