from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api import roles
from annotation.api.endpoints import CampaignEndpoint, Endpoint
from annotation.api.problems import Problem
from annotation.api.serializers.evaluate import AssignmentShown, JudgmentInput, ReceiptShown, SkipInput, show
from annotation.models import Annotator, User
from annotation.services import assignments, judgments, undo

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="A random string of your own, up to 100 characters. A repeated request with it stores nothing new.",
)


class Next(CampaignEndpoint):
    role_table = {"POST": roles.EVALUATORS}

    @extend_schema(request=None, responses={200: AssignmentShown, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        """Return your running task or lease the next one; 204 when none is left for you."""
        leased = assignments.next_at_desk(user=self.user, slug=slug).assignment
        return Response(status=204) if leased is None else Response(show(leased))


class Answers(Endpoint):
    role_table = {"POST": roles.SIGNED_IN}

    @extend_schema(request=JudgmentInput, responses={201: ReceiptShown, 200: ReceiptShown}, parameters=[KEY])
    def post(self, request: Request, public_id: str) -> Response:
        """Answer all criteria of your task, exactly once; 200 when the same answer came before."""
        annotator, key = _annotator(self.user), _key(request)
        body = JudgmentInput(data=request.data)
        body.is_valid(raise_exception=True)
        sent = body.validated_data
        submission = judgments.submit(
            by=annotator,
            assignment_id=public_id,
            answers=_answers(sent["answers"]),
            idempotency_key=key,
            active_ms=sent.get("active_ms"),
            comment=sent["comment"],
            flags=sorted(sent["flags"]),
        )
        return Response(_receipt(public_id, submission), status=200 if submission.replayed else 201)


class Skip(Endpoint):
    role_table = {"POST": roles.SIGNED_IN}

    @extend_schema(request=SkipInput, responses={204: None})
    def post(self, request: Request, public_id: str) -> Response:
        """Give your task back; you do not get it again."""
        annotator = _annotator(self.user)
        body = SkipInput(data=request.data)
        body.is_valid(raise_exception=True)
        assignments.skip(annotator=annotator, public_id=public_id, reason=body.validated_data["reason"])
        return Response(status=204)


class Undo(Endpoint):
    role_table = {"POST": roles.SIGNED_IN}

    @extend_schema(request=None, responses=AssignmentShown)
    def post(self, request: Request, public_id: str) -> Response:
        """Take your answer back within 30 seconds; the task is yours again. Answer it with a new key."""
        annotator = _annotator(self.user)
        undo.undo(by=annotator, assignment_id=public_id)
        return Response(show(assignments.get_own(public_id=public_id, annotator=annotator)))


def _annotator(user: User) -> Annotator:
    found = Annotator.objects.filter(user=user).first()
    if found is None:
        raise Http404
    return found


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        message = (
            "Send an Idempotency-Key header with a random string, so that a repeated request stores nothing twice."
        )
        raise Problem(400, "idempotency_key_missing", message)
    if len(key) > judgments.MAX_IDEMPOTENCY_KEY or not key.isascii() or not key.isprintable():
        raise Problem(400, "idempotency_key_bad", "An Idempotency-Key has 1 to 100 printable ASCII characters.")
    return key


def _answers(sent: dict[str, Any]) -> dict[str, judgments.Answer]:
    """Take the answers of people only: those that say why there is no verdict belong to judges."""
    for answer in sent.values():
        if answer.get("side") not in (None, *judgments.SIDES):
            message = f"{answer['side']!r} is not an answer. Choose one of {', '.join(judgments.SIDES)}."
            raise judgments.AnswerRefused(message)
    return {key: judgments.Answer(**answer) for key, answer in sent.items()}


def _receipt(public_id: str, submission: judgments.Submission) -> Any:
    rows = submission.judgments
    receipt = {
        "assignment": public_id,
        "submitted_at": rows[0].submitted_at,
        "judgments": [{"id": str(row.public_id), "criterion": row.criterion.key} for row in rows],
    }
    return ReceiptShown(receipt).data
