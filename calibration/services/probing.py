"""What the bias battery of a judge found: each probe's verdicts beside those on the texts unchanged."""

from typing import Any

import pandas as pd

from annotation.judges import probes
from annotation.models import JudgeConfig, JudgeRequest
from calibration.validity import bias

COLUMNS = ("task__public_id", "probe", "shown_order", "verdict")


def battery(config: JudgeConfig) -> list[dict[str, Any]]:
    """Return robustness and directed shift of every transform; nothing before the battery was run."""
    table = _verdicts(config)
    plain = table[table["kind"] == "repeat"].set_index(["item", "shown_order"])["outcome"]
    if plain.empty:
        return []
    keys = pd.MultiIndex.from_frame(table[["item", "shown_order"]])
    table = table.assign(unchanged=plain.reindex(keys).to_numpy()).dropna(subset=["unchanged"])
    found = [_row(kind, table[table["kind"] == kind]) for kind in (*probes.TRANSFORMS, "opinion", "null")]
    same = table[table["kind"] == "identical"]
    first = bias.over_pairs(
        "identical pair, first shown wins", same, bias.first_slot_rate, recipe="decided verdicts; one half is fair"
    )
    return [*found, {"kind": "identical", "robustness": None, "shift": first.as_json()}]


def _verdicts(config: JudgeConfig) -> pd.DataFrame:
    asked = JudgeRequest.objects.filter(config=config, run__kind="battery").exclude(verdict=None).order_by("pk")
    rows = [
        (str(item), probe.partition(":")[0], probe.partition(":")[2], order, verdict.get("outcome"))
        for item, probe, order, verdict in asked.values_list(*COLUMNS)
        if verdict.get("state") == "judged"
    ]
    return pd.DataFrame(rows, columns=["item", "kind", "side", "shown_order", "outcome"])


def _row(kind: str, rows: pd.DataFrame) -> dict[str, Any]:
    robust = bias.over_pairs(f"{kind}: verdict kept", rows, bias.robustness, recipe="pairs resampled")
    shift = bias.over_pairs(f"{kind}: shift", rows, bias.directed_shift, recipe="changed less unchanged")
    return {"kind": kind, "robustness": robust.as_json(), "shift": shift.as_json()}
