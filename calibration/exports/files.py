"""Write tables as JSONL and Parquet: the same rows give the same bytes, on any machine, in constant memory."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from calibration.exports.records.columns import Column, Kind, Table

BATCH = 5_000
ROW_GROUP = 100_000
TYPES = {
    Kind.TEXT: pa.string(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.TIME: pa.timestamp("ms", tz="UTC"),
    Kind.OBJECT: pa.string(),
}
AS_IS = frozenset({str, int, bool, type(None)})
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
MEDIA = {
    ".jsonl": "application/jsonlines", ".parquet": "application/vnd.apache.parquet", ".md": "text/markdown",
    ".json": "application/json", ".csv": "text/csv", ".py": "text/x-python", ".txt": "text/plain",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of a release, as its manifest lists it."""

    path: str
    sha256: str
    bytes: int
    rows: int | None
    schema_version: str | None
    media_type: str
    # Of the rows in their JSONL form, so that it survives another Parquet writer.
    content_sha256: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def write_table(folder: Path, table: Table, rows: Iterable[Mapping[str, Any]]) -> list[FileFacts]:
    """Write rows, already in their order, as `<table>.jsonl` and `<table>.parquet` in one pass."""
    jsonl, parquet = folder / f"{table.name}.jsonl", folder / f"{table.name}.parquet"
    with _JsonLines(jsonl) as lines, _Parquet(parquet, table) as columns:
        for row in rows:
            lines.write(row)
            columns.write(row)
    return [
        facts(folder, jsonl, rows=lines.rows, schema_version=table.schema_version),
        facts(folder, parquet, rows=lines.rows, schema_version=table.schema_version, content=lines.sha256),
    ]


def write_text(folder: Path, name: str, text: str) -> FileFacts:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return facts(folder, path, rows=None, schema_version=None)


def facts(folder: Path, path: Path, *, rows: int | None, schema_version: str | None, content: str = "") -> FileFacts:
    return FileFacts(
        path=path.relative_to(folder).as_posix(),
        sha256=sha256(path),
        bytes=path.stat().st_size,
        rows=rows,
        schema_version=schema_version,
        media_type=MEDIA[path.suffix],
        content_sha256=content or None,
    )


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of canonical JSON: keys in schema order, those of nested objects sorted."""
    cells = {name: value if type(value) in AS_IS else plain(value) for name, value in row.items()}
    return ENCODER.encode(cells).encode() + b"\n"


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: plain(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    return value


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self.rows = 0

    def __enter__(self) -> "_JsonLines":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def write(self, row: Mapping[str, Any]) -> None:
        encoded = line(row)
        self._file.write(encoded)
        self._digest.update(encoded)
        self.rows += 1

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class _Parquet:
    """Packs rows into Arrow batches at once, so that a row group waits in compact form."""

    def __init__(self, path: Path, table: Table) -> None:
        self._columns = table.columns
        self._schema = schema(table)
        self._writer = pq.ParquetWriter(
            path, self._schema, version="2.6", compression="zstd", compression_level=3, use_dictionary=True
        )
        self._rows: list[Mapping[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []

    def __enter__(self) -> "_Parquet":
        return self

    def __exit__(self, *error: object) -> None:
        self._pack()
        self._flush()
        self._writer.close()

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) == BATCH:
            self._pack()
        if len(self._batches) * BATCH >= ROW_GROUP:
            self._flush()

    def _pack(self) -> None:
        if not self._rows:
            return
        arrays = [pa.array(_cells(column, self._rows), TYPES[column.kind]) for column in self._columns]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows = []

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches), row_group_size=ROW_GROUP)
        self._batches = []


def schema(table: Table) -> pa.Schema:
    """Return the fixed Arrow schema of a table, its meanings and units beside the types."""
    fields = [
        pa.field(column.name, TYPES[column.kind], metadata={"description": column.description, "unit": column.unit})
        for column in table.columns
    ]
    return pa.schema(fields, metadata={"schema_version": table.schema_version, "description": table.description})


def _cells(column: Column, rows: list[Mapping[str, Any]]) -> list[Any]:
    values = [row[column.name] for row in rows]
    if column.kind == Kind.OBJECT:
        return [None if value is None else ENCODER.encode(plain(value)) for value in values]
    if column.kind == Kind.NUMBER:
        return [plain(value) for value in values]
    return values
