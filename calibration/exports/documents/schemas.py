"""schemas/*.json: the columns of each table as a JSON schema of its JSON lines."""

import json
from typing import Any

from calibration.exports.records import TABLES
from calibration.exports.records.columns import Column, Kind, Table

TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.INTEGER: {"type": ["integer", "null"]},
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.FLAG: {"type": "boolean"},
    Kind.TIME: {"type": ["string", "null"], "format": "date-time"},
    Kind.OBJECT: {"type": ["object", "null"]},
}


def texts() -> dict[str, str]:
    """Return each table's schema by the table's name."""
    return {table.name: json.dumps(_schema(table), ensure_ascii=False, indent=2) + "\n" for table in TABLES}


def _schema(table: Table) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table.schema_version,
        "description": table.description,
        "type": "object",
        "required": [column.name for column in table.columns],
        "additionalProperties": False,
        "properties": {column.name: _property(column) for column in table.columns},
    }


def _property(column: Column) -> dict[str, Any]:
    unit = {"unit": column.unit} if column.unit else {}
    return {**TYPES[column.kind], "description": column.description, **unit}
