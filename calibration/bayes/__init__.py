"""Bayesian models of judgments; the only importer of PyMC, ArviZ, nutpie and PyTensor."""
