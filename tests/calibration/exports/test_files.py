import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from calibration.exports import files, manifest, options
from calibration.exports.pseudonyms import Pseudonyms


def test_a_line_is_compact_utf8_in_schema_order_with_sorted_inner_keys():
    moment = datetime(2026, 3, 4, 16, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    row = {"z": "é", "a": {"y": 1, "x": [1.5, None, True]}, "t": moment, "n": 0.1}
    expected = '{"z":"é","a":{"x":[1.5,null,true],"y":1},"t":"2026-03-04T15:00:00.123Z","n":0.1}\n'
    assert files.line(row) == expected.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_hold_becomes_null(value: float):
    assert files.line({"n": value, "inner": {"n": value}}) == b'{"n":null,"inner":{"n":null}}\n'


@pytest.mark.parametrize("text", ["=1+1", "\x00", "line\nbreak", "\u2028", "tab\t", '"', "\\", "\U0001f600"])
def test_text_comes_back_exactly(text: str):
    assert json.loads(files.line({"t": text})) == {"t": text}
    assert files.line({"t": text}).count(b"\n") == 1


def test_numbers_that_other_readers_would_bend_are_text_in_the_manifest():
    assert manifest.exact({"a": [2**53, 2**53 - 1, math.nan, True, 1.5]}) == {
        "a": [str(2**53), 2**53 - 1, None, True, 1.5]
    }


@pytest.mark.parametrize("raw", [
    {"tie": "drop"}, {"ties": "split"}, {"ties": None}, {"min_confidence": -0.1}, {"min_confidence": 0.6},
    {"min_confidence": math.nan}, {"min_confidence": True}, {"min_confidence": "0.1"}, {"criterion": 1},
    {"extra": "yes"}, {"formats": "hh"}, {"formats": ["nothing"]}, {"label_mode": "loud"}, {"source": "people"},
    {"profile": "open"}, {"about": {"mood": "good"}}, {"about": {"uses": "x" * 5_001}}, {"license": "a\nb"},
    {"margin": 1},
])  # fmt: skip
def test_options_outside_the_rules_are_refused(raw):
    with pytest.raises(options.BadOption):
        options.read(raw)


def test_options_come_back_as_they_were_stored():
    chosen = options.read({"ties": "both", "min_confidence": 0.25, "criterion": "overall", "extra": True})
    assert options.read(chosen.as_dict()) == chosen
    assert options.read({}).as_dict() == {
        "formats": ["preference"], "label_mode": "hard", "ties": "drop", "min_confidence": 0.0,
        "source": "human+judge", "criterion": "", "margin": False, "extra": False, "profile": "public",
        "csv_guard": True, "license": "", "about": {},
    }  # fmt: skip
    assert options.read({"formats": ["hh", "preference", "hh"]}).formats == ("preference", "hh")


def test_pseudonyms_differ_between_releases_instances_and_kinds():
    names = Pseudonyms("secret", "release")
    others = [Pseudonyms("secret", "another"), Pseudonyms("another", "release")]
    assert names.annotator("x") == Pseudonyms("secret", "release").annotator("x")
    assert all(names.annotator("x") != other.annotator("x") for other in others)
    assert names.annotator("x") != names.judgment("x").replace("-", "")[:16]
    assert names.annotator("x") != names.annotator("y")


def test_moments_are_written_in_utc():
    assert files.line({"t": datetime(2026, 1, 1, tzinfo=UTC)}) == b'{"t":"2026-01-01T00:00:00.000Z"}\n'
