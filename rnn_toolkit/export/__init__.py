"""One file per export format, and the verification of each."""
