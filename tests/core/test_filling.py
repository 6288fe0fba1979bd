"""How many records have each field, from what differs alone."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.filling import Filling

Records = dict[int, frozenset[str]]
RECORDS = st.dictionaries(st.integers(0, 30), st.frozensets(st.sampled_from("abcd")))


@given(RECORDS, RECORDS)
def test_counting_what_differs_gives_what_counting_everything_gives(
    old: Records, new: Records
) -> None:
    filling = Filling(counted(old.values()))
    for key in new.keys() - old.keys():
        filling.added(new[key])
    for key in old.keys() - new.keys():
        filling.removed(old[key])
    stay = old.keys() & new.keys()
    for key in stay:
        if old[key] != new[key]:
            filling.amended(old[key], new[key])

    assert filling.now() == counted(new.values())
    assert filling.before() == counted(old[key] for key in stay)
    assert filling.after() == counted(new[key] for key in stay)


def counted(records: Iterable[frozenset[str]]) -> dict[str, int]:
    return dict(sorted(Counter(name for fields in records for name in fields).items()))
