import random

from annotation.readers.fingerprints import Fingerprints, fingerprint


def test_it_remembers_like_a_dict() -> None:
    dice = random.Random(1)
    table, model = Fingerprints(), dict[tuple[str, int], int]()
    for number in range(30_000):
        key = ("x", dice.randrange(15_000))
        assert table.get(key) == model.get(key)
        assert table.remember(key, number) == model.get(key)
        model.setdefault(key, number)
    assert all(table.get(key) == value for key, value in model.items())
    assert table.get(("y", 1)) is None


def test_a_fingerprint_is_a_positive_number_of_64_bits() -> None:
    for value in (0, -1, "", (), ("", 0), None, "x" * 100):
        assert 0 < fingerprint(value) < 2**64


def test_a_million_keys_take_little_memory() -> None:
    table = Fingerprints()
    for number in range(200_000):
        table.remember(number)
    assert table._size * 16 < 10_000_000
