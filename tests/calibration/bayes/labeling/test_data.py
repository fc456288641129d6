import numpy as np
import pandas as pd
import pytest

from calibration.bayes.columns import UnusableFrame
from calibration.bayes.labeling.data import label_data

ROWS = pd.DataFrame({"item": ["x", "x", "y"], "annotator": ["a", "b", "a"], "label": ["yes", "no", "yes"]})


def test_labels_are_kept_as_text_and_names_are_sorted():
    data = label_data(ROWS.assign(label=[True, False, True], item=[10, 10, 9]))
    assert data.labels == ("False", "True")
    assert list(data.items) == ["10", "9"]
    assert data.votes().tolist() == [[1, 1], [0, 1]]


def test_the_last_row_of_an_annotator_on_an_item_counts_and_the_others_are_counted():
    data = label_data(pd.concat([ROWS, ROWS.assign(label="no")]))
    assert (data.n_judgments, data.n_replaced) == (3, 3)
    assert data.votes()[:, data.labels.index("no")].tolist() == [2, 1]


def test_row_order_changes_nothing():
    shuffled = label_data(ROWS.sample(frac=1, random_state=1))
    assert np.array_equal(shuffled.label, label_data(ROWS).label)


def test_labels_may_be_named_that_nobody_used():
    assert label_data(ROWS, ["yes", "no", "unsure"]).labels == ("yes", "no", "unsure")
    assert label_data(ROWS, also=["unsure"]).labels == ("no", "unsure", "yes")
    categories = pd.Categorical(ROWS["label"], categories=["no", "unsure", "yes"])
    assert label_data(ROWS.assign(label=categories)).labels == ("no", "unsure", "yes")


def test_groups_are_kinds_and_groups_within_them():
    data = label_data(ROWS.assign(annotator_kind=["human", "judge", "human"], annotator_group=["crowd", None, "crowd"]))
    assert data.groups == ("human: crowd", "llm")
    assert list(data.kinds) == ["human", "llm"]


def test_some_rows_leave_every_item_and_annotator():
    part = label_data(ROWS).select(np.array([False, True, False]))
    assert part.shape == (2, 2, 2)
    assert part.item_size.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (ROWS.iloc[:0], "no label"),
        (ROWS.drop(columns="label"), "lacks the columns label"),
        (ROWS.assign(label=["yes", None, "no"]), "Column label is empty in row 2"),
        (ROWS.assign(item=[None, "", "y"]), r"Column item is empty in 2 rows \(first: 1, 2\)"),
        (ROWS.assign(label="yes"), "Every judgment says 'yes'"),
        (ROWS.assign(annotator_kind="robot"), "holds 'robot'"),
        (ROWS.assign(annotator_kind=["human", "human", "llm"]), "Annotator 'a' has several values of annotator_kind"),
        (ROWS.assign(system=["m", "n", "m"]), "Item 'x' has several values of system"),
        (ROWS.assign(criterion=["tone", "facts", "facts"]), "mixes the criteria 'facts', 'tone'"),
    ],
)
def test_an_unusable_frame_says_what_to_change(frame, says):
    with pytest.raises(UnusableFrame, match=says):
        label_data(frame)


def test_an_unknown_label_is_refused_by_name():
    with pytest.raises(UnusableFrame, match="'no' was given"):
        label_data(ROWS, ["yes", "maybe"])


def test_too_many_probabilities_are_refused_before_they_are_allocated():
    many = pd.DataFrame({"item": range(5_000), "annotator": "a", "label": range(5_000)})
    with pytest.raises(UnusableFrame, match="merge rare labels"):
        label_data(many)
