from annotation.models.annotators import Annotator
from annotation.models.assignments import Assignment
from annotation.models.audit import AuditEvent
from annotation.models.campaigns import Campaign, Criterion, Membership, Rubric
from annotation.models.heartbeats import Heartbeat
from annotation.models.imports import Import
from annotation.models.invitations import Invitation
from annotation.models.judging import JudgeAttempt, JudgeConfig, JudgeEndpoint, JudgeRequest, JudgeRun
from annotation.models.judgments import Judgment
from annotation.models.reviews import Appeal, Review
from annotation.models.tasks import Gold, Prompt, Response, System, Task
from annotation.models.tokens import ApiToken
from annotation.models.users import User
from annotation.models.vetting import Consent, Enrollment, Qualification, QualificationAnswer

__all__ = [
    "Annotator",
    "ApiToken",
    "Appeal",
    "Assignment",
    "AuditEvent",
    "Campaign",
    "Consent",
    "Criterion",
    "Enrollment",
    "Gold",
    "Heartbeat",
    "Import",
    "Invitation",
    "JudgeAttempt",
    "JudgeConfig",
    "JudgeEndpoint",
    "JudgeRequest",
    "JudgeRun",
    "Judgment",
    "Membership",
    "Prompt",
    "Qualification",
    "QualificationAnswer",
    "Response",
    "Review",
    "Rubric",
    "System",
    "Task",
    "User",
]
