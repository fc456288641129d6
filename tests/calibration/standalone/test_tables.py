"""Files and frames are read as they stand, or refused with the place and the remedy."""

import contextlib
import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.standalone import tables
from calibration.standalone.checking import check
from calibration.standalone.comparison import COLUMNS, RULES
from calibration.standalone.problems import BadInput

NEEDED = ("item", "annotator", "system_a", "system_b", "outcome")
KNOWN = tuple(column.name for column in COLUMNS)
HEADER = ",".join(NEEDED) + "\n"


def read(path):
    return check(tables.read(path, KNOWN, NEEDED), COLUMNS, RULES)


def written(folder, content, name="votes.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_every_format_gives_the_same_frame_and_ids_keep_their_form(tmp_path):
    rows = [
        ("007", "1e5", "1.0", "NA", "a"),
        ("1_000", "nan", "=x", "Ümläut", "both_bad"),
        ("7", "True", "a", "b", "tie"),
    ]
    frame = pd.DataFrame(rows, columns=list(NEEDED), dtype=object)
    frame.to_csv(tmp_path / "votes.csv", index=False)
    frame.to_json(tmp_path / "votes.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "votes.parquet")
    for source in (frame, *(tmp_path / f"votes.{suffix}" for suffix in ("csv", "jsonl", "parquet"))):
        assert list(read(source).frame.itertuples(index=False, name=None)) == rows


def test_whole_numbers_are_ids_and_others_are_refused():
    frame = pd.DataFrame([(7, 1, "x", "y", "a")], columns=list(NEEDED))
    assert read(frame).frame["item"].tolist() == ["7"]
    with pytest.raises(BadInput, match=r"frame, row 1, item: is a number with a decimal point.*\(found: 7.0\)"):
        read(frame.astype({"item": float}))


def test_an_unknown_column_is_named_and_not_used(tmp_path):
    path = written(tmp_path, HEADER.strip() + ",mood\n1,p,x,y,a,good\n")
    checked = read(path)
    assert checked.table.unused == ("mood",)
    assert "mood" not in checked.frame


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", r"votes.csv: holds no rows"),
        (HEADER, r"votes.csv: holds no rows"),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"1,p,x,y,a\n", r"line 1: starts with a byte order mark"),
        (HEADER.encode() + b"\xff,p,x,y,a\n", r"line 2: is not UTF-8 at byte 1"),
        (HEADER + "1,p,x,y\x00,a\n", r"line 2, system_b: holds a NUL character"),
        (HEADER + "1,p,x,y,a\n2,p,x,y\n", r"line 3: has 4 cells where the header names 5 columns"),
        ("item,item\n1,2\n", r"line 1, item: the header names the column 'item' twice"),
        ("item,annotator,system_a,outcome\n1,p,x,a\n", r"line 1, system_b: there is no such column"),
        (HEADER + "1,p,x,y,a\n1,p,x,y,left\n", r"line 3, outcome: must be one of a, b, tie, both_bad.*found: left"),
        (HEADER + '1,"p,x,y,a\n', r"line 2: a quoted cell that starts here never ends"),
        (HEADER + "1,p,x,y,\n", r"line 2, outcome: is missing"),
        (HEADER + "1, ,x,y,a\n", r"line 2, annotator: is missing"),
        (HEADER + "1,p,x,x,a\n", r"line 2, system_b: is the same as system_a"),
        (HEADER.strip() + ",length_a\n1,p,x,y,a,nan\n", r"line 2, length_a: is not a finite number"),
        (HEADER.strip() + ",length_a\n1,p,x,y,a,-3\n", r"line 2, length_a: is a length below 0"),
        (HEADER.strip() + ",shown_order\n1,p,x,y,a,AB\n", r"line 2, shown_order: must be one of ab, ba"),
        (HEADER.strip() + ",submitted_at\n1,p,x,y,a,soon\n", r"line 2, submitted_at: must be a moment"),
        (HEADER.strip() + ",strength\n1,p,x,y,a,1.5\n", r"line 2, strength: must be a whole number"),
        (HEADER.strip() + ",strength\n1,p,x,y,b,2\n2,p,x,y,b,-1\n", r"line 2, strength: does not go with outcome b"),
        (HEADER.strip() + ",strength\n1,p,x,y,tie,2\n", r"line 2, strength: does not go with outcome tie"),
        (
            HEADER.strip() + ",annotator_kind\n1,p,x,y,a,human\n2,p,x,y,a,llm\n",
            r"line 3, annotator_kind: differs for the same annotator from line 2",
        ),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_line_field_and_remedy(tmp_path, content, told):
    with pytest.raises(BadInput, match=told):
        read(written(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"item": 1', r"votes.jsonl, line 1"),
        ('{"item": [1], "annotator": "p", "system_a": "x", "system_b": "y", "outcome": "a"}', r"item: is of type list"),
        (
            '{"item": true, "annotator": "p", "system_a": "x", "system_b": "y", "outcome": "a"}',
            r"item: is true or false",
        ),
        ('{"item": 1, "annotator": "p", "system_a": "x", "system_b": "y"}', r"has no column outcome"),
        ('{"item": 1, "annotator": null, "system_a": "x", "system_b": "y", "outcome": "a"}', r"annotator: is missing"),
    ],
)
def test_a_bad_line_of_json_is_refused(tmp_path, content, told):
    with pytest.raises(BadInput, match=told):
        read(written(tmp_path, content + "\n", "votes.jsonl"))


def test_a_frame_is_refused_like_a_file():
    frame = pd.DataFrame([("1", "p", "x", "y", "a")], columns=list(NEEDED))
    with pytest.raises(BadInput, match="has no rows"):
        read(frame.iloc[:0])
    with pytest.raises(BadInput, match="lacks the column outcome"):
        read(frame.drop(columns="outcome"))
    with pytest.raises(BadInput, match="several columns named item"):
        read(pd.concat([frame, frame[["item"]]], axis=1))
    with pytest.raises(BadInput, match="row 1, annotator: is missing"):
        read(frame.assign(annotator=float("nan")))
    with pytest.raises(BadInput, match="half of a surrogate pair"):
        read(frame.assign(item=pd.Series(["\ud800"], dtype=object)))


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        read(tmp_path / "absent.csv")
    with pytest.raises(BadInput, match="save it as JSON lines, CSV or Parquet"):
        read(written(tmp_path, HEADER, "votes.xlsx"))
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        read(written(tmp_path, "no parquet", "votes.parquet"))


def test_all_problems_are_counted_and_the_first_told(tmp_path):
    with pytest.raises(BadInput) as refused:
        read(written(tmp_path, HEADER + "1,p,x,y,no\n" * 300))
    told = str(refused.value).splitlines()
    assert len(told) == 21
    assert told[-1] == "... and 280 problems more"


def test_ten_thousand_systems_are_read(tmp_path):
    lines = [f"{k},p{k % 7},s{k},s{k + 1},a" for k in range(9_999)]
    frame = read(written(tmp_path, HEADER + "\n".join(lines) + "\n")).frame
    assert pd.concat([frame["system_a"], frame["system_b"]]).nunique() == 10_000


ID = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(ID, ID, ID, ID, st.sampled_from(["a", "b", "tie", "both_bad"])), min_size=1, max_size=8))
def test_any_id_survives_a_file(tmp_path_factory, rows):
    rows = [row for row in rows if row[2] != row[3]]
    if not rows:
        return
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([NEEDED, *rows])
    # a line end inside a cell is read as one, whatever its form
    expected = [tuple(cell.replace("\r\n", "\n") for cell in row) for row in rows]
    found = read(written(tmp_path_factory.mktemp("ids"), text.getvalue())).frame
    assert list(found.itertuples(index=False, name=None)) == expected


@given(st.binary(max_size=300), st.sampled_from(["csv", "jsonl", "parquet"]), st.booleans())
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, suffix, headed):
    path = written(tmp_path_factory.mktemp("bytes"), (HEADER.encode() if headed else b"") + content, f"v.{suffix}")
    with contextlib.suppress(BadInput):
        assert len(read(path).frame) > 0
