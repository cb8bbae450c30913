"""How far an exported model may be from the model it came from."""

TOLERANCE = 1e-5
NO_BUNDLE = "No bundle was written."
