"""The public sets as long frames; nothing of them is stored."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

SIDES = {"left": "a", "right": "b", "tie": "tie"}


@pytest.fixture(scope="session")
def mt_bench(data_dir: Path) -> pd.DataFrame:
    votes = pd.read_json(data_dir / "mt_bench" / "human.jsonl", lines=True)
    verdicts = pd.read_json(data_dir / "mt_bench" / "gpt4_pair.jsonl", lines=True)
    both = pd.concat([votes.assign(kind="human"), verdicts.assign(kind="judge")], ignore_index=True)
    return pd.DataFrame(
        {
            "item": both["question_id"].astype(str) + "/" + both["turn"].astype(str),
            "annotator": both["judge"].astype(str),
            "annotator_kind": both["kind"],
            "annotator_group": both["judge"].astype(str).str.split("_").str[0],
            "system_a": both["model_a"],
            "system_b": both["model_b"],
            "outcome": both["winner"].map({"model_a": "a", "model_b": "b"}).fillna("tie"),
            "question": both["question_id"],
            "turn": both["turn"],
        }
    )


@pytest.fixture(scope="session")
def llmfao(data_dir: Path) -> pd.DataFrame:
    crowd = pd.read_csv(data_dir / "llmfao" / "crowd-comparisons.csv").assign(kind="human")
    judges = [
        pd.read_csv(data_dir / "llmfao" / f"{name}-crowd-comparisons.csv").assign(worker=name, kind="judge")
        for name in ("gpt3", "gpt4")
    ]
    both = pd.concat([crowd, *judges], ignore_index=True)
    names = pd.read_json(data_dir / "llmfao" / "models.jsonl", lines=True).set_index("id")["name"]
    return pd.DataFrame(
        {
            "item": both["id"].astype(str),
            "annotator": both["worker"].astype(str),
            "annotator_kind": both["kind"],
            "system_a": both["model_x"].map(names),
            "system_b": both["model_y"].map(names),
            "outcome": both["winner"].map(SIDES),
            "shown_order": "ab",
            "prompt": both["prompt"].astype(str),
        }
    )


@pytest.fixture(scope="session")
def bluebirds(data_dir: Path) -> pd.DataFrame:
    table = yaml.safe_load((data_dir / "bluebirds" / "labels.yaml").read_text())
    rows = [(item, who, int(label)) for who, given in table.items() for item, label in given.items()]
    return pd.DataFrame(rows, columns=["item", "annotator", "label"])


@pytest.fixture(scope="session")
def cf_amt(data_dir: Path) -> pd.DataFrame:
    path = data_dir / "cf_amt" / "CF_amt.csv"
    return pd.read_csv(path, header=None, usecols=[0, 1, 2], names=["annotator", "item", "label"])


@pytest.fixture(scope="session")
def anaesthetists(data_dir: Path) -> pd.DataFrame:
    """The first reading of each; later readings of one anaesthetist are repeats."""
    table = pd.read_csv(data_dir / "anesthesia.csv").drop_duplicates(["item", "rater"], keep="first")
    return table.rename(columns={"rater": "annotator", "rating": "label"})


@pytest.fixture(scope="session")
def caries(data_dir: Path) -> pd.DataFrame:
    patterns = pd.read_csv(data_dir / "caries.csv")
    teeth = patterns.loc[patterns.index.repeat(patterns["n"])].drop(columns="n").reset_index(drop=True)
    return teeth.rename_axis("item").reset_index().melt("item", var_name="annotator", value_name="label")


@pytest.fixture(scope="session")
def textbook(data_dir: Path) -> pd.DataFrame:
    """Krippendorff's four annotators and twelve units."""
    table = pd.read_csv(data_dir / "krippendorff_4x12.csv", header=None).rename_axis("annotator").reset_index()
    return table.melt("annotator", var_name="item", value_name="label").dropna()
