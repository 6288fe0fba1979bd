"""What a list holds that the adapter neither takes nor ignores: named, while the list goes on being watched."""

import pytest

from tests.builders import a_party
from tests.ofac_xml import sdn_xml
from tests.poller.bench import SDN, Bench, Document, on_both

NEW = {"201": a_party(name="NEW, Person")}


def with_height(parties: dict[str, Document], *, date: str = "12/16/2024") -> bytes:
    """The list, of which one party has an element that nobody knows."""
    return sdn_xml(parties, date=date).replace(
        b"<uid>105</uid>", b"<uid>105</uid><height>2 m</height>"
    )


@on_both
async def test_an_unknown_element_is_named_and_the_change_beside_it_is_told(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_height(parties | NEW))
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 1)
    assert bench.told() == [("added", "201")]
    incident = bench.incident("unknown_content")
    assert (incident.subject, incident.severity) == (f"{SDN} height", "medium")
    assert "height" in incident.summary
    assert "'2 m'" in incident.detail
    assert bench.open_incidents() == [("unknown_content", f"{SDN} height")]


@pytest.mark.parametrize(
    ("path", "put", "by"),
    [
        ("akaList/aka/@since", b"<aka>", b'<aka since="1999">'),
        ("@status", b"<sdnEntry>", b'<sdnEntry status="new">'),
        ("publshInformation/Next_Date", b"</Publish_Date>", b"</Publish_Date><Next_Date/>"),
        ("note", b"</publshInformation>", b"</publshInformation><note>of the publisher</note>"),
        ("text between the records", b"</publshInformation>", b"</publshInformation>by hand"),
    ],
)
async def test_whatever_is_unknown_has_a_path(
    bench: Bench, path: str, put: bytes, by: bytes
) -> None:
    parties = await bench.baseline()
    parties["105"] = parties["105"] | {
        "aliases": [{"last": "OTHER", "kind": "aka", "strength": "strong"}]
    }
    content = sdn_xml(parties)
    assert put in content
    bench.serve(content.replace(put, by))
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 1)
    assert bench.open_incidents() == [("unknown_content", f"{SDN} {path}")]


async def test_it_stays_open_while_the_list_holds_it_though_its_record_is_unchanged(
    bench: Bench,
) -> None:
    """The bytes of such a record are never remembered: else a later reading would not see it and call it gone."""
    parties = await bench.baseline()
    bench.serve(with_height(parties))
    await bench.poll()
    bench.serve(with_height(parties | NEW, date="12/18/2024"))
    await bench.poll()

    assert bench.open_incidents() == [("unknown_content", f"{SDN} height")]
    assert bench.incident("unknown_content").times == 2


@on_both
async def test_it_closes_once_a_whole_reading_finds_it_no_longer(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_height(parties))
    await bench.poll()
    bench.serve(parties | NEW)
    await bench.poll()

    assert bench.open_incidents() == []
    assert bench.incident("unknown_content").closed_by == "the list holds it no longer"


async def test_it_closes_too_when_the_list_has_to_be_read_whole(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_height(parties))
    await bench.poll()
    bench.serve(sdn_xml(parties | NEW).replace(b"<sdnEntry>", b"<!-- by hand --><sdnEntry>", 1))
    await bench.poll()

    assert bench.told() == [("added", "201")]
    assert bench.open_incidents() == []


async def test_a_quiet_poll_ends_nothing(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_height(parties))
    await bench.poll()
    assert (await bench.poll()).result == "unchanged"

    assert bench.open_incidents() == [("unknown_content", f"{SDN} height")]


async def test_a_held_list_says_nothing_of_what_is_unknown(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_height(parties))
    await bench.poll()
    bench.serve(dict(list(parties.items())[:5]))
    await bench.poll()

    assert ("unknown_content", f"{SDN} height") in bench.open_incidents()


async def test_a_new_namespace_is_told_changes_nothing_and_ends_with_it(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(sdn_xml(parties, namespace="https://example.org/new"))
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 0)
    assert bench.open_incidents() == [("new_namespace", SDN)]
    assert "https://example.org/new" in bench.incident("new_namespace").detail
    bench.serve(parties, date="12/18/2024")
    await bench.poll()
    assert bench.open_incidents() == []


@pytest.mark.parametrize(
    "namespace", ["http://tempuri.org/sdnList.xsd", "http://tempuri.org/consolidated.xsd"]
)
async def test_a_namespace_of_the_past_is_nothing_new(bench: Bench, namespace: str) -> None:
    parties = await bench.baseline()
    bench.serve(sdn_xml(parties, namespace=namespace))
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 0)
    assert bench.open_incidents() == []
