"""Parquet, in batches; every cell goes through the same checks as JSON."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotation.readers.errors import WHOLE_FILE
from annotation.readers.sources import values
from annotation.readers.sources.limits import Limits
from annotation.readers.sources.records import Record, Refused

# Few enough rows that even the longest cells allowed fit into memory together; those inside lists are unpacked.
_BATCH = 32
_BATCH_OF_LISTS = 8
_UNPACKED_RATIO = 100
_UNPACKED_FLOOR = 50_000_000
# What pyarrow raises for damaged files; it also lets OSError through for damaged headers.
_FAULTS = (pa.ArrowException, OSError, ValueError, NotImplementedError, OverflowError, MemoryError)


def read(path: Path, limits: Limits) -> Iterator[Record | Refused]:
    """Yield each row, numbered from 1, or why the file cannot be read."""
    number = 0
    try:
        with _open(path, limits) as file:
            has_lists = any(pa.types.is_nested(field.type) for field in file.schema_arrow)
            size = _BATCH_OF_LISTS if has_lists else _BATCH
            for batch in file.iter_batches(batch_size=size, use_threads=False):
                for row in _rows(batch):
                    number += 1
                    yield _record(path.name, number, row, limits)
    except Refused as refused:
        yield refused
    except _FAULTS as error:
        message = f"cannot be read as Parquet ({type(error).__name__}); write the file again"
        yield Refused("bad_parquet", message, line=number + 1, excerpt=str(error), fatal=True)


def _open(path: Path, limits: Limits) -> pq.ParquetFile:
    if path.stat().st_size > limits.file_bytes:
        raise _too_large(f"is larger than {limits.file_bytes:,} bytes; split it")
    schema = pq.read_schema(path)
    for name, count in Counter(schema.names).items():
        if count > 1:
            message = f"names the column {name[:80]!r} twice; keep one"
            raise Refused("duplicate_key", message, line=0, field=name, fatal=True)
    # A short text repeated a million times stays a dictionary here instead of a million texts.
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    file = pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False, buffer_size=1_000_000)
    meta = file.metadata
    if meta.num_rows > limits.rows:
        raise _too_large(f"has more than {limits.rows:,} rows; split it")
    unpacked = sum(meta.row_group(index).total_byte_size for index in range(meta.num_row_groups))
    if unpacked > max(_UNPACKED_RATIO * path.stat().st_size, _UNPACKED_FLOOR):
        raise _too_large(f"unpacks to more than {_UNPACKED_RATIO} times its size; write it again without compression")
    return file


def _too_large(message: str) -> Refused:
    return Refused("too_large", message, line=0, field=WHOLE_FILE, fatal=True)


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    columns = {name: _in_microseconds(batch.column(place)) for place, name in enumerate(batch.schema.names)}
    for index in range(batch.num_rows):
        yield {name: column[index].as_py() for name, column in columns.items()}


def _in_microseconds(column: pa.Array) -> pa.Array:
    """Return timestamps with the precision Python's own datetime has."""
    if not pa.types.is_timestamp(column.type):
        return column
    return column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)


def _record(file: str, line: int, row: dict[str, Any], limits: Limits) -> Record | Refused:
    try:
        values.check(row, line=line, limits=limits)
    except Refused as refused:
        return refused
    return Record(file=file, line=line, values=row)
