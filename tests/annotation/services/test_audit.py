import json

import pytest
import rfc8785
from django.db import connection, transaction

from annotation.models import AuditEvent
from annotation.services import audit
from annotation.services.audit_schema import ACTIONS
from tests import factories


@pytest.mark.django_db
def test_an_event_is_canonical_and_holds_its_leaf_and_its_transaction():
    factories.campaign()
    for event in AuditEvent.objects.all():
        body = bytes(event.body)
        assert rfc8785.dumps(json.loads(body)) == body
        assert bytes(event.leaf) == audit.leaf_hash(body)
        assert json.loads(body)["action"] in ACTIONS
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_event where xid is null")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_each_version_of_an_object_names_the_one_before():
    campaign = factories.campaign()
    events = [json.loads(bytes(event.body)) for event in AuditEvent.objects.order_by("id")]
    created = next(event for event in events if event["action"] == "campaign.create")
    opened = next(event for event in events if event["action"] == "campaign.open")
    assert created["prev_object_commit"] is None
    assert opened["prev_object_commit"] == created["object_commit"]
    assert opened["object_commit"] == audit.commit(bytes(campaign.salt), campaign.committed_content()).hex()


@pytest.mark.django_db
def test_no_event_names_a_person():
    campaign = factories.campaign()
    factories.evaluator(campaign, "alice-canary")
    assert not any(b"alice-canary" in bytes(event.body) for event in AuditEvent.objects.all())


@pytest.mark.django_db
def test_an_unknown_action_or_fact_is_refused():
    campaign = factories.campaign()
    with transaction.atomic():
        with pytest.raises(audit.UnknownAction):
            audit.record("campaign.explode", campaign, by=None)
        with pytest.raises(audit.UnknownAction):
            audit.record("campaign.open", campaign, by=None, mood="good")


@pytest.mark.parametrize("value", [1.5, 2**53, b"bytes", {"deep": [0.1]}])
def test_a_body_holds_no_floats_and_no_unsafe_numbers(value):
    with pytest.raises(audit.EventRefused, match="safe integers"):
        audit.canonical({"data": value})


def test_a_body_has_at_most_four_kilobytes():
    with pytest.raises(audit.EventRefused, match="4096"):
        audit.canonical({"data": "x" * 5_000})


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    campaign = factories.campaign()
    with pytest.raises(audit.EventRefused, match="inside the transaction"):
        audit.record("campaign.open", campaign, by=None)
