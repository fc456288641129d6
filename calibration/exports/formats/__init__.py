"""Every format in which the pairs and judgments of a release can be written: one pure function each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from calibration.exports.formats import arenas, crowds, tools, training
from calibration.exports.formats.cases import Case, Row
from calibration.exports.options import Options

Writer = Callable[[Iterable[Case], Options, Counter[str]], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Format:
    """A file of a release: its path says whether it is JSON lines, one JSON array or CSV."""

    path: str
    schema: str
    purpose: str
    write: Writer


FORMATS: dict[str, Format] = {
    "preference": Format(
        "data/preference/train.jsonl",
        "trl/preference-explicit-conversational",
        "DPO and other preference trainers",
        training.preference,
    ),
    "preference_standard": Format(
        "data/preference_standard/train.jsonl",
        "trl/preference-explicit-standard",
        "the same as plain texts",
        training.preference_standard,
    ),
    "preference_implicit": Format(
        "data/preference_implicit/train.jsonl",
        "trl/preference-implicit-conversational",
        "reward models",
        training.preference_implicit,
    ),
    "unpaired": Format("data/unpaired/train.jsonl", "trl/unpaired-conversational", "KTO and BCO", training.unpaired),
    "prompts": Format("data/prompts/train.jsonl", "trl/prompt-only-conversational", "online methods", training.prompts),
    "completions": Format(
        "data/completions/train.jsonl",
        "trl/prompt-completion-conversational",
        "supervised training",
        training.completions,
    ),
    "language_modeling": Format(
        "data/language_modeling/train.jsonl",
        "trl/language-modeling-conversational",
        "supervised training on whole conversations",
        training.language_modeling,
    ),
    "hh": Format("data/hh/train.jsonl", "anthropic/hh", "transcripts as in Anthropic's HH", training.transcripts),
    "helpsteer3": Format(
        "data/helpsteer3/train.jsonl", "helpsteer3/preference", "graded preferences", arenas.helpsteer3
    ),
    "arena": Format("data/arena/train.jsonl", "arena/battles", "Bradley-Terry rankings of Chatbot Arena", arenas.arena),
    "mt_bench": Format(
        "data/mt_bench/human.jsonl", "mt-bench/human-votes", "agreement scripts of MT-Bench", arenas.mt_bench
    ),
    "alpaca_eval": Format(
        "data/alpaca_eval/train.jsonl", "alpaca-eval/annotations", "AlpacaEval's analysis", arenas.alpaca_eval
    ),
    "label_studio": Format(
        "data/label_studio/tasks.json", "label-studio/tasks", "import into Label Studio", tools.label_studio
    ),
    "argilla": Format("data/argilla/records.json", "argilla/records-2", "import into Argilla", tools.argilla),
    "plain": Format("data/plain/judgments.csv", "plain/1", "a spreadsheet", crowds.plain),
    "helm": Format("data/helm/critiques.csv", "helm/mturk", "HELM's critiques", crowds.helm),
    "crowd_kit_pairs": Format(
        "data/crowd_kit/pairs.csv", "crowd-kit/pairwise", "crowd-kit, noisy Bradley-Terry", crowds.crowd_kit_pairs
    ),
    "crowd_kit_labels": Format(
        "data/crowd_kit/labels.csv", "crowd-kit/classification", "crowd-kit, Dawid-Skene", crowds.crowd_kit_labels
    ),
    "krippendorff": Format(
        "data/krippendorff/long.csv", "krippendorff/long", "Krippendorff's alpha", crowds.krippendorff_long
    ),
    "krippendorff_matrix": Format(
        "data/krippendorff/matrix.csv",
        "krippendorff/matrix",
        "the krippendorff package, with value_domain.json",
        crowds.krippendorff_matrix,
    ),
    "lewidi": Format(
        "data/lewidi/train.jsonl", "lewidi/1", "learning with disagreements: votes and soft labels", crowds.lewidi
    ),
}
