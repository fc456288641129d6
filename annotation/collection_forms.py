"""The form of what a campaign collects from one person, until when, and how it measures people against themselves."""

from django import forms

from annotation.forms import Styled

MOST = 1_000_000
WHOLE = ("required", "invalid", "min_value", "max_value")


def _count(label: str, most: int, help_text: str) -> forms.IntegerField:
    wrong = dict.fromkeys(WHOLE, f"Enter a whole number from 0 to {most:,}.")
    return forms.IntegerField(label=label, min_value=0, max_value=most, help_text=help_text, error_messages=wrong)


class LimitsForm(Styled):
    daily_cap = _count("Tasks a person in a day", MOST, "0: as many as there are.")
    total_cap = _count("Tasks a person in all", MOST, "0: as many as there are.")
    deadline = forms.DateTimeField(
        label="Give out tasks until (UTC)",
        required=False,
        help_text="Left empty: until the campaign is closed. A task that is open by then may still be answered.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Enter a date and a time, such as 2027-03-01T18:00."},
    )
    repeat_percent = _count(
        "Hidden repeats among a hundred tasks",
        20,
        "A person's own tasks come a second time after at least 20 others, half with swapped sides. 4 is usual.",
    )
