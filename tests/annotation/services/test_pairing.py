from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from annotation.services import pairing
from annotation.services.pairing import Entry


def prompts_of(systems, count, missing=frozenset()):
    return {
        f"p{p}": [Entry(s, "", f"{s}{p}") for k, s in enumerate(systems) if (p, k) not in missing] for p in range(count)
    }


def test_the_design_is_balanced_over_system_pairs_and_systems():
    systems = ["a", "b", "c", "d", "e"]
    chosen = pairing.design(prompts_of(systems, 42), pairs_per_prompt=5)
    met = Counter((a.system, b.system) for pairs in chosen.values() for a, b in pairs)
    seen = Counter(e.system for pairs in chosen.values() for pair in pairs for e in pair)
    assert sum(met.values()) == 210
    assert set(met) == set(combinations(systems, 2))
    assert max(met.values()) - min(met.values()) <= 1
    assert max(seen.values()) - min(seen.values()) <= 2


def test_identical_texts_and_responses_of_one_system_never_meet():
    entries = [Entry("a", "", "same"), Entry("b", "", "same"), Entry("a", "2", "other"), Entry("c", "", "third")]
    chosen = pairing.design({"p": entries})["p"]
    assert all(x.sha256 != y.sha256 and x.system != y.system for x, y in chosen)


@given(
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 6)), max_size=50),
    st.integers(1, 3),
)
def test_systems_that_can_be_joined_are_joined(missing, pairs_per_prompt):
    prompts = prompts_of([f"s{k}" for k in range(7)], 10, missing)
    possible = [(a.system, b.system) for entries in prompts.values() for a, b in combinations(entries, 2)]
    chosen = pairing.design(prompts, pairs_per_prompt=pairs_per_prompt)
    made = [(a.system, b.system) for pairs in chosen.values() for a, b in pairs]
    assert sorted(map(sorted, pairing.components(made))) == sorted(map(sorted, pairing.components(possible)))
    assert all(a < b for pairs in chosen.values() for a, b in pairs)


def test_the_design_does_not_depend_on_the_order_of_the_file():
    prompts = prompts_of(["a", "b", "c", "d"], 8)
    backwards = {key: prompts[key][::-1] for key in reversed(prompts)}
    assert pairing.design(prompts, pairs_per_prompt=2) == pairing.design(backwards, pairs_per_prompt=2)
