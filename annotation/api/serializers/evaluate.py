"""What evaluators send and receive. Nothing here may name a system, a task, a response or the canonical order."""

from typing import Any

from rest_framework import serializers

from annotation import tasktypes
from annotation.api.strict import Input
from annotation.forms import FLAGS
from annotation.models import Assignment, Criterion, Response
from annotation.services import rubrics
from annotation.services.assignments import SKIP_REASONS
from annotation.services.judgments import SIDES


class AnswerInput(Input):
    """What a criterion's scale asks for: a side of a comparison, a rating, or labels."""

    side = serializers.CharField(
        required=False, max_length=40, help_text=f"One of {', '.join(SIDES)}, as the criterion offers."
    )
    strength = serializers.IntegerField(required=False, allow_null=True, min_value=-100, max_value=100)
    rating = serializers.IntegerField(required=False, min_value=-100, max_value=100)
    labels = serializers.DictField(
        child=serializers.IntegerField(allow_null=True, min_value=-100, max_value=100),
        required=False,
        help_text="Label to severity, null where none is asked; {} when no label applies.",
    )

    def validate(self, answer: dict[str, Any]) -> dict[str, Any]:
        if not answer.keys() & {"side", "rating", "labels"}:
            raise serializers.ValidationError("Send a side, a rating or labels, as the criterion's scale asks.")
        return answer


class JudgmentInput(Input):
    answers = serializers.DictField(child=AnswerInput(), help_text="By criterion.")
    active_ms = serializers.IntegerField(required=False, min_value=0, max_value=86_400_000)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5_000, default="")
    flags = serializers.MultipleChoiceField(choices=FLAGS, required=False, default=set)


class SkipInput(Input):
    reason = serializers.ChoiceField(choices=SKIP_REASONS)


class RatingShown(serializers.Serializer[Any]):
    rating = serializers.IntegerField()
    name = serializers.CharField()
    says = serializers.CharField(allow_blank=True)


class LabelShown(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer field has a label of its own
    name = serializers.CharField()
    says = serializers.CharField(allow_blank=True)


class CriterionShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    question = serializers.CharField()
    scale = serializers.CharField(help_text="comparison, rating or labels")
    menu = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Of a comparison: the sides that may be answered."
    )
    strength_max = serializers.IntegerField(
        required=False, allow_null=True, help_text="With left or right: 1 to this; null: not asked."
    )
    ratings = RatingShown(many=True, required=False, help_text="Of a rating, from low to high.")
    labels = LabelShown(many=True, required=False, help_text="Of labels: those that may apply.")
    takes_several = serializers.BooleanField(required=False)
    severity_max = serializers.IntegerField(required=False, help_text="With each label: 0 to this; absent: not asked.")


class MessageShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    content = serializers.CharField()


class PromptShown(serializers.Serializer[Any]):
    messages = MessageShown(many=True)
    html = serializers.CharField()


class SideShown(serializers.Serializer[Any]):
    text = serializers.CharField()
    html = serializers.CharField()


class AssignmentShown(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Says nothing and repeats for nobody.")
    criteria = CriterionShown(many=True)
    guide_html = serializers.CharField()
    prompt = PromptShown()
    left = SideShown(required=False, help_text="Of a comparison.")
    right = SideShown(required=False, help_text="Of a comparison.")
    response = SideShown(required=False, help_text="Where one response is judged by itself.")
    content_warning = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField()


class ReceiptShown(serializers.Serializer[Any]):
    assignment = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    judgments = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


def show(assignment: Assignment) -> dict[str, Any]:
    """Build what an evaluator sees, from the shown order and never from the canonical one."""
    task = assignment.task
    places = ["left", "right"] if task.response_b_id else ["response"]
    sides = {place: _side(found) for place, found in zip(places, assignment.shown_responses, strict=True)}
    shown = {
        "id": assignment.public_id,
        "criteria": [_criterion(criterion) for criterion in rubrics.criteria(task.rubric_id)],
        "guide_html": task.rubric.guide_html,
        "prompt": {
            "messages": [{"role": m["role"], "content": m["content"]} for m in task.prompt.messages],
            "html": task.prompt.html,
        },
        "content_warning": task.content_warning,
        "expires_at": assignment.expires_at,
    }
    return dict(AssignmentShown(shown | sides).data)


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "key": criterion.key,
        "name": criterion.name,
        "question": criterion.question,
        "scale": criterion.scale,
        **tasktypes.scale_of(criterion).menu(criterion),
    }


def _side(response: Response) -> dict[str, str]:
    return {"text": response.text or "", "html": response.html}
