"""What a release says of itself, in sentences made of its manifest: card, datasheet and Croissant share them."""

import re
from typing import Any

NOT_RECORDED = "not recorded"
Manifest = dict[str, Any]


def said(manifest: Manifest, name: str) -> str:
    """Return what people wrote of the data set, as one paragraph."""
    return " ".join(manifest["options"]["about"].get(name, "").split()) or NOT_RECORDED


def license_of(manifest: Manifest) -> str:
    return manifest["options"]["license"] or NOT_RECORDED


def title(manifest: Manifest) -> str:
    return " ".join(manifest["campaign_name"].split())


def headline(manifest: Manifest) -> str:
    counts = manifest["counts"]
    return (
        f"{counts['judgments']:,} judgments on {counts['tasks']:,} tasks by {counts['annotators_human']:,} people and "
        f"{counts['annotators_judge']:,} LLM judges"
    )


def labels(manifest: Manifest) -> str:
    """Say whose votes the labels of the data files come from, and how."""
    options = manifest["options"]
    if options["source"] == "human+judge":
        origin = "the calibrated posterior of the run, which follows from people and judges (soft_label_kind posterior)"
    else:
        whose = "people" if options["source"] == "human" else "LLM judges"
        origin = f"shares of the votes of {whose} alone (soft_label_kind empirical), not the posterior"
    modes = {
        "hard": "one row a task, the likelier response chosen",
        "soft": "one row a task, the shares for chosen, tie and rejected in soft_label",
        "replicate": "as many rows a task as it has votes, in proportion to the label: prompts come more than once",
        "votes": "one row a vote",
    }
    ties = "in both directions" if options["ties"] == "both" else "left out of files that have no tie"
    return f"Labels are {origin}; {modes[options['label_mode']]}; ties are {ties}."


def protocol(manifest: Manifest) -> str:
    facts = manifest["protocol"]
    return (
        f"Each {facts['task_type']} task goes to {facts['overlap']} evaluators and {facts['judge_overlap']} judges; "
        f"sides are {facts['sides']} and stored with the answer; {facts['gold_percent']}% of the tasks that an "
        "evaluator gets have a known answer. The rubric stands in rubrics.json."
    )


def timeframe(manifest: Manifest) -> str:
    first, last = manifest["protocol"]["timeframe"]
    return f"{first} to {last}" if first else NOT_RECORDED


def judges(manifest: Manifest) -> str:
    found = [f"{one['name']} ({one['version'][:12] or 'no version'})" for one in manifest["protocol"]["judges"]]
    return "LLM judges, each with the hash of its frozen configuration: " + ", ".join(found) if found else "none"


def sources(manifest: Manifest) -> str:
    found = [
        f"{one['name']} (format {one['format']}, sha256 {one['sha256']})" for one in manifest["protocol"]["sources"]
    ]
    return "; ".join(found) if found else "judgments made in Steelyard"


def consent(manifest: Manifest) -> str:
    facts = manifest["protocol"]["consent"]
    return (
        f"{facts['agreed']} of {facts['evaluators']} evaluators of this platform agreed to a text that is stored with "
        "their version; imported annotators are under the terms of their source."
    )


def privacy(manifest: Manifest) -> str:
    profile = {
        "public": "annotators have pseudonyms of this release, times are cut to the hour, rationales are left out",
        "partner": "annotators have pseudonyms of this release, times are cut to the hour, rationales are in",
        "hash_only": "as public, and every text is replaced by its SHA-256",
        "internal": "ids, times and rationales are those of the record; not for publication",
    }[manifest["profile"]]
    return (
        f"Profile {manifest['profile']}: {profile}. Names of people are not in it. Groups of fewer than five people "
        f"are blank ({manifest['suppressed_groups']} people)."
    )


def missing(manifest: Manifest) -> str:
    without = ", ".join(f"{name} {count:,}" for name, count in manifest["non_verdicts"].items()) or "none"
    held_out = manifest["held_out"]
    return (
        f"Answers without a verdict, kept in judgments and in no estimate: {without}. Held out and never released: "
        f"{held_out['judgments']:,} judgments on {held_out['tasks']:,} tasks. Excluded by rule: "
        f"{manifest['exclusions']['judgments']:,} judgments, so results with and without exclusions are the same."
    )


def agreement(manifest: Manifest) -> str:
    found = [
        f"{record['metric']} {record['level']} between {record['who']} {figure(record)}, n = {record['n_judgments']:,}"
        for record in manifest["agreement"]
        if not record["slice"]
    ]
    return "; ".join(found) or NOT_RECORDED


def biases(manifest: Manifest) -> str:
    found = [
        f"{row['quantity']}{' ' + row['parameter'] if row['parameter'] else ''} {figure(row)}, n = {row['n']:,}"
        for row in manifest["population"]
        if "bias" in row["quantity"] or "shift" in row["quantity"]
    ]
    return "; ".join(found) or "see annotators: position and length bias of each, with intervals"


def figure(record: Manifest) -> str:
    """Return a figure with its interval, or why there is none."""
    if record["value"] is None:
        return "undefined"
    if record["ci_low"] is None or record["ci_high"] is None:
        return f"{record['value']:.3f}"
    return f"{record['value']:.3f} ({record['ci_low']:.3f} to {record['ci_high']:.3f}, {record['ci_level']:.0%})"


def inline(words: str) -> str:
    """Keep text of people on one line and free of markup."""
    return re.sub(r"([\\`*_\[\]<>#|!])", r"\\\1", " ".join(words.split()))
