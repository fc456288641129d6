"""Files that must be refused: named by what is wrong, with the format that reads them and the code expected."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.annotation.readers.files import judgment, task

GOOD = [json.dumps(judgment(annotator_id=f"w{number}")) for number in range(4)]
GOOD_TASKS = [json.dumps(task(system=f"s{number}")) for number in range(4)]
CSV_HEAD = "prompt_id,system_a,system_b,annotator_id,outcome\n"
CSV_ROWS = [f"p1,quick,slow,w{number},a\n" for number in range(4)]


@dataclass(frozen=True)
class Malformed:
    """One file; `line` is where the first error must be, None where the damage decides."""

    what: str
    format: str
    suffix: str
    content: bytes
    code: str | None
    line: int | None


def lines(*texts: str) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode(errors="surrogatepass")


def named() -> Iterator[Malformed]:
    """Yield files with one fault each, on the third line where a line is at fault."""
    yield from encodings()
    yield from json_lines()
    yield from tables()
    yield from parquets()


def encodings() -> Iterator[Malformed]:
    good = lines(*GOOD)
    for what, content, code in [
        ("byte order mark", b"\xef\xbb\xbf" + good, "bom"),
        ("utf-16 little", good.decode().encode("utf-16"), "bom"),
        ("utf-16 big", b"\xfe\xff" + good.decode().encode("utf-16-be"), "bom"),
        ("utf-16 without mark", good.decode().encode("utf-16-le"), "bad_utf8"),
        ("utf-16 big without mark", good.decode().encode("utf-16-be"), "bad_utf8"),
        ("utf-32", good.decode().encode("utf-32"), "bom"),
        ("gzip", b"\x1f\x8b\x08\x00" + good, "bad_file"),
        ("zip", b"PK\x03\x04" + good, "bad_file"),
        ("zstd", b"\x28\xb5\x2f\xfd" + good, "bad_file"),
        ("parquet under another name", b"PAR1" + good, "bad_file"),
    ]:
        yield Malformed(f"{what}, jsonl", "canonical", ".jsonl", content, code, 1)
        yield Malformed(f"{what}, csv", "canonical", ".csv", content, code, 1)
    for what, raw in [
        ("latin-1", "é".encode("latin-1")), ("lone surrogate bytes", b"\xed\xa0\x80"), ("overlong", b"\xc0\xaf"),
        ("cut sequence", b"\xe2\x82"), ("byte ff", b"\xff"), ("above unicode", b"\xf4\x90\x80\x80"),
    ]:  # fmt: skip
        text = GOOD[0].encode().replace(b"quick", b"qu" + raw)
        yield Malformed(what, "canonical", ".jsonl", lines(*GOOD[1:3]) + text + b"\n", "bad_utf8", 3)
        row = b"p1,qu" + raw + b",slow,w9,a\n"
        yield Malformed(f"{what}, csv", "canonical", ".csv", (CSV_HEAD + CSV_ROWS[0]).encode() + row, "bad_utf8", 3)
    yield Malformed("empty", "canonical", ".jsonl", b"", "missing", 0)
    yield Malformed("blank lines", "tasks", ".jsonl", b"\n \n\r\n", "missing", 0)
    yield Malformed("empty csv", "canonical", ".csv", b"", "missing", 0)
    yield Malformed("header only", "canonical", ".csv", CSV_HEAD.encode(), "missing", 0)


def json_lines() -> Iterator[Malformed]:
    deep = '{"prompt_id": "p1", "extra": ' + "[" * 40 + "]" * 40 + "}"
    for what, text, code in [
        ("not json", "hello", "bad_json"),
        ("single quotes", "{'prompt_id': 'p1'}", "bad_json"),
        ("trailing comma", '{"prompt_id": "p1",}', "bad_json"),
        ("two objects", "{} {}", "bad_json"),
        ("array", "[1, 2]", "wrong_type"),
        ("text", '"p1"', "wrong_type"),
        ("number", "12", "wrong_type"),
        ("null", "null", "wrong_type"),
        ("control character", '{"prompt_id": "a\x01b"}', "bad_json"),
        ("raw nul", GOOD[0].replace("quick", "qu\x00ick"), "bad_json"),
        ("escaped nul", GOOD[0].replace("quick", "qu\\u0000ick"), "bad_text"),
        ("escaped nul in a key", GOOD[0].replace('"prompt_id"', '"x\\u0000": 1, "prompt_id"'), "bad_text"),
        ("lone surrogate", GOOD[0].replace("quick", "qu\\ud800ick"), "bad_text"),
        ("swapped surrogates", GOOD[0].replace("quick", "\\udc00\\ud800"), "bad_text"),
        ("surrogate in extra", GOOD[0][:-1] + ', "extra": {"a": ["\\ud83d"]}}', "bad_text"),
        ("nan", GOOD[0][:-1] + ', "strength": NaN}', "nan"),
        ("infinity", GOOD[0][:-1] + ', "strength": -Infinity}', "nan"),
        ("huge float", GOOD[0][:-1] + ', "p_a": 1e400}', "nan"),
        ("two to the 63", GOOD[0][:-1] + ', "round": 9223372036854775808}', "bad_range"),
        ("below minus two to the 63", GOOD[0][:-1] + ', "x": -9223372036854775809}', "bad_range"),
        ("5,000 digits", GOOD[0][:-1] + f', "x": {"9" * 5000}}}', "bad_range"),
        ("duplicate key", GOOD[0][:-1] + ', "outcome": "b"}', "duplicate_key"),
        ("duplicate key inside", GOOD[0][:-1] + ', "extra": {"a": 1, "a": 2}}', "duplicate_key"),
        ("depth 40", deep, "too_deep"),
        ("depth 1,000", '{"x": ' + "[" * 1_000 + "]" * 1_000 + "}", "too_deep"),
        ("depth 90,000", '{"x": ' + "[" * 90_000 + "]" * 90_000 + "}", "too_deep"),
        ("depth 200,000", '{"x": ' + "[" * 200_000 + "]" * 200_000 + "}", "too_large"),
        ("open depth 90,000", '{"x": ' + "[" * 90_000, "too_deep"),
        ("depth of objects", '{"x": ' * 3_000 + "1" + "}" * 3_000, "too_deep"),
        ("300,000 keys", json.dumps({str(number): 1 for number in range(300_000)}), "too_large"),
        ("300,000 values", '{"x": [' + "1," * 300_000 + "1]}", "too_large"),
        ("unknown outcome", GOOD[0].replace('"a"}', '"A"}'), "bad_enum"),
        ("numeric outcome", GOOD[0].replace('"a"}', "1}"), "bad_enum"),
        ("duplicate", GOOD[1], "duplicate_id"),
        ("mixed types", GOOD[0].replace('"p1"', "[1]"), "wrong_type"),
        ("identical sides", GOOD[0].replace("slow", "quick"), "identical_responses"),
    ]:
        yield Malformed(what, "canonical", ".jsonl", lines(GOOD[1], GOOD[2], text, GOOD[3]), code, 3)
        yield Malformed(
            f"{what}, CRLF", "canonical", ".jsonl", lines(GOOD[1], GOOD[2], text).replace(b"\n", b"\r\n"), code, 3
        )
    for cut in (1, 17, len(GOOD[0]) - 1):
        yield Malformed(
            f"cut at {cut}", "canonical", ".jsonl", lines(*GOOD[1:3]) + GOOD[0][:cut].encode(), "truncated", 3
        )
    # U+2028 ends no line; what follows it is still the same text.
    yield Malformed("line separator", "tasks", ".jsonl", lines(*GOOD_TASKS[:2], '{"a": "x\u2028'), "bad_json", 3)


def tables() -> Iterator[Malformed]:
    head, rows = CSV_HEAD, CSV_ROWS
    for what, text, code, line in [
        ("too few cells", head + rows[0] + "p1,quick,slow\n" + rows[1], "bad_csv", 3),
        ("too many cells", head + rows[0] + "p1,quick,slow,w9,a,b,c\n", "bad_csv", 3),
        ("open quote", head + rows[0] + 'p1,"quick,slow,w9,a\n' + rows[1], "truncated", 3),
        ("text after a quote", head + rows[0] + 'p1,"quick"x,slow,w9,a\n', "bad_csv", 3),
        ("old line ends", head + rows[0] + rows[1].replace("\n", "\r") + rows[2], "bad_csv", 3),
        ("column twice", "prompt_id," + head + rows[0], "duplicate_key", 1),
        ("column without a name", head.replace("system_b", "") + rows[0], "missing", 1),
        ("semicolons", (head + rows[0]).replace(",", ";"), "missing", 1),
        ("another table", "a,b\n1,2\n", "missing", 1),
        ("nul", head + rows[0] + rows[1].replace("quick", "qu\x00ick"), "bad_text", 3),
        ("empty outcome", head + rows[0] + "p1,quick,slow,w9,\n", "missing", 3),
        ("unknown outcome", head + rows[0] + "p1,quick,slow,w9,model_a\n", "bad_enum", 3),
        ("spaces", head + rows[0] + "p1, quick,slow,w9,a\n", "bad_text", 3),
        ("duplicate", head + rows[0] + rows[1] + rows[0], "duplicate_id", 4),
        ("cut line", head + rows[0] + "p1,quick", "truncated", 3),
        ("line end in an id", head + rows[0] + 'p1,"qu\nick",slow,w9,a\n', "bad_text", 3),
        ("nan", head.replace("\n", ",strength\n") + "p1,quick,slow,w9,a,NaN\n", "nan", 2),
        ("word for a number", head.replace("\n", ",round\n") + "p1,quick,slow,w9,a,one\n", "wrong_type", 2),
        ("big number", head.replace("\n", ",round\n") + "p1,quick,slow,w9,a,9223372036854775808\n", "bad_range", 2),
        ("bad json cell", head.replace("\n", ",extra\n") + "p1,quick,slow,w9,a,{a}\n", "bad_json", 2),
        ("deep json cell", head.replace("\n", ",extra\n") + f"p1,quick,slow,w9,a,{'[' * 50_000}\n", "bad_json", 2),
    ]:
        yield Malformed(f"{what}, csv", "canonical", ".csv", text.encode(), code, line)


def parquets() -> Iterator[Malformed]:
    good: dict[str, Any] = {name: [judgment()[name]] * 3 for name in judgment()}
    good["annotator_id"] = ["w1", "w2", "w3"]
    faults: list[tuple[str, dict[str, Any], str, int]] = [
        ("nan", {"strength": [1.0, float("nan"), None]}, "nan", 2),
        ("nul", {"rationale": [None, "a\x00", None]}, "bad_text", 2),
        ("unsigned 64", {"round": pa.array([0, 2**63, 0], pa.uint64())}, "bad_range", 2),
        ("bytes", {"rationale": [None, b"a", None]}, "wrong_type", 2),
        ("duration", {"active_ms": pa.array([None, 5, None], pa.duration("ms"))}, "wrong_type", 2),
        ("naive moment", {"submitted_at": pa.array([None, 5, None], pa.timestamp("s"))}, "wrong_type", 2),
        ("unknown outcome", {"outcome": ["a", "c", "a"]}, "bad_enum", 2),
        ("null outcome", {"outcome": ["a", None, "a"]}, "missing", 2),
        ("duplicate", {"annotator_id": ["w1", "w2", "w1"]}, "duplicate_id", 3),
        ("deep", {"extra": [None, nested(40), None]}, "too_deep", 2),
        ("no rows", {name: pa.array([], pa.string()) for name in good}, "missing", 0),
    ]
    for what, changes, code, line in faults:
        yield Malformed(f"{what}, parquet", "canonical", ".parquet", parquet(good | changes), code, line)
    whole = parquet(good)
    for what, content in [
        ("not parquet", b"hello"), ("empty", b""), ("magic only", b"PAR1"), ("no footer", whole[:-8]),
        ("half", whole[: len(whole) // 2]), ("no head", whole[4:]),
        ("zeroed footer", whole[:-600] + bytes(592) + whole[-8:]),
        ("length lies", whole[:-8] + b"\xff\xff\xff\x7fPAR1"),
    ]:  # fmt: skip
        yield Malformed(f"{what}, parquet", "canonical", ".parquet", content, "bad_parquet", None)
    twice = pa.Table.from_arrays([pa.array(["p"]), pa.array(["q"])], names=["prompt_id", "prompt_id"])
    yield Malformed("column twice, parquet", "canonical", ".parquet", parquet(twice), "duplicate_key", 0)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = {"x": value}
    return value


def parquet(table: pa.Table | dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), sink)
    return sink.getvalue()


def damaged(count: int, seed: int) -> Iterator[Malformed]:
    """Yield good files with random damage: bytes changed, removed, repeated, or the rest cut off."""
    dice = random.Random(seed)
    head, rows = CSV_HEAD, CSV_ROWS
    sources = [
        ("canonical", ".jsonl", lines(*GOOD)), ("tasks", ".jsonl", lines(*GOOD_TASKS)),
        ("canonical", ".csv", (head + "".join(rows)).encode()),
        ("canonical", ".parquet", parquet({name: [judgment()[name]] for name in judgment()})),
    ]  # fmt: skip
    for number in range(count):
        format_, suffix, content = sources[number % len(sources)]
        yield Malformed(f"damage {number}", format_, suffix, damage(content, dice), None, None)


INSERTS = [b"\x00", b"\xff", b'"', b"\n", b"{", b"\\ud800", b"NaN", b"1e999", b",", b"\r"]


def damage(content: bytes, dice: random.Random) -> bytes:
    raw = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(raw))
        kind = dice.randrange(5)
        if kind == 0:
            raw[place] = dice.randrange(256)
        elif kind == 1:
            del raw[place : place + dice.randint(1, 20)]
        elif kind == 2:
            raw[place:place] = raw[place : place + dice.randint(1, 200)]
        elif kind == 3:
            raw[place:place] = dice.choice(
                [b"\x00", b"\xff", b'"', b"\n", b"{", b"\\ud800", b"NaN", b"1e999", b",", b"\r"]
            )
        else:
            del raw[max(1, place) :]
        if not raw:
            return b"\n"
    return bytes(raw)
