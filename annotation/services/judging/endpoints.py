"""Where judges are reached: the address, its sealed key, its limits."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from annotation.judges import client, outbound, sealing
from annotation.models import Campaign, JudgeEndpoint, User
from annotation.permissions import check_may_change
from annotation.services import audit

# A host of our own takes what it can; others have limits that their owners set.
OWN_HOST_RATE = 6_000
LIMITS = ("requests_per_minute", "tokens_per_minute", "max_concurrent")


class JudgeRefused(ValueError):
    """The judge cannot be added or changed as described."""


def of_address(campaign: Campaign, base_url: str, *, by: User) -> JudgeEndpoint:
    """Return the campaign's endpoint at this address, made at the first use."""
    check_address(base_url)
    found = JudgeEndpoint.objects.filter(campaign=campaign, base_url=base_url).first()
    if found:
        return found
    made = JudgeEndpoint(campaign=campaign, base_url=base_url)
    if is_allow_listed(base_url):
        made.requests_per_minute = OWN_HOST_RATE
    audit.save(made, "judge_endpoint.create", by=by, campaign=campaign)
    return made


@transaction.atomic
def change_endpoint(*, endpoint: JudgeEndpoint, by: User, base_url: str = "", api_key: str = "", **limits: int) -> None:
    """Change address, key or limits; with the address the key goes, because it was given to somebody else."""
    check_may_change(by, endpoint.campaign)
    locked = JudgeEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    if base_url and base_url != locked.base_url:
        check_address(base_url)
        if JudgeEndpoint.objects.filter(campaign=locked.campaign, base_url=base_url).exists():
            raise JudgeRefused("Another judge of this campaign is reached at this address already.")
        locked.base_url, locked.sealed_key = base_url, None
    for name, value in limits.items():
        if name not in LIMITS or value < (name != "tokens_per_minute"):
            raise JudgeRefused("Limits are whole numbers: at least 1, and 0 for tokens that are not limited.")
        setattr(locked, name, value)
    if api_key:
        _seal(locked, api_key)
    audit.save(locked, "judge_endpoint.change", by=by, campaign=locked.campaign, has_key=locked.has_key)
    endpoint.refresh_from_db()


def _seal(endpoint: JudgeEndpoint, api_key: str) -> None:
    try:
        client.Endpoint(base_url=endpoint.base_url, api_key=api_key)
    except client.BadKey as error:
        raise JudgeRefused(str(error)) from None
    endpoint.sealed_key = sealing.seal(settings.SECRET_KEY, api_key, bound_to=endpoint.base_url)


def check_address(base_url: str) -> None:
    """Refuse an address that policy does not let us call."""
    try:
        outbound.resolve(base_url, allow_listed=is_allow_listed(base_url))
    except (outbound.OutboundRefused, outbound.Unresolvable) as error:
        raise JudgeRefused(str(error)) from None


def is_allow_listed(base_url: str) -> bool:
    return (urlsplit(base_url).hostname or "") in settings.JUDGE_ALLOWED_HOSTS


def opened(endpoint: JudgeEndpoint) -> client.Endpoint:
    """Return the endpoint with its key, for the moment of a call."""
    key = ""
    if endpoint.sealed_key is not None:
        sealed = bytes(endpoint.sealed_key)
        key = sealing.unseal(settings.SECRET_KEY, sealed, bound_to=endpoint.base_url)
    values: dict[str, Any] = {"base_url": endpoint.base_url, "api_key": key}
    return client.Endpoint(**values, allow_listed=is_allow_listed(endpoint.base_url))
