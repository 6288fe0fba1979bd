"""The known history says of itself what the adapter reads from it."""

import io
from random import Random

from feeds import RegisterAdapter, by_id
from feeds.records import read_register
from monitor.core.canonical import party_document
from tests.faults.checks import in_canonical_order
from tests.faults.history import History


def test_what_a_version_means_is_what_its_bytes_say() -> None:
    history = History(Random(1))
    for _ in range(5):
        history.publish(9)
    history.publish_mass_edit()
    version = history.publish_drop()
    adapter = by_id("ofac-sdn")
    assert isinstance(adapter, RegisterAdapter)

    read = {
        party.key: party_document(party)
        for party in read_register(adapter, io.BytesIO(version.body))
    }

    assert read == in_canonical_order(version.documents())


def test_the_same_seed_makes_the_same_history() -> None:
    one, other = History(Random(7)), History(Random(7))

    assert one.publish(4).sha256 == other.publish(4).sha256
    assert History(Random(8)).publish(4).sha256 != one.newest.sha256
