"""The checks find what is wrong."""

from random import Random

from tests.faults.checks import apply, in_canonical_order
from tests.faults.history import History


def test_changes_that_were_not_made_from_the_list_are_found() -> None:
    state = in_canonical_order(History(Random(1)).newest.documents())
    held, absent = next(iter(state)), "999999"
    document = state[held]

    def complaints(**change: object) -> list[str]:
        return list(apply(dict(state), [change]))

    assert complaints(key=held, kind="removed", party=document) == []
    assert complaints(key=absent, kind="added", party=document) == []
    assert complaints(key=held, kind="removed", party={**document, "remarks": "Case V999999"})
    assert complaints(key=absent, kind="removed", party=document)
    assert complaints(key=held, kind="added", party=document)
    assert complaints(
        key=held, kind="amended", fields=[{"field": "remarks", "before": ["no"], "after": []}]
    )


def test_an_amendment_leads_to_the_new_document() -> None:
    state = in_canonical_order(History(Random(1)).newest.documents())
    key = next(iter(state))
    old, new = state[key]["programs"], ["BELARUS", "CYBER4"]
    fields = [
        {"field": "programs", "before": old, "after": new},
        {"field": "remarks", "before": [state[key]["remarks"]], "after": []},
    ]

    assert list(apply(state, [{"key": key, "kind": "amended", "fields": fields}])) == []
    assert state[key]["programs"] == new
    assert "remarks" not in state[key]
