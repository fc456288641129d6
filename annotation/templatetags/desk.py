"""What the answer forms of the desk need."""

from collections.abc import Mapping

from django import template

from annotation.tasktypes import answers

register = template.Library()


@register.simple_tag
def severity_field(criterion: answers.Criterion, label: str) -> str:
    return answers.severity_name(criterion, label)


@register.filter
def severity(chosen: Mapping[str, int], label: str) -> int | None:
    """Return how severe a label was marked so far."""
    return chosen.get(label)
