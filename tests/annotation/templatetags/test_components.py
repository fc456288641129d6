import pytest
from django.template import engines

from annotation.models import Campaign

HOSTILE = "<script>alert(1)</script>\"'&"


def render(source: str, **context) -> str:
    return engines["django"].from_string("{% load components %}" + source).render(context)


@pytest.mark.parametrize(
    "source",
    [
        "{% panel name note=name foot=name %}{{ name }}{% endpanel %}",
        '{% banner "ok" action=name href="/" %}{{ name }}{% endbanner %}',
        "{% table name %}<tbody><tr><td>{{ name }}</td></tr></tbody>{% endtable %}",
        '{% state name action=name href="/" %}{{ name }}{% endstate %}',
        '{% include "components/badge.html" with label=name %}',
        '{% include "components/button.html" with label=name %}',
        '{% include "components/queue_item.html" with title=name line=name href=name %}',
        '{% include "components/banner.html" with kind="ok" sign="ok" content=name %}',
    ],
)
def test_every_component_escapes_what_it_is_given(source):
    html = render(source, name=HOSTILE)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_panel_is_named_by_its_heading():
    html = render('{% panel "Left out" %}<p>x</p>{% endpanel %}')
    assert 'aria-labelledby="h-left-out"' in html
    assert '<h2 id="h-left-out">Left out</h2>' in html


def test_a_table_can_be_reached_and_has_a_name():
    html = render('{% table "Runs" %}<tbody></tbody>{% endtable %}')
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Runs">' in html


def test_a_banner_has_the_sign_of_its_kind_unless_told_otherwise():
    assert 'd="M4 4l8 8M12 4l-8 8"' in render('{% banner "bad" %}x{% endbanner %}')
    assert 'd="M8 2a6 6 0 1 1-6 6"' in render('{% banner "bad" sign="now" %}x{% endbanner %}')


def test_the_tabs_of_a_campaign_mark_the_current_one_and_show_counts():
    html = render('{% campaign_tabs campaign "people" counts %}', campaign=Campaign(slug="s"), counts={"tasks": 1200})
    assert html.count("<a ") == 15
    assert 'aria-current="page">People' in html
    assert 'Tasks<span class="count">1,200</span>' in html
