"""The chain of events: what it binds, and that anybody can check it."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.evidence import GENESIS, Link, link_hash, register_digest

LINK = Link(
    7,
    "2024-12-16T15:02:11.000000Z",
    "snapshot.accepted",
    "ofac-sdn",
    "12",
    '{"é":1}',
)


def test_a_link_can_be_checked_with_a_standard_library() -> None:
    row = [GENESIS, 7, LINK.at, LINK.kind, LINK.feed, LINK.subject, LINK.payload]
    text = json.dumps(row, separators=(",", ":"), ensure_ascii=False)

    assert link_hash(GENESIS, LINK) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "otherwise",
    [
        {"id": 8},
        {"at": "2024-12-16T15:02:12.000000Z"},
        {"kind": "snapshot.held"},
        {"feed": None},
        {"feed": ""},
        {"subject": "13"},
        {"payload": "{}"},
        {"payload": '{"é": 1}'},
    ],
)
def test_whatever_is_altered_in_an_event_alters_its_hash(otherwise: dict[str, Any]) -> None:
    assert link_hash(GENESIS, replace(LINK, **otherwise)) != link_hash(GENESIS, LINK)


def test_the_event_before_is_bound() -> None:
    assert link_hash("1" * 64, LINK) != link_hash(GENESIS, LINK)


def test_what_moves_from_one_field_to_the_next_is_noticed() -> None:
    one, other = replace(LINK, kind="a", subject="bc"), replace(LINK, kind="ab", subject="c")

    assert link_hash(GENESIS, one) != link_hash(GENESIS, other)


registers = st.dictionaries(st.integers(1, 99).map(str), st.sampled_from(["ab" * 32, "cd" * 32]))


@given(registers)
def test_a_register_in_one_number_can_be_checked_with_sort_and_sha256sum(
    digests: dict[str, str],
) -> None:
    lines = "".join(sorted(f"{key}\t{digest}\n" for key, digest in digests.items()))

    assert register_digest(digests) == hashlib.sha256(lines.encode()).hexdigest()
    assert register_digest(dict(reversed(digests.items()))) == register_digest(digests)


@given(registers, registers)
def test_registers_have_one_number_exactly_when_they_are_equal(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (register_digest(one) == register_digest(other)) == (one == other)
