"""The simulated people of the demonstration: what they answer follows from a truth that is known."""

import hashlib
import json
import math
import random
from dataclasses import dataclass
from pathlib import Path

TASKS = Path(__file__).with_name("tasks.jsonl")
PAIRS_PER_PROMPT = 5
OVERLAP = 4
TASKS_A_PERSON = 60
PASSWORD = "weigh it twice"  # noqa: S105  (the demonstration's, shown to everybody)
STRENGTH = {"cedar-2": 1.3, "birch-2": 0.8, "alder-1": 0.0, "damson-1": -0.8, "elm-0": -1.3}
ITEM_SD = 0.4
JUDGE = {"discrimination": 1.5, "first_slot_bias": 0.8, "length_bias": 0.0, "tie_band": 0.3, "lapse": 0.0}


@dataclass(frozen=True, slots=True)
class Evaluator:
    """One simulated person: how sharply they follow quality, how they lean to the left, how wide their ties are."""

    username: str
    discrimination: float
    position: float = 0.0
    tie_width: float = 0.4


PEOPLE = (
    Evaluator("sim-heron", 1.5, 0.0),
    Evaluator("sim-lapwing", 1.2, 0.15),
    Evaluator("sim-plover", 1.1, -0.1, 0.6),
    Evaluator("sim-avocet", 1.0, 0.1),
    Evaluator("sim-turnstone", 0.9, 0.0, 0.25),
    Evaluator("sim-sanderling", 0.8, 0.2),
    Evaluator("sim-dunlin-spammer", 0.0, 0.0),
    Evaluator("sim-godwit-first-side", 0.3, 2.2, 0.2),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """The quality of every response, known because it was drawn here."""

    quality: dict[str, float]  # by SHA-256 of the response's text

    def answer(self, person: Evaluator, left: str, right: str, rng: random.Random) -> str:
        """Draw a person's answer to two texts: left, right or tie."""
        slope = person.discrimination * (self.quality[digest(left)] - self.quality[digest(right)]) + person.position
        p_left = _sigmoid(slope - person.tie_width)
        p_right = _sigmoid(-slope - person.tie_width)
        draw = rng.random()
        return "left" if draw < p_left else "right" if draw < p_left + p_right else "tie"

    def write_judge_table(self, state_dir: Path) -> None:
        """Tell the parametric judge how good each response is."""
        (state_dir / "judge-table.json").write_text(json.dumps(self.quality))


def truth() -> Truth:
    """Draw the responses' quality: the system's strength and a seeded part of the response's own."""
    quality = {}
    for line in TASKS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        own = random.Random(f"{row['prompt_id']}|{row['system']}").gauss(0, ITEM_SD)  # noqa: S311
        quality[digest(row["response"])] = STRENGTH[row["system"]] + own
    return Truth(quality)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))
