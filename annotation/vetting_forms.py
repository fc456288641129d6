"""The forms of vetting: the test and its line, what evaluators agree to, a known answer with its reason."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator

from annotation.forms import Styled
from annotation.models import Campaign, Invitation, User
from annotation.services import evaluators

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
    training_size = forms.IntegerField(
        label="Tasks in the training",
        min_value=0,
        max_value=50,
        required=False,
        help_text="Known answers before the test, each explained at once. 5 to 10 are usual. Left empty: none.",
        error_messages=dict.fromkeys(WHOLE, "Enter a whole number from 0 to 50."),
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


class ProfileForm(Styled):
    """What a person says of themselves, in the campaign's own coarse words; nothing of it is asked for."""

    group = forms.ChoiceField(
        label="Whom you speak for",
        required=False,
        help_text="Voluntary. It is shown nowhere beside your name.",
    )
    languages = forms.CharField(
        label="Languages you read",
        max_length=100,
        required=False,
        help_text="Codes such as en, de. Left empty: tasks in any language.",
    )
    expertise = forms.MultipleChoiceField(
        label="Fields you are versed in", required=False, widget=forms.CheckboxSelectMultiple
    )
    takes_warned = forms.BooleanField(
        label="Show me tasks with a content warning too; their texts are blurred until I open them", required=False
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group, expertise = self.fields["group"], self.fields["expertise"]
        group.choices = [("", "I prefer not to say"), *((one, one) for one in campaign.groups)]  # type: ignore[attr-defined]
        expertise.choices = [(one, one) for one in campaign.fields_of_expertise]  # type: ignore[attr-defined]
        if not campaign.groups:
            del self.fields["group"]
        if not campaign.fields_of_expertise:
            del self.fields["expertise"]

    def clean_languages(self) -> list[str]:
        """Keep the language of each code and leave its region out."""
        codes = [code.strip().lower().split("-")[0] for code in self.cleaned_data["languages"].split(",")]
        wrong = [code for code in codes if code and not (code.isascii() and code.isalpha() and len(code) in {2, 3})]
        if wrong:
            raise forms.ValidationError(f"“{wrong[0][:20]}” is no language code. Write codes such as en, de.")
        return sorted({code for code in codes if code})

    def profile(self) -> evaluators.Profile:
        said = self.cleaned_data
        return evaluators.Profile(said.get("group", ""), tuple(said["languages"]), tuple(said.get("expertise", [])))


class ApplicationForm(ProfileForm):
    """What an applicant agrees to, and what they say of themselves."""

    consent = forms.IntegerField(required=False)


class TestAnswerForm(Styled):
    __test__ = False

    attempt = forms.IntegerField(min_value=0, max_value=2)
    place = forms.IntegerField(min_value=1, max_value=200)


class InvitationForm(Styled):
    role = forms.ChoiceField(
        label="Invite as",
        choices=[
            (Invitation.Role.EVALUATOR, "evaluator: gets tasks"),
            (Invitation.Role.RESEARCHER, "researcher: changes the campaign"),
            (Invitation.Role.AUDITOR, "auditor: reads everything"),
        ],
    )
    note = forms.CharField(label="For whom", max_length=200, required=False, help_text="Only members read it.")


class SignUpForm(Styled):
    """An account made by somebody who holds an invitation."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=200,
        help_text="At least 12 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("This user name is taken. Choose another one, or sign in if it is yours.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], User(username=cleaned.get("username", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


class ProfileListsForm(Styled):
    """What applicants may say of themselves: one a line."""

    groups = forms.CharField(
        label="Whom applicants may speak for",
        max_length=1_000,
        required=False,
        help_text="One a line, coarse, such as “patients” and “staff”. It is always voluntary.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    fields_of_expertise = forms.CharField(
        label="Fields of expertise",
        max_length=1_000,
        required=False,
        help_text="One a line. A task with the tag “expert:law” goes only to those versed in “law”.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_groups(self) -> list[str]:
        return _lines(self.cleaned_data["groups"])

    def clean_fields_of_expertise(self) -> list[str]:
        return _lines(self.cleaned_data["fields_of_expertise"])


def _lines(text: str) -> list[str]:
    found = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(found) > 20 or any(len(line) > 60 for line in found):
        raise forms.ValidationError("At most 20 lines of 60 characters.")
    return found


class AppealForm(Styled):
    text = forms.CharField(
        label="What should be looked at again?",
        max_length=2_000,
        help_text="A researcher reads it and answers here.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what should be looked at again."},
    )


class AppealAnswerForm(Styled):
    decision = forms.ChoiceField(choices=[("uphold", "Uphold"), ("decline", "Decline")])
    answer = forms.CharField(max_length=2_000, error_messages={"required": "Say why. The person reads it."})
