"""Calibrate a file or a frame by itself: no server, no database, no account."""

from calibration.standalone.calibrating import calibrate
from calibration.standalone.problems import BadInput
from calibration.standalone.results import Calibration

__all__ = ["BadInput", "Calibration", "calibrate"]
