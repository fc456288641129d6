"""LLM judges as annotators: frozen configurations, planned requests, raw attempts, the same door for verdicts."""

from annotation.services.judging.endpoints import change_endpoint
from annotation.services.judging.estimating import Estimate, estimate
from annotation.services.judging.gating import set_gate
from annotation.services.judging.leasing import Wait, due, take
from annotation.services.judging.planning import plan
from annotation.services.judging.registering import JudgeRefused, add_judge
from annotation.services.judging.rereading import reread
from annotation.services.judging.running import NotRecorded, carry_out
from annotation.services.judging.runs import cancel, finish_if_done, pause, resume, sentinel_report

__all__ = [
    "Estimate",
    "JudgeRefused",
    "NotRecorded",
    "Wait",
    "add_judge",
    "cancel",
    "carry_out",
    "change_endpoint",
    "due",
    "estimate",
    "finish_if_done",
    "pause",
    "plan",
    "reread",
    "resume",
    "sentinel_report",
    "set_gate",
    "take",
]
