"""A client of Steelyard's REST API, of the standard library alone: in a script, or as the command `steelyard`."""

from steelyard.client import Client, Refused

__all__ = ["Client", "Refused"]
