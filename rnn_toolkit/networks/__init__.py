"""The Keras models of the tasks; they know nothing of exports."""
