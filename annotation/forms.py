"""Forms of the pages; what they accept is what the services then decide on."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify

from annotation import keymap
from annotation.models import ApiToken, Campaign, Membership, User
from annotation.readers.names import FORMAT_CHOICES
from annotation.services import tokens
from annotation.services.assignments import SKIP_REASONS

FLAGS = [
    ("unsafe", "Unsafe content"),
    ("personal_data", "Personal data of somebody"),
    ("broken", "A text is broken or cut off"),
    ("unclear", "The guide does not settle this task"),
]
PLAIN_WIDGETS = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect, forms.HiddenInput)


class Styled(forms.Form):
    """Give the widgets of a form the house's class and no browser-made required marks."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, PLAIN_WIDGETS):
                field.widget.attrs.setdefault("class", "input")


class SignInForm(Styled, AuthenticationForm):
    username = forms.CharField(
        label="User name", widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class ThemeForm(Styled):
    theme = forms.ChoiceField(label="Theme", choices=User.Theme.choices)


class KeysForm(Styled):
    """A key of one's own for each action of the desk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(keymap.OFF, "no key"), *((key, key) for key in keymap.OFFERED)]
        for action, name in keymap.NAMES.items():
            widget = forms.Select(attrs={"class": "input"})
            self.fields[action] = forms.ChoiceField(label=name, choices=choices, required=False, widget=widget)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        taken: dict[str, str] = {}
        for action, key in list(cleaned.items()):
            if key and key in taken:
                self.add_error(action, f"“{key}” is the key of “{keymap.NAMES[taken[key]]}” already.")
            taken[key] = action
        return cleaned


class TokenForm(Styled):
    name = forms.CharField(label="Name", max_length=100, help_text="Where it is used, such as a script or a machine.")
    scope = forms.ChoiceField(
        label="May",
        choices=[(ApiToken.Scope.READ, "read"), (ApiToken.Scope.WRITE, "read and write")],
    )
    days = forms.IntegerField(
        label="Days until it expires",
        min_value=1,
        max_value=tokens.MAX_DAYS,
        initial=30,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Enter a whole number from 1 to {tokens.MAX_DAYS}."
        ),
    )


class SkipForm(Styled):
    assignment = forms.CharField(max_length=22)
    reason = forms.ChoiceField(
        choices=[(reason, reason.capitalize()) for reason in SKIP_REASONS],
    )


class AnswerForm(Styled):
    """Everything of an answer but the criteria's choices, which the rubric decides."""

    assignment = forms.CharField(max_length=22)
    key = forms.CharField(max_length=100)
    active_ms = forms.IntegerField(required=False, min_value=0, max_value=86_400_000)
    comment = forms.CharField(
        required=False,
        max_length=5_000,
        error_messages={"max_length": "A comment has at most 5,000 characters."},
    )
    flags = forms.MultipleChoiceField(required=False, choices=FLAGS)


class DraftForm(Styled):
    """A draft as the page's script sends it: the answer form in one field, and the revision it follows."""

    public_id = forms.CharField(max_length=22)
    content = forms.CharField(required=False, strip=False)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 2)


def guide_field() -> forms.CharField:
    """Ask for what evaluators read beside a task."""
    return forms.CharField(
        label="Guide for evaluators",
        max_length=100_000,
        required=False,
        help_text="Markdown. It stays one key away while they judge.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class CampaignForm(Styled):
    name = forms.CharField(label="Name", max_length=200)
    slug = forms.SlugField(
        label="Short name in addresses",
        max_length=80,
        required=False,
        help_text="Letters, digits and dashes. Left empty, it is made from the name.",
        error_messages={"invalid": "Use letters, digits and dashes only."},
    )
    description = forms.CharField(
        label="Description",
        max_length=10_000,
        required=False,
        help_text="Evaluators read it before they apply.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    task_type = forms.ChoiceField(
        label="What evaluators see",
        required=False,
        choices=[
            ("comparison", "Two answers, to compare"),
            ("rating", "One answer, to rate"),
            ("labeling", "One answer, to label"),
        ],
        initial="comparison",
    )
    guide = guide_field()
    overlap = forms.IntegerField(
        label="Evaluators a task",
        min_value=1,
        max_value=100,
        initial=3,
        help_text="3 is usual. Agreement needs at least 2.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Enter a whole number from 1 to 100."
        ),
    )
    lease_minutes = forms.IntegerField(
        label="Minutes before an open task goes back",
        min_value=1,
        max_value=1_440,
        initial=30,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Enter a whole number from 1 to 1,440."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        slug = cleaned.get("slug") or slugify(cleaned.get("name", ""))[:80]
        if cleaned.get("name") and not slug:
            self.add_error("slug", "Enter a short name; none could be made from the name.")
        elif slug == "new":
            self.add_error("slug", "This address belongs to another page. Choose another short name.")
        elif Campaign.objects.filter(slug=slug).exists():
            self.add_error("slug", "This short name is taken. Choose another one.")
        return cleaned | {"slug": slug, "task_type": cleaned.get("task_type") or "comparison"}


class DecisionForm(Styled):
    """What becomes of an evaluator's standing."""

    action = forms.ChoiceField(choices=[("accept", "Accept"), ("suspend", "Suspend")])
    reason = forms.CharField(label="Reason", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("action") == "suspend" and not cleaned.get("reason"):
            self.add_error("reason", "Give a reason; the person reads it.")
        return cleaned


class MemberForm(Styled):
    username = forms.CharField(
        label="User name", max_length=150, widget=forms.TextInput(attrs={"autocapitalize": "none"})
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[
            (Membership.Role.RESEARCHER, "researcher: changes the campaign"),
            (Membership.Role.AUDITOR, "auditor: reads everything"),
        ],
    )

    def clean_username(self) -> User:
        found = User.objects.filter(username=self.cleaned_data["username"], is_active=True).first()
        if found is None:
            raise forms.ValidationError("Nobody here has this user name. Check the spelling.")
        return found


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files under one name."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files]


class ImportForm(Styled):
    format = forms.ChoiceField(label="Format", choices=FORMAT_CHOICES)
    uploads = FilesField(
        label="Files",
        help_text="One file, or all files of a folder at once.",
        max_length=200,
        error_messages={"required": "Choose at least one file.", "empty": "This file is empty. Choose another one."},
    )
    source_name = forms.CharField(
        label="Name of the source",
        max_length=100,
        required=False,
        help_text="Kept with every row. Left empty, it is the campaign's short name.",
    )
    pairs_per_prompt = forms.IntegerField(
        label="Comparisons a prompt",
        required=False,
        min_value=1,
        max_value=1_000,
        help_text="Without a pairs file. Left empty: all pairs of up to five responses, else one pair a response.",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Enter a whole number from 1 to 1,000."),
    )
