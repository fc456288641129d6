"""The parts that pages are composed of; leaves are plain includes, parts with contents are block tags."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify

from annotation.models import Campaign
from annotation.views.access import sees_campaigns

register = template.Library()

SIGN_OF = {"ok": "ok", "warn": "warn", "bad": "bad"}
TABS = (
    ("overview", "Overview", "calibration:overview"),
    ("agreement", "Agreement", "calibration:agreement"),
    ("annotators", "Annotators", "calibration:annotators"),
    ("systems", "Systems", "calibration:systems"),
    ("tasks", "Tasks", "calibration:tasks"),
    ("judgments", "Judgments", "calibration:judgments"),
    ("runs", "Runs", "calibration:runs"),
    ("releases", "Releases", "calibration:releases"),
    ("people", "People", "campaign-people"),
    ("inbox", "Inbox", "campaign-inbox"),
    ("rubric", "Rubric", "campaign-rubric"),
    ("vetting", "Vetting", "campaign-vetting"),
    ("collection", "Collection", "campaign-collection"),
    ("import", "Import", "campaign-import"),
    ("judges", "Judges", "campaign-judges"),
)


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    label: str
    is_current: bool = False
    count: int | None = None


@register.simple_block_tag
def panel(
    content: str, title: str, note: str = "", foot: str = "", size: str = "", level: int = 2, id: str = ""
) -> str:
    """Frame contents under a heading; the note says unit, n and interval level."""
    named = {"title": title, "note": note, "foot": foot, "size": size, "level": level}
    return render_to_string("components/panel.html", named | {"content": content, "id": id or _heading_id(title)})


def _heading_id(title: str) -> str:
    return f"h-{slugify(title)}"


@register.simple_block_tag
def banner(content: str, kind: str, sign: str = "", role: str = "", href: str = "", action: str = "") -> str:
    named = {"kind": kind, "sign": sign or SIGN_OF[kind], "role": role, "href": href, "action": action}
    return render_to_string("components/banner.html", named | {"content": content})


@register.simple_block_tag
def table(content: str, label: str, variant: str = "") -> str:
    """Wrap rows in a named group that scrolls by itself."""
    return render_to_string("components/table.html", {"content": content, "label": label, "variant": variant})


@register.simple_block_tag
def state(content: str, title: str, href: str = "", action: str = "", level: int = 3) -> str:
    """Say why there is nothing, with a way on."""
    named = {"title": title, "href": href, "action": action, "level": level}
    return render_to_string("components/state.html", named | {"content": content})


@register.inclusion_tag("components/tabs.html")
def campaign_tabs(campaign: Campaign, current: str, counts: dict[str, int] | None = None) -> dict[str, Any]:
    tabs = [
        Link(reverse(name, args=[campaign.slug]), label, key == current, (counts or {}).get(key))
        for key, label, name in TABS
    ]
    return {"tabs": tabs, "label": "Campaign"}


@register.simple_tag(takes_context=True)
def main_nav(context: Context) -> list[Link]:
    """Offer each person the pages that exist for them."""
    request = context["request"]
    links = [("campaigns", "Campaigns")] if sees_campaigns(request.user) else [("evaluate-list", "Your tasks")]
    return [Link(reverse(name), label, request.path.startswith(reverse(name))) for name, label in links]
