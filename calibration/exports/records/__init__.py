"""The four tables of a release: what their columns are, and how facts become rows."""

from calibration.exports.records import annotators, calibrated, judgments, systems

TABLES = (judgments.TABLE, calibrated.TABLE, annotators.TABLE, systems.TABLE)
