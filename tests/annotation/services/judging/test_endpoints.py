"""Keys: sealed at rest, used in one header, found nowhere else."""

import json
import logging
import traceback

import pytest
from django.core.exceptions import PermissionDenied

from annotation.judges import sealing
from annotation.models import AuditEvent, JudgeAttempt, JudgeEndpoint, JudgeRequest
from annotation.services import audit, judging
from annotation.services.judging import endpoints
from tests import factories

pytestmark = pytest.mark.django_db
CANARY = "sk-canary-0123456789abcdef"


def test_a_seal_opens_for_its_address_and_secret_only():
    sealed = sealing.seal("secret", CANARY, bound_to="https://a.example/v1")
    assert sealing.unseal("secret", sealed, bound_to="https://a.example/v1") == CANARY
    for secret, address in (("other", "https://a.example/v1"), ("secret", "https://b.example/v1")):
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(secret, sealed, bound_to=address)


def test_the_key_reaches_the_endpoint_and_nothing_else(bench, caplog):
    caplog.set_level(logging.DEBUG)
    echo = lambda request: _echo(made, request)  # noqa: E731
    made = bench(echo, tasks=1, api_key=CANARY)
    made.plan()
    made.work()
    headers, _ = made.server.seen[0]
    assert headers["authorization"] == f"Bearer {CANARY}"
    stored = [bytes(row.request_body) + bytes(row.response_body) for row in JudgeAttempt.objects.all()]
    events = [bytes(body) for body in AuditEvent.objects.values_list("body", flat=True)]
    rows = [json.dumps(list(model.objects.values()), default=str).encode() for model in (JudgeEndpoint, JudgeRequest)]
    assert not [text for text in (*stored, *events, *rows) if CANARY.encode() in text]
    assert CANARY not in caplog.text
    assert CANARY not in repr(endpoints.opened(made.config.endpoint))


def _echo(made, request):
    """Answer as an endpoint that repeats the headers it got."""
    from annotation.judges.parametric.replies import completion, ok

    return ok(completion(request, json.dumps({"reason": CANARY, "verdict": "A"})))


def test_a_key_that_cannot_be_opened_pauses_the_run_and_says_so(bench, settings):
    made = bench(tasks=1, api_key=CANARY)
    made.plan()
    settings.SECRET_KEY = "another secret of the same length, more or less, for this test"
    made.work()
    assert made.run.state == "paused"
    assert "Enter the key again" in made.run.reason
    assert not made.server.seen


def test_changing_an_endpoint_leaves_its_event_and_needs_a_researcher(bench, monkeypatch):
    made = bench(tasks=0, api_key=CANARY)
    olga = factories.user("olga")
    with pytest.raises((PermissionDenied, Exception)) as refused:
        judging.change_endpoint(endpoint=made.config.endpoint, by=olga, api_key="sk-other-0123456789")
    assert CANARY not in "".join(traceback.format_exception(refused.value))
    monkeypatch.setattr(audit, "record", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("no log")))
    before = bytes(JudgeEndpoint.objects.get().sealed_key)
    with pytest.raises(RuntimeError):
        judging.change_endpoint(endpoint=made.config.endpoint, by=made.rita, api_key="sk-other-0123456789")
    assert bytes(JudgeEndpoint.objects.get().sealed_key) == before


@pytest.mark.parametrize("key", ["two words", "sk-ä", "line\nbreak"])
def test_a_key_that_fits_no_header_is_refused(bench, key):
    made = bench(tasks=0)
    with pytest.raises(judging.JudgeRefused, match="enter it again"):
        judging.change_endpoint(endpoint=made.config.endpoint, by=made.rita, api_key=key)
    assert not JudgeEndpoint.objects.get().has_key


@pytest.mark.parametrize("limits", [{"max_concurrent": 0}, {"requests_per_minute": 0}, {"rate_share": 2}])
def test_limits_outside_the_rules_are_refused(bench, limits):
    made = bench(tasks=0)
    with pytest.raises(judging.JudgeRefused):
        judging.change_endpoint(endpoint=made.config.endpoint, by=made.rita, **limits)
