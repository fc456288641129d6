"""Remember millions of keys in a few bytes each."""

from array import array
from collections.abc import Hashable

_MASK = (1 << 64) - 1


def fingerprint(value: Hashable) -> int:
    """Return a 64-bit number that stands for a value within this process; never 0."""
    return hash(value) & _MASK or 1


class Fingerprints:
    """A table from 64-bit fingerprints of keys to 64-bit numbers.

    A dict would need about 130 bytes a key, 650 MB for the largest file; this needs 16 to 32. Two keys that share a
    fingerprint would be taken for one; with five million keys the chance is below one in a million.
    """

    def __init__(self) -> None:
        self._size = 1 << 12
        self._count = 0
        self._keys = array("Q", bytes(8 * self._size))
        self._values = array("Q", bytes(8 * self._size))

    def remember(self, key: Hashable, value: int = 1) -> int | None:
        """Store the value of a new key; return the earlier value of a known one and leave it."""
        mark = fingerprint(key)
        place = self._place(mark)
        if self._keys[place]:
            return self._values[place]
        self._keys[place], self._values[place] = mark, value & _MASK
        self._count += 1
        if 3 * self._count > 2 * self._size:
            self._grow()
        return None

    def replace(self, key: Hashable, value: int) -> None:
        """Store another value of a known key, or the value of a new one."""
        if self.remember(key, value) is not None:
            self._values[self._place(fingerprint(key))] = value & _MASK

    def get(self, key: Hashable) -> int | None:
        """Return the value of a key, None if it is new."""
        place = self._place(fingerprint(key))
        return self._values[place] if self._keys[place] else None

    def _place(self, mark: int) -> int:
        last = self._size - 1
        place = mark & last
        while self._keys[place] not in (0, mark):
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._size *= 2
        self._keys = array("Q", bytes(8 * self._size))
        self._values = array("Q", bytes(8 * self._size))
        for mark, value in zip(keys, values, strict=True):
            if mark:
                place = self._place(mark)
                self._keys[place], self._values[place] = mark, value
