import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.judges import envelope
from annotation.judges.envelope import Usage


def body(**changes):
    message = {"role": "assistant", "content": "text", "refusal": None}
    whole = {"model": "m-1", "system_fingerprint": "fp", "choices": [{"message": message, "finish_reason": "stop"}]}
    return json.dumps(whole | changes).encode()


def test_a_completion_is_read_with_all_it_tells_of_itself():
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    answer = envelope.read(body(usage=usage))

    assert (answer.content, answer.finish_reason, answer.model, answer.fault) == ("text", "stop", "m-1", "")
    assert answer.usage == Usage(prompt=10, completion=5, cached=4, reasoning=3)


@pytest.mark.parametrize(
    "usage",
    [None, [], {}, {"prompt_tokens": 1}, {"prompt_tokens": -1, "completion_tokens": 1},
     {"prompt_tokens": True, "completion_tokens": 1}, {"prompt_tokens": 2**63, "completion_tokens": 1},
     {"prompt_tokens": "1", "completion_tokens": 1}],
)  # fmt: skip
def test_usage_that_is_no_count_of_tokens_is_unknown(usage):
    assert envelope.read(body(usage=usage)).usage is None


@pytest.mark.parametrize("name", ["", "x" * 201, "a\0b", "line\nbreak", 7, None, "\ud800"])
def test_labels_that_could_not_be_stored_are_unknown(name):
    assert envelope.read(body(model=name)).model is None


def test_an_error_inside_a_200_is_an_error():
    answer = envelope.read(b'{"error": {"message": "upstream", "code": 502, "type": "upstream_error"}}')
    assert (answer.is_error, answer.error_code) == (True, "upstream_error")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(raw):
    assert envelope.read(raw).content is None


NAMES = ["choices", "message", "content", "usage", "error", "model"]
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    )
)
def test_no_json_makes_it_raise(value):
    envelope.read(json.dumps(value).encode())
