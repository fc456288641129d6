"""What evaluators send and receive. Nothing here may name a system, a task, a response or the canonical order."""

from typing import Any

from rest_framework import serializers

from annotation.api.strict import Input
from annotation.forms import FLAGS
from annotation.models import Assignment, Criterion, Response
from annotation.services import rubrics
from annotation.services.assignments import SKIP_REASONS
from annotation.services.judgments import SIDES


class AnswerInput(Input):
    side = serializers.CharField(max_length=40, help_text=f"One of {', '.join(SIDES)}, as the criterion offers.")
    strength = serializers.IntegerField(required=False, allow_null=True, min_value=-100, max_value=100)


class JudgmentInput(Input):
    answers = serializers.DictField(child=AnswerInput(), help_text="By criterion.")
    active_ms = serializers.IntegerField(required=False, min_value=0, max_value=86_400_000)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5_000, default="")
    flags = serializers.MultipleChoiceField(choices=FLAGS, required=False, default=set)


class SkipInput(Input):
    reason = serializers.ChoiceField(choices=SKIP_REASONS)


class CriterionShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    question = serializers.CharField()
    menu = serializers.ListField(child=serializers.CharField(), help_text="The sides that may be answered.")
    strength_max = serializers.IntegerField(
        allow_null=True, help_text="With left or right: 1 to this; null: not asked."
    )


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
    left = SideShown()
    right = SideShown()
    content_warning = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField()


class ReceiptShown(serializers.Serializer[Any]):
    assignment = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    judgments = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


def show(assignment: Assignment) -> dict[str, Any]:
    """Build what an evaluator sees, from the shown order and never from the canonical one."""
    task = assignment.task
    first, second = task.response_a, task.response_b
    if assignment.shown_order == "ba":
        first, second = second, first
    shown = {
        "id": assignment.public_id,
        "criteria": [_criterion(criterion) for criterion in rubrics.criteria(task.rubric_id)],
        "guide_html": task.rubric.guide_html,
        "prompt": {
            "messages": [{"role": m["role"], "content": m["content"]} for m in task.prompt.messages],
            "html": task.prompt.html,
        },
        "left": _side(first),
        "right": _side(second),
        "content_warning": task.content_warning,
        "expires_at": assignment.expires_at,
    }
    return dict(AssignmentShown(shown).data)


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "key": criterion.key,
        "name": criterion.name,
        "question": criterion.question,
        "menu": ["left", "right", *(["tie"] * criterion.allow_tie), *(["both_bad"] * criterion.allow_both_bad)],
        "strength_max": criterion.levels // 2 if criterion.levels > 3 else None,
    }


def _side(response: Response) -> dict[str, str]:
    return {"text": response.text or "", "html": response.html}
