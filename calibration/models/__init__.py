from calibration.models.agreement import Agreement, PairAgreement
from calibration.models.estimates import Estimate, ItemEstimate
from calibration.models.exports import Export
from calibration.models.judges import JudgeReport
from calibration.models.labels import ClassShare, ItemClass, LabelAccuracy, ShareDifference
from calibration.models.runs import Run
from calibration.models.standings import Standing

__all__ = [
    "Agreement",
    "ClassShare",
    "Estimate",
    "Export",
    "ItemClass",
    "ItemEstimate",
    "JudgeReport",
    "LabelAccuracy",
    "PairAgreement",
    "Run",
    "ShareDifference",
    "Standing",
]
