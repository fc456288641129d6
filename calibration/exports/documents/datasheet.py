"""datasheet.md: the datasheet of Gebru et al. and the data statement of Bender and Friedman, from the same facts."""

from typing import Any

from calibration.exports.documents import statements as say


def text(manifest: dict[str, Any]) -> str:
    """Return the datasheet; what nobody recorded is printed as not recorded."""
    parts = [f"# Datasheet: {say.inline(say.title(manifest))}"]
    for heading, answers in (*_datasheet(manifest), *_statement(manifest)):
        lines = [f"- **{question}** {say.inline(answer)}" for question, answer in answers]
        parts.append(f"## {heading}\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _datasheet(manifest: dict[str, Any]) -> tuple[Any, ...]:
    about = lambda name: say.said(manifest, name)  # noqa: E731
    return (
        ("Motivation", (("Why was it made?", about("motivation")), ("Who paid for it?", about("funding")))),
        (
            "Composition",
            (
                ("What is in it?", say.headline(manifest) + "."),
                ("What is missing?", say.missing(manifest)),
                ("Is it sensitive?", about("sensitive")),
                ("What of people is in it?", say.privacy(manifest)),
            ),
        ),
        (
            "Collection process",
            (
                ("How was it collected?", say.protocol(manifest)),
                ("In the words of its makers?", about("collection")),
                ("When?", say.timeframe(manifest)),
                ("From where?", say.sources(manifest)),
                ("Did people agree?", say.consent(manifest)),
                ("Which machines took part?", say.judges(manifest)),
            ),
        ),
        (
            "Preprocessing, cleaning, labeling",
            (
                ("How were labels made?", say.labels(manifest)),
                ("How far do annotators agree?", say.agreement(manifest)),
                ("Which biases were measured?", say.biases(manifest)),
                ("Are the raw judgments there?", "Yes, each in judgments, beside the calibrated labels."),
            ),
        ),
        (
            "Uses",
            (
                ("What is it for?", about("uses")),
                ("What is it not for?", about("unsuitable_uses")),
                ("What may it do to people?", about("social_impact")),
            ),
        ),
        ("Distribution", (("Licence?", say.license_of(manifest)), ("How?", about("distribution")))),
        ("Maintenance", (("By whom and how long?", about("maintenance")), ("Contact?", about("contact")))),
    )


def _statement(manifest: dict[str, Any]) -> tuple[Any, ...]:
    """Return the headings of a data statement; the record knows few of them."""
    languages = ", ".join(manifest["protocol"]["languages"]) or say.NOT_RECORDED
    return (
        (
            "Data statement",
            (
                ("Curation rationale", say.said(manifest, "motivation")),
                ("Language variety", languages),
                ("Speaker demographics", say.said(manifest, "speakers")),
                ("Annotator demographics", "stakeholder groups of five people or more stand in annotators"),
                ("Speech situation", say.NOT_RECORDED),
                ("Text characteristics", say.NOT_RECORDED),
                ("Recording quality", say.NOT_RECORDED),
                ("Provenance", say.sources(manifest)),
            ),
        ),
    )
