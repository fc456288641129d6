from calibration.models.agreement import Agreement, PairAgreement
from calibration.models.estimates import Estimate, ItemEstimate
from calibration.models.exports import Export
from calibration.models.judges import JudgeReport
from calibration.models.runs import Run
from calibration.models.standings import Standing

__all__ = ["Agreement", "Estimate", "Export", "ItemEstimate", "JudgeReport", "PairAgreement", "Run", "Standing"]
