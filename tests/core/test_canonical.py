"""One content, one document; one document, one digest."""

import hashlib
import json
import unicodedata
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Alias, Body, Identifier, ListedParty, Name, Publication, Unread, Vessel
from monitor.core.canonical import (
    COLLECTIONS,
    canonical_text,
    decode,
    digest,
    encode,
    in_order,
    party_document,
    publication_document,
)
from tests.registers import Document, as_party, documents, texts

SPACES = [" ", "  ", "\t", "\r\n", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}"]


@given(documents)
def test_a_party_and_its_document_are_the_same_content(document: Document) -> None:
    assert party_document(as_party("7", document)) == document


@given(documents, st.randoms(use_true_random=False))
def test_order_white_space_and_decomposition_are_no_content(
    document: Document, random: Random
) -> None:
    otherwise = laid_out_otherwise(as_party("7", document), random)

    assert party_document(otherwise) == document


def laid_out_otherwise(value: Any, random: Random) -> Any:
    """The same content with collections in another order, other white space and letters decomposed."""
    if isinstance(value, str):
        spaced = "".join(random.choice(SPACES) if each == " " else each for each in value)
        return random.choice(["", *SPACES]) + unicodedata.normalize("NFD", spaced) + "\n"
    if value is None:
        return None
    if hasattr(value, "_fields"):  # a tuple with names: a party, or a value of it
        parts = (laid_out_otherwise(part, random) for part in value)
        return type(value)(*parts)
    return tuple(laid_out_otherwise(each, random) for each in random.sample(value, len(value)))


@given(documents)
def test_the_digest_can_be_checked_with_a_standard_library(document: Document) -> None:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert encode(document) == text.encode()
    assert digest(document) == hashlib.sha256(text.encode()).hexdigest()


@given(documents, documents)
def test_digests_are_equal_exactly_when_the_contents_are(one: Document, other: Document) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@given(st.text())
def test_canonical_text_is_composed_single_spaced_trimmed_and_final(text: str) -> None:
    canonical = canonical_text(text)

    assert canonical == " ".join(canonical.split(" ")) == canonical.strip()
    assert unicodedata.is_normalized("NFC", canonical)
    assert "  " not in canonical
    assert canonical_text(canonical) == canonical


@given(texts)
def test_canonical_text_alters_no_letter(text: str) -> None:
    assert canonical_text(text) == text


def test_case_and_punctuation_are_content() -> None:
    assert canonical_text("De la Cruz, O'Neil.") == "De la Cruz, O'Neil."


def test_what_is_empty_is_absent() -> None:
    party = ListedParty(
        key="7",
        type="entity",
        name=Name(last="ACME", first="  "),
        programs=("", "\n"),
        aliases=(Alias(), Alias(last="A")),
        identifiers=(Identifier(number=" "),),
        vessel=Vessel(),
        remarks="\t",
    )

    assert party_document(party) == {
        "type": "entity",
        "name": {"last": "ACME"},
        "aliases": [{"last": "A"}],
    }


def test_repetition_is_content() -> None:
    once, twice = (
        ListedParty("7", "entity", Name("ACME"), programs=("SDGT",) * times) for times in (1, 2)
    )

    assert party_document(twice)["programs"] == ["SDGT", "SDGT"]
    assert digest(party_document(once)) != digest(party_document(twice))


def test_the_key_and_what_was_left_unread_are_no_content() -> None:
    one = ListedParty("7", "entity", Name("ACME"))
    other = ListedParty("8", "entity", Name("ACME"), unread=(Unread("x", "y"),))

    assert party_document(one) == party_document(other)


def test_every_field_of_a_party_has_a_part_in_its_document() -> None:
    """A field that is added to the model must not be forgotten here."""
    plain = ListedParty("7", "entity", Name("ACME"))
    names = {*ListedParty._fields} - {"key", "unread"}
    values: dict[str, Any] = {"type": "vessel", "name": Name("B"), "vessel": Vessel(flag="Panama")}
    for field in names:
        default = getattr(plain, field)
        if field not in values:
            values[field] = "text" if isinstance(default, str) else (a_value(field),)
    for field in names:
        document = party_document(plain._replace(**{field: values[field]}))
        assert field in document
        assert isinstance(document[field], list) == (field in COLLECTIONS), field


def a_value(field: str) -> Any:
    """Something that a collection may hold."""
    from feeds import base

    kinds = {
        "aliases": base.Alias("A"),
        "addresses": base.Address(city="A"),
        "identifiers": base.Identifier("A"),
        "nationalities": base.Country("A"),
        "citizenships": base.Country("A"),
        "dates_of_birth": base.BirthDate("A"),
        "places_of_birth": base.BirthPlace("A"),
    }
    return kinds.get(field, "A")


def test_a_field_that_is_absent_leaves_the_digest_as_it_was() -> None:
    """What this digest was on the first day, it must be for ever, or DIGEST_VERSION has to rise."""
    document = party_document(
        ListedParty("7", "individual", Name("DOE", "Ján"), programs=("SDGT", "DPRK4"))
    )

    assert digest(document) == "067368518c349f637bbf3529bc9ec5f54f886a805a43979840b71077adef2949"


@given(st.lists(st.one_of(texts, st.dictionaries(texts, texts, max_size=2)), max_size=5))
def test_the_order_of_a_collection_is_one(values: list[Any]) -> None:
    assert in_order(values) == in_order(list(reversed(values)))


@given(documents)
def test_decoding_undoes_encoding(document: Document) -> None:
    assert decode(encode(document)) == document
    assert decode(encode(document).decode()) == document


# --- publications ---------------------------------------------------------------------------------------------------


def a_publication(**given: Any) -> Publication:
    values: dict[str, Any] = {
        "key": "jy2751",
        "title": "Treasury  Sanctions Somebody",
        "url": "https://home.treasury.gov/news/press-releases/jy2751",
        "date": "2024-12-16",
        "stated": "2024-12-16T10:30:00Z",
        "category": "Readouts",
    }
    return Publication(**{**values, **given})


def test_a_publication_is_its_title_address_day_and_category() -> None:
    assert publication_document(a_publication()) == {
        "title": "Treasury Sanctions Somebody",
        "url": "https://home.treasury.gov/news/press-releases/jy2751",
        "date": "2024-12-16",
        "category": "Readouts",
    }


def test_the_time_of_day_is_no_content_of_a_publication() -> None:
    """The listing and the yearly file of one source state it differently."""
    one, other = a_publication(), a_publication(stated="2024-12-16T15:30:00Z")

    assert publication_document(one) == publication_document(other)


def test_a_body_keeps_its_paragraphs_and_loses_its_layout() -> None:
    body = Body(
        "The title ",
        "One  line.\n\n \nAnother.\t",
        links=("https://b.example", "https://a.example"),
    )

    document = publication_document(a_publication(), body)

    assert document["body_title"] == "The title"
    assert document["text"] == "One line.\nAnother."
    assert document["links"] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("body", [None, Body("", "")])
def test_a_body_that_says_nothing_is_absent(body: Body | None) -> None:
    assert publication_document(a_publication(), body) == publication_document(a_publication())
