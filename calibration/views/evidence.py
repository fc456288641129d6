"""Addresses of the judgments behind a figure."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse

from annotation.models import Annotator, Campaign, Criterion, System, Task
from calibration.models import Run


def href(campaign: Campaign, **filters: Any) -> str:
    """Return the address of the judgments that the filters hold; an empty one is left out.

    With a run the record is shown as the run saw it, without one as it stands now.
    """
    given = [(name, _value(value)) for name, value in filters.items() if value]
    return f"{reverse('calibration:judgments', args=[campaign.slug])}{'?' if given else ''}{urlencode(given)}"


def _value(value: Any) -> str:
    if isinstance(value, Run | Annotator | Task):
        return str(value.public_id)
    if isinstance(value, System | Criterion):
        return value.key
    assert not isinstance(value, Model)
    return "yes" if value is True else str(value)
