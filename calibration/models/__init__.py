from calibration.models.agreement import Agreement
from calibration.models.estimates import Estimate, ItemEstimate
from calibration.models.exports import Export
from calibration.models.runs import Run

__all__ = ["Agreement", "Estimate", "Export", "ItemEstimate", "Run"]
