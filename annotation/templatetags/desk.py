"""What the answer forms of the desk need."""

import json
from collections.abc import Mapping

from django import template

from annotation import keymap
from annotation.models import User
from annotation.tasktypes import answers

register = template.Library()


@register.simple_tag
def severity_field(criterion: answers.Criterion, label: str) -> str:
    return answers.severity_name(criterion, label)


@register.filter
def severity(chosen: Mapping[str, int], label: str) -> int | None:
    """Return how severe a label was marked so far."""
    return chosen.get(label)


@register.filter
def chance(value: float) -> str:
    """Write a chance in percent, without claiming never or always."""
    percent = 100 * value
    if percent < 0.1:
        return "under 0.1%"
    return "over 99.9%" if percent > 99.9 else f"{percent:.1f}%"


@register.filter
def known(outcome: str) -> str:
    return {"a": "A is better", "b": "B is better", "tie": "Tie", "both_bad": "Both bad"}[outcome]


@register.simple_tag
def key_map(user: User) -> str:
    """Return the keys in force as the desk's script reads them from an attribute."""
    return json.dumps(keymap.in_force(user.keys))
