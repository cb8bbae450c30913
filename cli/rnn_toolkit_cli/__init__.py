"""The console program of rnn-toolkit."""
