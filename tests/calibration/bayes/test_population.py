import numpy as np
import pytest

from calibration.bayes import population
from calibration.bayes.population import Member


def answers(drawn, name):
    return drawn.frame[drawn.frame["annotator"] == name]


def test_shares_of_tastes_and_behaviors_are_met():
    people = population.members(200, seed=1, tastes=(0.7, 0.3), behaviors={"random": 0.05})
    honest = [member for member in people if member.behavior == "honest"]
    assert len(people) - len(honest) == 10
    assert sum(member.taste == 1 for member in honest) == 57
    assert people == population.members(200, seed=1, tastes=(0.7, 0.3), behaviors={"random": 0.05})


@pytest.mark.parametrize(
    "given", [{"behaviors": {"lazy": 0.1}}, {"behaviors": {"random": 1.2}}, {"tastes": (0.5, 0.2)}]
)
def test_impossible_shares_are_refused(given):
    with pytest.raises(ValueError, match="behaviors"):
        population.members(10, seed=1, **given)


def test_behaviors_answer_as_they_say():
    people = [Member(f"honest-{k}", 3.0, tie_width=0.1) for k in range(4)]
    people += [
        Member("first", behavior="first"),
        Member("tier", behavior="always_tie"),
        Member("inverted", 3.0, tie_width=0.1, behavior="inverted"),
        Member("rigger", behavior="rigging", favorite="system-02"),
        Member("ring-1", behavior="ring"),
        Member("ring-2", behavior="ring"),
    ]
    drawn = population.campaign(people, seed=2, systems=4, prompts=20, overlap=10)
    first = answers(drawn, "first")
    assert (first["outcome"] == first["shown_order"].map({"ab": "a", "ba": "b"})).all()
    assert (answers(drawn, "tier")["outcome"] == "tie").all()
    rigged = answers(drawn, "rigger")
    assert (rigged.loc[rigged["system_a"] == "system-02", "outcome"] == "a").all()
    assert (rigged.loc[rigged["system_b"] == "system-02", "outcome"] == "b").all()
    by_item = drawn.frame.pivot(index="item", columns="annotator", values="outcome")
    assert (by_item["ring-1"] == by_item["ring-2"]).all()
    assert (by_item["honest-0"] == by_item["honest-1"]).mean() > 0.7
    assert (by_item["honest-0"] == by_item["inverted"]).mean() < 0.3


def test_drift_wears_discrimination_off():
    people = [Member("drifting", 4.0, drift=-4.0), Member("steady", 4.0)]
    drawn = population.campaign(people, seed=3, prompts=60, overlap=2)
    truth = np.sign(drawn.quality[0])[np.argsort(drawn.items["item"])]
    right = drawn.frame.assign(
        right=drawn.frame["outcome"].map({"a": 1, "tie": 0, "b": -1})
        == truth[np.searchsorted(np.sort(drawn.items["item"]), drawn.frame["item"])]
    ).sort_values("submitted_at")
    shares = {
        name: (part["right"][: len(part) // 3].mean(), part["right"][-len(part) // 3 :].mean())
        for name, part in right.groupby("annotator")
    }
    assert shares["drifting"][0] - shares["drifting"][1] > 0.15
    assert abs(shares["steady"][0] - shares["steady"][1]) < 0.1


def test_a_family_shares_its_errors():
    people = [Member(name, 3.0, kind="judge", family=family) for name, family in zip("xyz", "ffg", strict=True)]
    people.append(Member("human"))
    drawn = population.campaign(people, seed=4, prompts=60, strength_sd=0.0, item_sd=0.0, family_sd=2.0, overlap=1)
    by_item = drawn.frame.pivot(index="item", columns="annotator", values="outcome")
    assert (by_item["x"] == by_item["y"]).mean() > (by_item["x"] == by_item["z"]).mean() + 0.2


def test_contested_prompts_are_whole_tags_and_noise_has_none():
    people = population.members(20, seed=1, tastes=(0.7, 0.3))
    drawn = population.campaign(people, seed=5, prompts=50, contested_share=0.4)
    share = drawn.items.groupby("tag")["contested"].mean()
    assert (share > 0.2).sum() == 2
    assert (share == 0).sum() == 3
    plain = population.campaign(population.members(20, seed=1), seed=5, prompts=20)
    assert not plain.items["contested"].any()


def test_judges_see_every_item_in_both_orders_and_people_their_share():
    people = (Member("h1"), Member("h2"), Member("h3"), Member("j", kind="judge"))
    frame = population.campaign(people, seed=1, systems=3, prompts=10, overlap=2, both_orders=True).frame
    judged = frame[frame["annotator"] == "j"]
    assert judged.groupby("item").size().eq(2).all()
    assert judged["shown_order"].eq(judged["round"].map({0: "ab", 1: "ba"})).all()
    assert (frame[frame["annotator_kind"] == "human"].groupby("item").size() == 2).all()


def test_answers_follow_quality_position_and_tie_width():
    people = (Member("sharp", 3.0), Member("first", 0.0, 4.0), Member("tier", 1.0, 0.0, 6.0))
    drawn = population.campaign(people, seed=2, systems=2, prompts=400, overlap=3, item_sd=0.0, strength_sd=2.0)
    frame = drawn.frame
    gap = drawn.strength[0, 0] - drawn.strength[0, 1]
    assert (frame[frame["annotator"] == "sharp"]["outcome"] == ("a" if gap > 0 else "b")).mean() > 0.9
    first = frame[frame["annotator"] == "first"]
    assert (first["outcome"] == first["shown_order"].str[0]).mean() > 0.95
    assert (frame[frame["annotator"] == "tier"]["outcome"] == "tie").mean() > 0.9
