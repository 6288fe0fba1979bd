"""Sentences of a release."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.releases import sentence_around
from monitor.core.releases.sentences import lead, sentences
from tests.core.releases.real import releases


def test_a_sentence_is_told_from_its_neighbours() -> None:
    text = (
        "MID was designated in 2010.  KMCB is being designated pursuant to E.O. 13810. Choe left."
    )

    assert sentence_around(text, text.index("KMCB")) == (
        "KMCB is being designated pursuant to E.O. 13810."
    )
    assert sentence_around(text, len(text) - 1) == "Choe left."


@pytest.mark.parametrize(
    "sentence",
    [
        "The U.S. Department of the Treasury acts.",
        "It was said by Bradley T. Smith yesterday.",
        "Galileos Co. Limited manages it.",
        "It is pursuant to Executive Order (E.O.) 13810.",
        "Jose (a.k.a. Pepe) Garcia is one.",
    ],
)
def test_abbreviations_end_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} Another.") == [sentence, "Another."]


def test_a_quotation_mark_belongs_to_the_sentence_that_it_closes() -> None:
    assert sentences("He said: “We act.” “We do.” They left!") == [
        "He said: “We act.”",
        "“We do.”",
        "They left!",
    ]


def test_sentences_end_with_their_line() -> None:
    assert sentence_around("A heading\nOne sentence. Two.", 12) == "One sentence."


def test_the_lead_ends_at_the_first_heading_and_leaves_out_subtitle_and_quotations() -> None:
    long = "WASHINGTON — Today, OFAC is sanctioning somebody."
    text = f"A subtitle of it\n{long}\n“We act,” said he.\nSecond.\nTHE NETWORK\nThird."

    assert lead(text) == [long, "Second."]
    assert lead("## Heading.\nFirst.\n## Another.\nSecond.") == ["First."]


@given(st.text(max_size=200))
def test_no_text_is_lost_between_sentences(text: str) -> None:
    line = text.replace("\n", " ")

    assert " ".join(sentences(line)).split() == line.split()


@given(st.text("ab. \nC", max_size=60), st.integers(0, 59))
def test_the_sentence_at_a_place_holds_what_stands_there(text: str, offset: int) -> None:
    if offset < len(text) and not text[offset].isspace():
        assert text[offset] in sentence_around(text, offset)


def test_every_real_release_has_a_lead(shared_data: Path) -> None:
    for release in releases(shared_data):
        assert lead(release.text), release.key
