"""Forms of the judges: what is frozen, what a run may cost, how an endpoint is reached."""

from decimal import Decimal
from typing import Any

from django import forms

from annotation.forms import Styled

OUTPUTS = [
    ("schema", "A structured answer, reason first"),
    ("text", "A last line that names the verdict"),
    ("logprob", "Probabilities of one word"),
]
PRICE: dict[str, Any] = {
    "max_digits": 12,
    "decimal_places": 6,
    "min_value": Decimal(0),
    "required": False,
}


def key_field(label: str) -> forms.CharField:
    """Return a field that takes a key and never shows one."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted for this address; nobody can read it back.",
    )


class JudgeForm(Styled):
    name = forms.CharField(label="Name", max_length=200)
    family = forms.CharField(
        label="Family",
        max_length=100,
        help_text="Who makes the model. Systems of the same family are watched for self-preference.",
    )
    base_url = forms.URLField(
        label="Base URL",
        max_length=500,
        assume_scheme="https",
        help_text="Of an OpenAI-compatible endpoint, such as https://host.example/v1",
    )
    model = forms.CharField(label="Model", max_length=200, help_text="The exact snapshot, as the endpoint names it.")
    api_key = key_field("Key")
    output = forms.ChoiceField(label="Answers with", choices=OUTPUTS, required=False)
    samples = forms.IntegerField(label="Samples of each order", min_value=1, max_value=20, required=False)
    price_in = forms.DecimalField(label="Price of a million tokens read", **PRICE)
    price_out = forms.DecimalField(label="Price of a million tokens written", **PRICE)

    def judge(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        settings = {name: given.pop(name) for name in ("output", "samples") if name in given}
        return given | {"settings_": settings}


class RunForm(forms.Form):
    budget = forms.DecimalField(max_digits=12, decimal_places=4, min_value=Decimal(0), required=False)
    kind = forms.ChoiceField(choices=[("judging", "judging"), ("battery", "battery")], required=False)


class EndpointForm(Styled):
    base_url = forms.URLField(
        label="Base URL", max_length=500, assume_scheme="https", help_text="A new address forgets the key."
    )
    api_key = key_field("New key")
    requests_per_minute = forms.IntegerField(label="Requests a minute", min_value=1, max_value=100_000)
    tokens_per_minute = forms.IntegerField(
        label="Tokens a minute", min_value=0, max_value=10**9, help_text="0: not limited."
    )
    max_concurrent = forms.IntegerField(label="Calls at once", min_value=1, max_value=100)
