"""A judge without a model: a loopback server whose biases are settings, for the demo and for tests."""
