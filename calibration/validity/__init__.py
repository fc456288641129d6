"""Judges against people: design-based checks that stand beside the model and do not need it. Plain Python."""
