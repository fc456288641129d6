"""croissant.json: Croissant 1.1 with its responsible-AI vocabulary, from the manifest."""

import json
from typing import Any

from calibration.exports.documents import statements as say
from calibration.exports.records import TABLES
from calibration.exports.records.columns import Kind, Table

CONFORMS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
PREFIXED = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "sc": "https://schema.org/",
    **{name: f"cr:{name}" for name in PREFIXED},
}
TYPES = {
    Kind.TEXT: "sc:Text",
    Kind.TEXTS: "sc:Text",
    Kind.OBJECT: "sc:Text",
    Kind.INTEGER: "sc:Integer",
    Kind.NUMBER: "sc:Float",
    Kind.FLAG: "sc:Boolean",
    Kind.TIME: "sc:DateTime",
}
MEDIA = {"application/vnd.apache.parquet": "application/x-parquet"}


def text(manifest: dict[str, Any]) -> str:
    """Return the description; `manifest` lists the data files that it is about."""
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": manifest["campaign"],
        "description": f"{say.title(manifest)}: {say.headline(manifest)}. {say.labels(manifest)} "
        f"Canary GUID {manifest['canary_guid']}",
        "conformsTo": CONFORMS,
        "license": _license(manifest),
        "url": f"urn:uuid:{manifest['export_id']}",
        "version": f"{manifest['number']}.0.0",
        "datePublished": manifest["created_at"][:10],
        "citeAs": say.said(manifest, "citation"),
        **_responsible(manifest),
        "distribution": [_file(entry) for entry in manifest["files"]],
        "recordSet": [_records(table) for table in TABLES],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _license(manifest: dict[str, Any]) -> str:
    name = manifest["options"]["license"]
    return f"https://spdx.org/licenses/{name}" if name else say.NOT_RECORDED


def _responsible(manifest: dict[str, Any]) -> dict[str, str]:
    answers = {
        "dataCollection": say.said(manifest, "collection"),
        "dataCollectionType": "human and machine preference judgments",
        "dataCollectionMissingData": say.missing(manifest),
        "dataCollectionRawData": say.sources(manifest),
        "dataCollectionTimeframe": say.timeframe(manifest),
        "dataImputationProtocol": "none: nothing is imputed",
        "dataManipulationProtocol": say.labels(manifest),
        "dataPreprocessingProtocol": "texts are released as imported",
        "dataAnnotationProtocol": say.protocol(manifest),
        "dataAnnotationPlatform": f"Steelyard {manifest['steelyard_version']}",
        "dataAnnotationAnalysis": say.agreement(manifest),
        "dataReleaseMaintenancePlan": say.said(manifest, "maintenance"),
        "personalSensitiveInformation": f"{say.privacy(manifest)} {say.said(manifest, 'sensitive')}",
        "dataSocialImpact": say.said(manifest, "social_impact"),
        "dataBiases": say.biases(manifest),
        "dataLimitations": say.missing(manifest),
        "dataUseCases": say.said(manifest, "uses"),
        "annotationsPerItem": str(manifest["protocol"]["overlap"]),
        "annotatorDemographics": "groups of five people or more, in annotators",
        "machineAnnotationTools": say.judges(manifest),
    }
    return {f"rai:{name}": answer for name, answer in answers.items()}


def _file(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": entry["path"],
        "name": entry["path"],
        "contentUrl": entry["path"],
        "contentSize": f"{entry['bytes']} B",
        "encodingFormat": MEDIA.get(entry["media_type"], entry["media_type"]),
        "sha256": entry["sha256"],
    }


def _records(table: Table) -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{table.name}/{column.name}",
            "name": f"{table.name}/{column.name}",
            "description": column.description,
            "dataType": TYPES[column.kind],
            **({"repeated": True} if column.kind == Kind.TEXTS else {}),
            "source": {"fileObject": {"@id": f"{table.name}.parquet"}, "extract": {"column": column.name}},
        }
        for column in table.columns
    ]
    described = {"name": table.name, "description": table.description, "field": fields}
    return {"@type": "cr:RecordSet", "@id": table.name, **described}
