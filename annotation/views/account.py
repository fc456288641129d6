"""A person's own settings and API tokens."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import keymap
from annotation.forms import KeysForm, ThemeForm, TokenForm
from annotation.models import ApiToken, Enrollment, User
from annotation.services import tokens
from annotation.views.access import SignedInRequest, signed_in


@require_GET
@signed_in
def account(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@require_POST
@signed_in
def theme(request: SignedInRequest) -> HttpResponse:
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return _page(request, theme_form=form, status=422)
    # A display setting is no fact of the record: it leaves no audit event.
    User.objects.filter(pk=request.user.pk).update(theme=form.cleaned_data["theme"])
    messages.success(request, "Theme saved.")
    return redirect("account")


@require_POST
@signed_in
def keys(request: SignedInRequest) -> HttpResponse:
    form = KeysForm(request.POST)
    if not form.is_valid():
        return _page(request, keys_form=form, status=422)
    changed = {action: key for action, key in form.cleaned_data.items() if key != keymap.DEFAULTS[action]}
    # Like the theme, no fact of the record.
    User.objects.filter(pk=request.user.pk).update(keys=changed)
    messages.success(request, "Keys saved.")
    return redirect("account")


@require_POST
@signed_in
def token_create(request: SignedInRequest) -> HttpResponse:
    """Answer with the page itself: the secret is shown in this one response and kept nowhere."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, token_form=form, status=422)
    token, secret = tokens.create(user=request.user, **form.cleaned_data)
    return _page(request, made=token, secret=secret, status=201)


@require_POST
@signed_in
def token_revoke(request: SignedInRequest, token_key: str) -> HttpResponse:
    token = get_object_or_404(ApiToken, user=request.user, token_key=token_key)
    tokens.revoke(token=token, by=request.user)
    messages.success(request, f"{token.name} is revoked. Its next use is refused.")
    return redirect("account")


def _page(request: SignedInRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = {
        "theme_form": ThemeForm(initial={"theme": request.user.theme}),
        "keys_form": KeysForm(initial=keymap.DEFAULTS | request.user.keys),
        "token_form": TokenForm(),
        "evaluates": Enrollment.objects.filter(annotator__user=request.user).exists(),
        "tokens": ApiToken.objects.filter(user=request.user).order_by("-created"),
    }
    return render(request, "annotation/account.html", context | extra, status=status)
