"""The forms in which a researcher drafts the criteria of a rubric."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.text import slugify

from annotation.forms import Styled, guide_field
from annotation.models import Criterion
from annotation.services.campaigns import CriterionDraft

MAX_CRITERIA = 5


def initial(criteria: Iterable[Criterion]) -> list[dict[str, Any]]:
    """Return locked criteria as the form shows them."""
    return [
        {
            "name": one.name,
            "question": one.question,
            "levels": one.levels,
            "allow_tie": one.allow_tie,
            "allow_both_bad": one.allow_both_bad,
            "scale": one.scale if one.scale != "labels" else f"labels:{_how(one)}",
            "options": "\n".join(": ".join(filter(None, (o["name"], o.get("says")))) for o in one.options),
        }
        for one in criteria
    ]


def _how(criterion: Criterion) -> str:
    if criterion.asks_severity:
        return "severity"
    return "several" if criterion.takes_several else "one"


class GuideForm(Styled):
    guide = guide_field()


class CriterionForm(Styled):
    name = forms.CharField(label="Criterion", max_length=100, required=False)
    question = forms.CharField(label="Question", max_length=300, required=False)
    scale = forms.ChoiceField(
        label="Answered by",
        required=False,
        choices=[
            ("comparison", "left or right"),
            ("rating", "one of the anchors below"),
            ("labels:one", "one of the labels below"),
            ("labels:several", "all labels below that apply"),
            ("labels:severity", "all labels below that apply, each with its severity"),
        ],
    )
    options = forms.CharField(
        label="Anchors or labels",
        required=False,
        max_length=10_000,
        help_text="One a line, such as “In part: answers, with a real gap”; anchors from low to high."
        " Labels left empty start from the failure modes.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    levels = forms.TypedChoiceField(
        label="Levels of left or right",
        required=False,
        coerce=int,
        choices=[(3, "3: left, tie, right"), (5, "5: much better, better"), (7, "7: much, better, slightly")],
        initial=3,
    )
    allow_tie = forms.BooleanField(label="Offer “tie”", required=False, initial=True)
    allow_both_bad = forms.BooleanField(label="Offer “both bad”", required=False, initial=True)

    def clean_options(self) -> tuple[dict[str, str], ...]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines() if line.strip()]
        parts = [line.partition(":") for line in lines]
        if any(len(name.strip()) > 100 or len(says.strip()) > 300 for name, _, says in parts):
            raise forms.ValidationError("A name has at most 100 characters, what it means at most 300.")
        return tuple({"key": slugify(n)[:60], "name": n.strip(), "says": s.strip()} for n, _, s in parts)

    def draft(self) -> CriterionDraft:
        values = self.cleaned_data
        scale, _, how = (values["scale"] or "comparison").partition(":")
        return CriterionDraft(
            key=slugify(values["name"])[:60],
            name=values["name"],
            question=values["question"],
            levels=values["levels"] or 3,
            allow_tie=values["allow_tie"],
            allow_both_bad=values["allow_both_bad"],
            scale=scale,
            options=() if scale == "comparison" else values["options"],
            takes_several=how in {"several", "severity"},
            asks_severity=how == "severity",
        )


class BaseCriteria(forms.BaseFormSet):
    """Up to five criteria; those without a name are left out."""

    def clean(self) -> None:
        if any(self.errors):
            return
        keys = [draft.key for draft in self.drafts()]
        if not keys:
            raise forms.ValidationError("Name at least one criterion.")
        if "" in keys:
            raise forms.ValidationError("A criterion's name needs letters or digits.")
        if len(set(keys)) < len(keys):
            raise forms.ValidationError("Two criteria have the same name. Rename one.")

    def drafts(self) -> list[CriterionDraft]:
        return [form.draft() for form in self.forms if form.cleaned_data.get("name")]


CriteriaFormSet = cast(
    type[BaseCriteria],
    forms.formset_factory(
        CriterionForm, formset=BaseCriteria, extra=MAX_CRITERIA, max_num=MAX_CRITERIA, absolute_max=MAX_CRITERIA
    ),
)
