"""Who may open which page: researchers and auditors read, only researchers change, to others nothing exists."""

import pytest
from django.test import Client

from calibration.models import Run
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import LISTS, address


@pytest.fixture
def addresses(of, run) -> dict[str, str]:
    task = of.tasks.first()
    export = builders.export(run)
    return {name: address(name, of) for name in LISTS} | {
        "annotator": address("annotator", of, builders.judged(of, evaluators=1)[0].public_id),
        "task": address("task", of, task.public_id),
        "run": address("run", of, run.public_id),
        "progress": address("release-progress", of, export.public_id),
        "download": address("release-download", of, export.public_id),
    }


@pytest.fixture
def changes(of) -> dict[str, str]:
    under_way = builders.run(of, Run.State.RUNNING)
    return {
        "start": address("run-start", of),
        "cancel": address("run-cancel", of, under_way.public_id),
        "build": address("release-build", of),
    }


def test_researchers_and_auditors_read_every_page(addresses, rita, olga, signed_in):
    for reader in (rita, olga):
        client = signed_in(reader)
        assert {name: _status(client, path) for name, path in addresses.items()} == dict.fromkeys(addresses, 200)


def test_admins_read_every_page(addresses, signed_in):
    ada = factories.user("ada", is_admin=True)
    client = signed_in(ada)
    assert {_status(client, path) for path in addresses.values()} == {200}


def test_to_evaluators_and_strangers_no_page_exists(of, addresses, changes, signed_in):
    alice = factories.evaluator(of, "alice").user
    stranger = factories.user("stranger", may_create_campaigns=True)
    for person in (alice, stranger):
        client = signed_in(person)
        assert {name: _status(client, path) for name, path in addresses.items()} == dict.fromkeys(addresses, 404)
        assert {name: client.post(path).status_code for name, path in changes.items()} == dict.fromkeys(changes, 404)


def test_without_a_session_every_page_asks_for_a_sign_in(addresses):
    for path in addresses.values():
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")


def test_auditors_change_nothing_and_are_told_why(changes, olga, signed_in):
    client = signed_in(olga)
    for path in changes.values():
        answer = client.post(path)
        assert answer.status_code == 403
        assert "auditor" in answer.content.decode()
    assert not Run.objects.filter(cancel_requested=True).exists()


def test_auditors_see_no_button_that_changes(addresses, changes, olga, rita, signed_in):
    under_way = Run.objects.unfinished().get()
    path = address("run", under_way.campaign, under_way.public_id)
    pages = [address for name, address in addresses.items() if name != "download"] + [path]
    assert sum(_forms(signed_in(olga).get(page)) for page in pages) == 0
    assert sum(_forms(signed_in(rita).get(page)) for page in pages) > 0


def _status(client: Client, path: str) -> int:
    answer = client.get(path)
    # Reading a streamed answer to its end closes its file.
    b"".join(getattr(answer, "streaming_content", ()))
    return answer.status_code


def _forms(answer) -> int:
    """Count the posting forms of a page's main part; signing out stands in the bar."""
    return answer.content.decode().partition("<main")[2].count('method="post"')


def test_pages_of_another_campaign_are_not_reached_through_this_one(of, run, rita, signed_in):
    other = builders.campaign()
    foreign = builders.passed_run(other)
    client = signed_in(rita)
    assert client.get(address("run", of, foreign.public_id)).status_code == 404
    assert client.get(address("task", of, other.tasks.all()[0].public_id)).status_code == 404
    assert client.get(address("release-download", of, builders.export(foreign).public_id)).status_code == 404
    assert client.post(address("run-cancel", of, foreign.public_id)).status_code == 404


def test_changes_need_a_post(changes, rita, signed_in):
    client = signed_in(rita)
    assert {client.get(path).status_code for path in changes.values()} == {405}
