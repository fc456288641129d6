"""The filters of the judgments page as an address says them; what it does not know, it refuses."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict

from annotation.forms import Styled
from annotation.models import Annotator, Campaign, Criterion, Judgment, System, Task
from calibration.models import Run
from calibration.views.tables.judgment_filters import USES, Filters

ANY = ("", "Any")
LARGEST_KEY = 2**63 - 1
KINDS = [
    ANY,
    ("human", "Evaluators"),
    ("judge", "Judges"),
    ("oracle", "Oracles"),
    ("heuristic", "Heuristics"),
    ("human-judge", "Evaluators and judges"),
    ("not-human", "All but evaluators"),
]
ORDERS = [ANY, ("ab", "A left"), ("ba", "B left"), ("unknown", "Not known")]
POOLS = ["regular", "edge", "adversarial", "out-of-distribution", "gold", "canary"]


class Refused(ValueError):
    """The address asks for something that there is not; the message says what to change."""


class JudgmentForm(Styled):
    """Explicit filters: each field narrows the list, an empty one does not."""

    use = forms.ChoiceField(label="Counts", choices=[ANY, *USES.items()])
    criterion = forms.ChoiceField(label="Criterion")
    kind = forms.ChoiceField(label="Kind of annotator", choices=KINDS)
    annotator = forms.CharField(label="Annotator", max_length=200, help_text="Name or id.")
    partner = forms.CharField(label="On tasks shared with", max_length=200, help_text="Another annotator.")
    system = forms.CharField(label="System", max_length=200, help_text="Name or key.")
    against = forms.CharField(label="Against", max_length=200, help_text="Another system.")
    task = forms.CharField(label="Task", max_length=60, help_text="T-17, or its id.")
    outcome = forms.ChoiceField(label="Answer", choices=[ANY, *Judgment.Outcome.choices])
    order = forms.ChoiceField(label="Shown", choices=ORDERS)
    tag = forms.CharField(label="Tag", max_length=100)
    pool = forms.ChoiceField(label="Pool", choices=[ANY, *((pool, pool) for pool in POOLS)])
    language = forms.CharField(label="Language", max_length=35)
    since = forms.DateField(label="Submitted since", widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.DateField(label="Submitted before", widget=forms.DateInput(attrs={"type": "date"}))
    dated = forms.ChoiceField(label="Moment known", choices=[ANY, ("yes", "Yes"), ("no", "No")])
    paired = forms.ChoiceField(label="On tasks with others", choices=[ANY, ("yes", "Judged by two or more")])
    run = forms.UUIDField(widget=forms.HiddenInput)
    after = forms.IntegerField(min_value=1, max_value=LARGEST_KEY, widget=forms.HiddenInput)

    def __init__(self, sent: QueryDict, *, campaign: Campaign) -> None:
        super().__init__(sent)
        self.campaign = campaign
        for field in self.fields.values():
            field.required = False
        keys = Criterion.objects.filter(rubric__campaign=campaign).order_by("-rubric__version", "position")
        named = dict(reversed(list(keys.values_list("key", "name"))))
        self.fields["criterion"].choices = [ANY, *named.items()]  # type: ignore[attr-defined]

    def clean_run(self) -> Run | None:
        wanted = self.cleaned_data["run"]
        return self._one(Run.objects.filter(campaign=self.campaign, public_id=wanted), "run") if wanted else None

    def clean_annotator(self) -> Annotator | None:
        return self._annotator("annotator")

    def clean_partner(self) -> Annotator | None:
        return self._annotator("partner")

    def clean_system(self) -> System | None:
        return self._system("system")

    def clean_against(self) -> System | None:
        return self._system("against")

    def clean_task(self) -> Task | None:
        if not (wanted := self.cleaned_data["task"]):
            return None
        number = wanted.upper().removeprefix("T-")
        if number.isascii() and number.isdecimal() and int(number) <= LARGEST_KEY:
            return self._one(self.campaign.tasks.filter(pk=int(number)), "task")
        return self._one(self.campaign.tasks.filter(public_id=_uuid(wanted, "task")), "task")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for one, other in (("annotator", "partner"), ("system", "against")):
            if given.get(other) and not given.get(one):
                raise forms.ValidationError(f"{other} needs {one}. Name both, or take {other} away.")
            if given.get(other) and given.get(other) == given.get(one):
                raise forms.ValidationError(f"{other} and {one} are the same. Name another {one}.")
        return given

    def _annotator(self, name: str) -> Annotator | None:
        if not (wanted := self.cleaned_data[name]):
            return None
        here = Annotator.objects.filter(pk__in=self.campaign.judgments.values("annotator"))
        try:
            return self._one(here.filter(public_id=uuid.UUID(wanted)), "annotator")
        except ValueError:
            return self._one(here.filter(name=wanted), "annotator")

    def _system(self, name: str) -> System | None:
        if not (wanted := self.cleaned_data[name]):
            return None
        here = self.campaign.systems
        return here.filter(key=wanted).first() or self._one(here.filter(name=wanted), "system")

    def _one(self, rows: Any, noun: str) -> Any:
        found = list(rows[:2])
        if len(found) == 1:
            return found[0]
        many = f"There are several of this name; give the {noun}'s id."
        raise forms.ValidationError(many if found else f"This campaign has no such {noun}.")


def _uuid(text: str, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise forms.ValidationError(f"{name} is a number like T-17, or an id.") from None


def read(sent: QueryDict, campaign: Campaign) -> tuple[JudgmentForm, Filters, int | None]:
    """Return the form, the filters it says, and the key after which the page begins.

    Raises
    ------
    Refused
        For a parameter that is unknown, stands twice or has no meaning here.
    """
    form = JudgmentForm(sent, campaign=campaign)
    for name, values in sent.lists():
        if name not in form.fields:
            raise Refused(f"There is no filter {name[:80]!r} here. Known: {', '.join(form.fields)}.")
        if len(values) > 1:
            raise Refused(f"The filter {name!r} stands twice. Give it once.")
        if "\0" in values[0]:
            raise Refused(f"The filter {name!r} holds a NUL. Take it away.")
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Refused(f"{'' if name == '__all__' else f'{name}: '}{' '.join(map(str, errors))}")
    given = {name: value for name, value in form.cleaned_data.items() if value}
    after = given.pop("after", None)
    return form, Filters(**given | {"paired": "paired" in given}), after
