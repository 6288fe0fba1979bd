"""In how many records of a register each field is filled, kept up to date from what differs.

A field that empties is judged among the records that stay: when all vessels leave a list, no field of the others was lost.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

Fields = Iterable[str]


class Filling:
    """Counts of filled fields, beginning with those on record.

    Records are counted by which fields they have, as most have one of few shapes: a baseline adds each of its records.
    """

    def __init__(self, on_record: Mapping[str, int]) -> None:
        self._on_record = Counter(on_record)
        self._added: Counter[tuple[str, ...]] = Counter()
        self._removed: Counter[tuple[str, ...]] = Counter()
        self._amended: Counter[str] = Counter()

    def added(self, fields: Fields) -> None:
        """A record with these fields is new."""
        self._added[tuple(fields)] += 1

    def removed(self, fields: Fields) -> None:
        """A record with these fields is gone."""
        self._removed[tuple(fields)] += 1

    def amended(self, old: Fields, new: Fields) -> None:
        """A record that stays had the old fields and has the new ones."""
        self._amended.subtract(tuple(old))
        self._amended.update(tuple(new))

    def before(self) -> dict[str, int]:
        """In how many of the records that stay each field was filled."""
        return _present(self._on_record - _by_field(self._removed))

    def after(self) -> dict[str, int]:
        """In how many of the records that stay each field is filled now."""
        total = Counter(self.before())
        total.update(self._amended)
        return _present(total)

    def now(self) -> dict[str, int]:
        """In how many records of the whole list each field is filled now."""
        return _present(Counter(self.after()) + _by_field(self._added))


def _by_field(shapes: Counter[tuple[str, ...]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for fields, records in shapes.items():
        for name in fields:
            total[name] += records
    return total


def _present(total: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in sorted(total.items()) if number > 0}
