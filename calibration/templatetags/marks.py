"""Marks on a beam, drawn on the server: geometry in attributes, color in classes."""

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calibration.views import figures
from calibration.views.figures import Figure, Scale

register = template.Library()
register.filter("age", figures.age)
HEAT_STEPS = 7
KIND_CLASSES = {"human": "", "judge": "k2", "oracle": "k2", "heuristic": "k2", "system": "k0", "pooled": "k0"}
SHARES = (("a", "A", "share-1"), ("tie", "tie", "share-3"), ("b", "B", "share-2"), ("both_bad", "both bad", "share-0"))


@register.simple_tag
def figure(shown: Figure | None) -> SafeString:
    """Write an estimate with its interval, or why there is none."""
    if shown is None:
        return format_html('<span class="range">{}</span>', "not estimated")
    if shown.is_few:
        return format_html('<span class="range">{}</span>', shown.text)
    return format_html('{} <span class="range">{}</span>', shown.estimate, shown.interval)


@register.inclusion_tag("components/interval.html")
def interval(shown: Figure | None, scale: Scale, kind: str = "system", label: str = "") -> dict[str, Any]:
    """Draw an estimate and its interval on a beam; without a label the text beside it must say the same."""
    return {
        "kind_class": KIND_CLASSES[kind],
        "shape": _shape(kind),
        "label": label,
        "reference": None if scale.reference is None else _percent(scale.percent(scale.reference)),
        "mark": None if shown is None or shown.is_few else _mark(shown, scale),
    }


def _mark(shown: Figure, scale: Scale) -> dict[str, Any]:
    low, high = scale.percent(shown.low), scale.percent(shown.high)
    return {
        "bar": _percent(low),
        "width": _percent(high - low),
        "dot": _percent(scale.percent(shown.value)),
        "clipped": not scale.holds(shown),
    }


def _percent(value: float) -> str:
    return f"{value:.1f}%"


@register.inclusion_tag("components/ruler.html")
def ruler(scale: Scale, name: str) -> dict[str, Any]:
    """Draw the ruler of a column, once, in its head."""
    return {"ticks": scale.ticks, "name": name}


@register.simple_tag
def kind(of: str) -> SafeString:
    """Draw the shape that stands for people, judges, or what is pooled; no space follows it."""
    drawn = render_to_string("components/kind.html", {"kind_class": KIND_CLASSES[of], "shape": _shape(of)})
    return SafeString(drawn.rstrip())


def _shape(of: str) -> str:
    return {"": "circle", "k2": "diamond"}.get(KIND_CLASSES[of], "square")


@register.inclusion_tag("calibration/chart.html")
def chart(drawn: Mapping[str, Any], label: str) -> dict[str, str]:
    """Leave a place for a chart that static/js/charts.js draws; its table stands beside it."""
    return {"drawn": json.dumps(drawn, separators=(",", ":")), "label": label}


@register.inclusion_tag("components/shares.html")
def shares(counts: Mapping[str, int]) -> dict[str, Any]:
    """Draw the outcomes of a task as parts of one bar; its label lists the counts."""
    total = sum(counts.get(key, 0) for key, _, _ in SHARES)
    start, parts = 0.0, []
    for key, _, css in SHARES:
        width = 100 * counts.get(key, 0) / total if total else 0.0
        if width:
            parts.append({"css": css, "x": _percent(start), "width": _percent(width)})
        start += width
    return {"parts": parts, "label": ", ".join(f"{word} {counts.get(key, 0)}" for key, word, _ in SHARES)}


@register.filter
def heat(shown: Figure | None) -> str:
    """Return the class of a heat cell: seven equal steps from 0 to 1, dashed where the data are few."""
    if shown is None or shown.n < figures.SPARSE:
        return "h-few"
    return heat_step(shown.value)


@register.filter
def heat_step(share: float) -> str:
    """Return the class of a heat cell that holds a probability."""
    return f"h{min(max(int(share * HEAT_STEPS), 0), HEAT_STEPS - 1)}"


@register.filter
def fraction(value: float) -> str:
    """Write a probability as a heat cell does: .63, and 1.0 at the end."""
    text = figures.number(value)
    return text.replace("0", "", 1) if abs(round(value, 2)) < 1 else figures.number(value, digits=1)


@register.filter
def decimals(value: object, digits: int = 2) -> str:
    """Write a diagnostic or a posterior probability, which need no interval; a dash where there is none."""
    return figures.number(value, digits=digits) if isinstance(value, int | float) else "–"


@register.filter
def short_hash(value: str) -> str:
    return f"{value[:8]}…{value[-2:]}" if len(value) > 12 else value or "–"


@register.filter
def size(value: int | None) -> str:
    """Write a number of bytes in the unit that a reader expects."""
    amount = float(value or 0)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{figures.number(amount, digits=0 if unit == 'B' else 1)} {unit}"
        amount /= 1000
    return f"{figures.number(amount, digits=1)} GB"


@register.filter
def seconds(value: object) -> str:
    """Write a duration as a person says it; a dash where there is none."""
    if not isinstance(value, int | float):
        return "–"
    if value < 90:
        return f"{figures.number(value, digits=0)} s"
    minutes = round(value / 60)
    return f"{minutes} min" if minutes < 90 else f"{figures.number(value / 3600, digits=1)} h"
