"""The judgments page of a campaign with a million judgments: as many questions as for nine, and seconds."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Judgment
from tests import factories
from tests.calibration import builders
from tests.calibration.views.pages import address, cells

SIDE = 1_000
SECONDS = 10.0
PAIRED_SECONDS = 28.0
"""Finding a partner for each of a million rows takes longest; the database gives up after 30 s."""
MULTIPLY = """
insert into annotation_judgment ({columns})
select {values} from annotation_judgment j, annotation_task t, annotation_annotator a
where j.id = %s and t.campaign_id = %s and a.import_key like 'test:crowd%%' and a.kind = 'human'
"""


def multiplied(of, first: Judgment) -> None:
    """Let a thousand annotators judge a thousand tasks, in one statement."""
    names = [field.column for field in Judgment._meta.concrete_fields if field.column != "id"]
    own = {
        "public_id": "gen_random_uuid()",
        "task_id": "t.id",
        "annotator_id": "a.id",
        "assignment_id": "null",
        "outcome": "(array['a', 'b', 'tie'])[1 + (t.id + a.id) %% 3]",
        "strength": "null",
        "round": "0",
        "idempotency_key": "'many:' || t.id || ':' || a.id",
    }
    values = [own.get(name, f"j.{name}") for name in names]
    with connection.cursor() as cursor:
        cursor.execute("show statement_timeout")
        usual = cursor.fetchone()[0]
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(MULTIPLY.format(columns=", ".join(names), values=", ".join(values)), [first.pk, of.pk])
        cursor.execute("analyze annotation_judgment")
        cursor.execute(f"set local statement_timeout = '{usual}'")


@pytest.mark.slow
@pytest.mark.django_db
def test_a_million_judgments_take_the_same_questions_and_few_seconds(of, rita, signed_in):
    person = builders.judged(of, evaluators=1)[0]
    client = signed_in(rita)
    client.get(address("judgments", of))
    with CaptureQueriesContext(connection) as few:
        client.get(address("judgments", of, query="?use=model"))
    for number in range(SIDE - 3):
        factories.task(of, system_a="s00", system_b="s01", prompt=f"many {number}", tags=["many"])
    for number in range(SIDE):
        builders.annotator(builders.Profile(f"crowd{number}"))
    multiplied(of, of.judgments.first())
    run = builders.run(of)
    assert of.judgments.count() >= SIDE * SIDE
    at = f"?use=agreement&run={run.public_id}"
    queries = (
        "?use=model",
        at,
        f"{at}&paired=yes",
        f"{at}&tag=many",
        f"{at}&annotator={person.public_id}",
        at + "&system=s00",
    )
    for query in queries:
        began = time.monotonic()
        with CaptureQueriesContext(connection) as many:
            response = client.get(address("judgments", of, query=query))
        took = time.monotonic() - began
        print(f"{query}: {took:.2f} s, {cells(response.content.decode(), 'value')}, {len(many)} queries")
        assert response.status_code == 200
        assert took < (PAIRED_SECONDS if "paired" in query else SECONDS)
        if query == "?use=model":
            assert len(many) == len(few)
