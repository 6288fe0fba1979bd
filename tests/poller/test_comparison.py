"""What a comparison reads, what it remembers, and that reading by bytes and reading whole come to the same."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from feeds.base import ListedParty
from feeds.records import Element
from monitor.core.scan import Doubt, Fallback
from monitor.poller import comparison as comparison_module
from monitor.poller.comparison import Comparison, comparing
from monitor.store.tables import FINGERPRINTS
from tests.builders import a_party
from tests.ofac_xml import Writing, sdn_xml
from tests.poller.bench import Bench, Document, on_both, twenty_parties

NEW = {"201": a_party(name="NEW, Person")}
Reads = list[str]


@pytest.fixture
def reads(bench: Bench) -> Reads:
    """The keys of the records that the adapter was given, in order."""
    keys: Reads = []

    def counted(read: Callable[[Element], ListedParty]) -> Callable[[Element], ListedParty]:
        def reading(entry: Element) -> ListedParty:
            party = read(entry)
            keys.append(party.key)
            return party

        return reading

    bench.sdn = replace(bench.adapter, read=counted(bench.adapter.read))
    bench.restart()
    return keys


def compared(bench: Bench, content: bytes) -> tuple[Comparison, list[Any]]:
    """A comparison with what is in force, and its entries by key."""
    with comparing(bench.database, bench.adapter, io.BytesIO(content), bench.spool) as comparison:
        return comparison, sorted(comparison.entries(), key=lambda entry: entry.key)


# --- what is read ---------------------------------------------------------------------------------------------------


@on_both
async def test_an_ordinary_update_reads_only_what_is_new(bench: Bench, reads: Reads) -> None:
    parties = await bench.baseline()
    assert len(reads) == 20
    reads.clear()

    changed = parties | NEW | {"105": a_party(name="OTHER, Person")}
    del changed["110"]
    bench.serve(changed, date="12/17/2024")
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 3)
    assert sorted(reads) == ["105", "201"]
    assert bench.in_force() == changed
    bench.verify()


async def test_each_update_adds_to_what_is_remembered(bench: Bench, reads: Reads) -> None:
    parties = await bench.baseline()
    for number in (201, 202, 203):
        parties = parties | {str(number): a_party(name=f"NEW, Number {number}")}
        reads.clear()
        bench.serve(parties)

        assert (await bench.poll()).changes == 1
        assert reads == [str(number)]


async def test_another_date_or_order_reads_nothing(bench: Bench, reads: Reads) -> None:
    parties = await bench.baseline()
    reads.clear()
    bench.serve(parties, date="12/17/2024")
    assert (await bench.poll()).changes == 0
    bench.serve(dict(reversed(parties.items())), date="12/18/2024")
    assert (await bench.poll()).changes == 0

    assert reads == []
    assert len(bench.rows(FINGERPRINTS)) == 1


async def test_new_numbers_of_sub_elements_read_everything_once(bench: Bench, reads: Reads) -> None:
    parties = twenty_parties()
    for number, party in enumerate(parties.values()):
        party["aliases"] = [{"last": f"ALIAS {number}"}]
    bench.serve(parties)
    await bench.poll()
    for date, expected in (("12/17/2024", 20), ("12/18/2024", 0)):
        reads.clear()
        bench.serve(parties, date=date, writing=Writing(first_uid=1000))

        assert (await bench.poll()).changes == 0
        assert len(reads) == expected


async def test_what_is_held_is_not_remembered(bench: Bench, reads: Reads) -> None:
    parties = await bench.baseline()
    bench.serve(dict(list(parties.items())[:10]))
    assert (await bench.poll()).result == "held"
    reads.clear()
    bench.serve(parties | NEW)

    assert (await bench.poll()).changes == 1
    assert reads == ["201"]


async def test_an_accepted_one_is_remembered(bench: Bench, reads: Reads) -> None:
    parties = await bench.baseline()
    fewer = dict(list(parties.items())[:10])
    bench.serve(fewer)
    held = (await bench.poll()).snapshot
    assert held is not None
    bench.accept(held)
    reads.clear()
    bench.serve(fewer | {"201": NEW["201"]})

    assert (await bench.poll()).changes == 1
    assert reads == ["201"]


async def test_a_new_version_of_the_adapter_reads_everything_once(bench: Bench) -> None:
    parties = await bench.baseline()
    (before,) = bench.rows(FINGERPRINTS)
    bench.upgrade(lambda party: party._replace(remarks=""))
    bench.serve(parties | NEW)
    assert (await bench.poll()).changes == 1

    (after,) = bench.rows(FINGERPRINTS)
    assert after.context != before.context
    assert after.raws[: 20 * 32] == before.raws, "the bytes are what they were"
    assert after.lines[: len(before.lines)] != before.lines, "what they say is not"
    bench.verify()


async def test_a_memory_of_another_register_is_not_used(bench: Bench, reads: Reads) -> None:
    """Rows that somebody put back from a copy: they are not those of the snapshot in force."""
    parties = await bench.baseline()
    (old,) = bench.rows(FINGERPRINTS)
    bench.serve(parties | NEW)
    await bench.poll()
    with bench.database.write() as connection:
        connection.execute(
            FINGERPRINTS.update().values(context=old.context, raws=old.raws, lines=old.lines)
        )
    reads.clear()
    bench.serve(parties | NEW, date="12/17/2024")

    assert (await bench.poll()).changes == 0
    assert len(reads) == 21


# --- both ways ------------------------------------------------------------------------------------------------------


def next_lists() -> dict[str, bytes]:
    parties: dict[str, Document] = twenty_parties()
    some = dict(parties)
    del some["101"], some["120"]
    some |= NEW | {str(n): a_party(name=f"OTHER, Number {n}") for n in range(110, 115)}
    return {
        "the same": sdn_xml(parties),
        "added, removed, amended": sdn_xml(some),
        "in another namespace": sdn_xml(some, namespace="http://tempuri.org/sdnList.xsd"),
        "with something unknown": sdn_xml(some).replace(
            b"<uid>115</uid>", b"<uid>115</uid><height>2 m</height>"
        ),
        "all others": sdn_xml({str(n): a_party(name=f"OTHER {n}") for n in range(300, 550)}),
    }


@on_both
@pytest.mark.parametrize("name", next_lists())
async def test_both_ways_come_to_the_same(
    bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.baseline()
    content = next_lists()[name]
    by_bytes, entries = compared(bench, content)

    monkeypatch.setattr(comparison_module, "Scan", _Doubting)
    whole, entries_of_whole = compared(bench, content)

    assert (by_bytes.read_whole, whole.read_whole) == (None, Doubt.MARKUP)
    assert entries == entries_of_whole
    for field in ("counts", "head", "namespace", "unread", "filled", "register_digest"):
        assert getattr(by_bytes, field) == getattr(whole, field), field


@on_both
async def test_a_doubt_at_the_end_leaves_nothing_of_what_was_read_before(bench: Bench) -> None:
    await bench.baseline()
    parties = twenty_parties() | NEW
    content = sdn_xml(parties).replace(b"</sdnList>", b"<!-- end --></sdnList>")

    comparison, entries = compared(bench, content)

    assert comparison.read_whole is Doubt.MARKUP
    assert [(entry.kind, entry.key) for entry in entries] == [("added", "201")]


async def test_a_list_that_is_read_whole_each_time_goes_on_being_watched(
    bench: Bench, reads: Reads
) -> None:
    def with_comment(parties: dict[str, Document]) -> bytes:
        return sdn_xml(parties).replace(b"</sdnList>", b"<!-- end --></sdnList>")

    parties = twenty_parties()
    bench.serve(with_comment(parties))
    assert (await bench.poll()).result == "baseline"
    bench.serve(with_comment(parties | NEW))
    assert (await bench.poll()).changes == 1
    bench.serve(sdn_xml(parties | NEW))
    assert (await bench.poll()).changes == 0

    reads.clear()
    bench.serve(sdn_xml(parties | NEW, date="12/17/2024"))
    assert (await bench.poll()).changes == 0
    assert reads == []
    bench.verify()


class _Doubting:
    """Stands for a scan that doubts everything."""

    def __init__(self, *_: object) -> None:
        raise Fallback(Doubt.MARKUP)
