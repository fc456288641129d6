"""The forms of vetting: the test and its line, what evaluators agree to, a known answer with its reason."""

from typing import Any

from django import forms

from annotation.forms import Styled

WHOLE = ("required", "invalid", "min_value", "max_value")


class TestForm(Styled):
    __test__ = False  # no test of pytest's

    size = forms.IntegerField(
        label="Tasks in the test",
        min_value=0,
        max_value=200,
        help_text="Each has a known answer. 24 is usual; below 20 hardly anybody is told apart. 0: no test.",
        error_messages=dict.fromkeys(WHOLE, "Enter a whole number from 0 to 200."),
    )
    line = forms.IntegerField(
        label="Right answers to pass",
        min_value=0,
        max_value=200,
        required=False,
        help_text="Left empty: the highest line that somebody right nine times in ten passes 99 times in 100.",
        error_messages=dict.fromkeys(WHOLE, "Enter a whole number from 0 to 200."),
    )
    gold_percent = forms.IntegerField(
        label="Known answers among a hundred tasks",
        min_value=0,
        max_value=50,
        help_text="They look like any other task. 10 is usual.",
        error_messages=dict.fromkeys(WHOLE, "Enter a whole number from 0 to 50."),
    )


class ConsentForm(Styled):
    text = forms.CharField(
        label="What evaluators agree to",
        max_length=20_000,
        help_text="Markdown. Saving it makes the next version; who agreed to an earlier one keeps it.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class GoldForm(Styled):
    outcome = forms.ChoiceField(
        label="Known answer",
        choices=[("a", "A is better"), ("b", "B is better"), ("tie", "Tie"), ("both_bad", "Both bad")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the known answer."},
    )
    justification = forms.CharField(
        label="Why",
        max_length=5_000,
        help_text="People who answered otherwise in the test read it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why this is the answer."},
    )


class ApplicationForm(Styled):
    """What an applicant agrees to."""

    consent = forms.IntegerField(required=False)
    takes_warned = forms.BooleanField(
        label="Show me tasks with a content warning too; their texts are blurred until I open them", required=False
    )

    def clean(self) -> dict[str, Any]:
        return super().clean() or {}


class TestAnswerForm(Styled):
    __test__ = False

    attempt = forms.IntegerField(min_value=1, max_value=2)
    place = forms.IntegerField(min_value=1, max_value=200)
