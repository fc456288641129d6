"""Measure how far several annotators agree: statistics on arrays and frames, with intervals."""
