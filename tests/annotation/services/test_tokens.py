import pytest

from annotation.models import ApiToken, AuditEvent
from annotation.services import audit, tokens
from tests import factories

pytestmark = pytest.mark.django_db


def test_only_the_digest_of_a_token_is_stored():
    token, secret = tokens.create(user=factories.user(), name="script", scope="write", days=7)
    stored = ApiToken.objects.get()
    assert secret.startswith("sy_")
    assert secret not in str(stored.__dict__)
    assert stored.pk == token.pk


@pytest.mark.parametrize("wrong", [{"scope": "admin"}, {"days": 0}, {"days": 366}])
def test_a_wrong_scope_or_time_makes_no_token(wrong):
    with pytest.raises(tokens.TokenRefused):
        tokens.create(**({"user": factories.user(), "name": "script", "scope": "read", "days": 7} | wrong))
    assert not ApiToken.objects.exists()


def test_without_its_audit_event_no_token_is_made_or_revoked(monkeypatch):
    person = factories.user()
    kept, _ = tokens.create(user=person, name="kept", scope="read", days=7)
    before = AuditEvent.objects.count()

    def fail(*args: object, **kwargs: object) -> None:
        raise audit.EventRefused

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(audit.EventRefused):
        tokens.create(user=person, name="new", scope="read", days=7)
    with pytest.raises(audit.EventRefused):
        tokens.revoke(token=kept, by=person)
    assert list(ApiToken.objects.values_list("name", flat=True)) == ["kept"]
    assert AuditEvent.objects.count() == before
