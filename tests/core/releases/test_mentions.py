"""Whom a text names. Names are real ones of the lists; the sentences are ours."""

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.folding import fold, words
from monitor.core.releases import Mention, Party, around, find_mentions
from tests.core.releases.real import releases


def individual(key: str, last: str, first: str, *aliases: dict[str, str]) -> Party:
    return Party(key, "individual", {"last": last, "first": first}, aliases)


def entity(key: str, name: str, *aliases: dict[str, str], type: str = "entity") -> Party:
    return Party(key, type, {"last": name}, aliases)


def named(text: str, *parties: Party) -> dict[str, Mention]:
    return find_mentions(text, parties)


PAK = individual(
    "52117",
    "PAK",
    "Jong Chon",
    {"last": "PARK", "first": "Jeong Cheon", "kind": "aka", "strength": "strong"},
)
MAGOMEDOV = individual("9", "MAGOMEDOV", "Khadzhi Murat Dalgatovich")
VOSTOK = entity(
    "52119",
    "VOSTOK TRADING LIMITED LIABILITY COMPANY",
    {"last": "VOSTOK TRADING LLC", "strength": "strong"},
    {"last": "EAST TRADING", "strength": "weak"},
)


def test_a_person_is_found_family_name_first_and_given_name_first() -> None:
    korean = named("Pak Jong Chon (Pak) is a Vice-Chair.", PAK)["52117"]
    russian = named("“Khadzhi-Murat Dalgatovich Magomedov” brokered cash.", MAGOMEDOV)["9"]

    assert (korean.form, korean.written) == ("PAK, Jong Chon", "Pak Jong Chon")
    assert (korean.is_alias, korean.is_shortened) == (False, False)
    assert russian.written == "Khadzhi-Murat Dalgatovich Magomedov"


def test_marks_apostrophes_case_and_glue_do_not_matter() -> None:
    party = individual("1", "KIM", "Myo'ng-chin")

    assert named("GARCÍA met KIM MYŎNGCHIN", party) == {}, "another division into words"
    assert named("…in Beijing.**Kim Myŏng’-chin** (Kim)", party)["1"].written == "Kim Myŏng’-chin"
    assert named("Perez GARCIA", individual("2", "GARCÍA", "Pérez"))["2"].form == "GARCÍA, Pérez"


def test_words_are_whole() -> None:
    assert named("Pak Jong Chongu and Spak Jong Chon", PAK) == {}


def test_an_alias_is_said_to_be_one_and_the_primary_name_is_preferred() -> None:
    alias = named("Vostok Trading LLC (Vostok), DV Ink LLC", VOSTOK)["52119"]
    both = named("Park Jeong Cheon, that is Pak Jong Chon,", PAK)["52117"]

    assert (alias.form, alias.is_alias) == ("VOSTOK TRADING LLC", True)
    assert (both.form, both.is_alias) == ("PAK, Jong Chon", False)


def test_a_weak_alias_names_nobody() -> None:
    assert named("East Trading is a shop.", VOSTOK) == {}


def test_without_its_legal_form_an_entity_is_found_if_two_words_remain() -> None:
    okryu = entity("52131", "OKRYU TRADING CORPORATION")
    found = named("Okryu Trading Company received oil.", okryu)["52131"]

    assert (found.written, found.is_shortened) == ("Okryu Trading", True)
    assert named("Sibregiongaz is the parent.", entity("1", "SIBREGIONGAZ, AO")) == {}
    assert named("Sibregiongaz, AO is the parent.", entity("1", "SIBREGIONGAZ, AO")) != {}
    several = entity("2", "SWEET OCEAN INDUSTRIAL CO., LTD")
    assert named("Sweet Ocean Industrial shipped.", several)["2"].is_shortened
    whole = entity("4", "NOVOSIBIRSK OIL LIMITED LIABILITY COMPANY")
    assert named("Novosibirsk Oil shipped.", whole)["4"].is_shortened
    before = entity("3", "LLC VOSTOK TRADING")
    assert named("Vostok Trading shipped.", before)["3"].is_shortened


def test_without_middle_names_a_person_is_found_as_shortened() -> None:
    krasnov = individual("1", "KRASNOV", "Nikita Vladimirovich")

    assert named("Nikita Krasnov worked closely.", krasnov)["1"].is_shortened
    assert named("Krasnov worked closely. Nikita did not.", krasnov) == {}


def test_a_shortened_form_that_fits_two_parties_names_neither() -> None:
    one, other = individual("1", "ALI", "Hasan Omar"), individual("2", "ALI", "Hasan Umar")

    assert named("Hasan Ali smuggled.", one, other) == {}
    assert set(named("Hasan Ali smuggled.", one, individual("3", "ALI", "Hasan"))) == {"3"}


def test_a_name_within_a_longer_one_of_another_party_counts_only_where_it_stands_alone() -> None:
    bank, leasing = entity("1", "PROM BANK"), entity("2", "PROM BANK LEASING")

    assert set(named("Prom Bank Leasing owns five vessels.", bank, leasing)) == {"2"}
    assert set(named("Prom Bank Leasing belongs to Prom Bank.", bank, leasing)) == {"1", "2"}
    assert named("Prom Bank Leasing belongs to Prom Bank.", bank, leasing)["1"].offset == 29


def test_of_a_partys_own_names_the_whole_one_that_is_written_is_told() -> None:
    party = entity("1", "PROM BANK", {"last": "PROM BANK LEASING"})

    assert named("Prom Bank Leasing owns it.", party)["1"].form == "PROM BANK LEASING"


def test_two_parties_of_one_name_are_both_named() -> None:
    assert set(named("Pak Jong Chon", PAK, individual("8", "PAK", "Jong Chon"))) == {"52117", "8"}


def test_a_name_of_one_word_is_none_of_a_person_or_entity() -> None:
    assert named("BLUENOROFF stole.", entity("1", "BLUENOROFF")) == {}
    assert named("SHAKUR spoke.", Party("2", "individual", {"last": "SHAKUR"})) == {}


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("The JAYA is being identified as property.", True),
        ("the Marshall Islands-flagged Jaya (IMO: 9410387)", True),
        ("Mr. Jaya spoke.", False),
        ("JAYA AND THE SHADOW FLEET", False),  # a heading: there everything is in capitals
    ],
)
def test_a_vessel_of_one_word_is_named_in_capitals_or_by_its_number(
    text: str, is_named: bool
) -> None:
    assert bool(named(text, entity("1", "JAYA", type="vessel"))) is is_named


def test_an_aircrafts_mark_is_a_name() -> None:
    assert named("the aircraft YV3360 of PDVSA", entity("1", "YV3360", type="aircraft")) != {}
    assert named("the aircraft EP-MNF", entity("1", "EP-MNF", type="aircraft")) != {}


def test_a_name_does_not_run_across_what_divides() -> None:
    ri = individual("1", "RI", "Ho Nam")

    assert named("He knows Nam Ho. Ri left.", individual("2", "RI", "Nam Ho")) == {}
    assert named("Ri Chang Ho (Ri) is the head of it.", ri) == {}
    assert named("one ends with Prom\nBank begins another", entity("1", "PROM BANK")) == {}
    assert named("Suzan Trading (PVT) Ltd. is one.", entity("1", "SUZAN TRADING PVT LTD")) != {}
    assert named("Gaffodil Co. Limited manages it.", entity("2", "GAFFODIL CO LIMITED")) != {}


def test_the_words_around_a_match_are_whole_verbatim_and_of_its_line() -> None:
    line = (
        "As the head of the bureau, which has some two dozen branches, Pak Jong Chon leads it all."
    )
    found = named(f"Another line.\n{line}\nA third.", PAK)["52117"]

    assert found.around == (
        "the head of the bureau, which has some two dozen branches, Pak Jong Chon leads it all."
    )
    assert found.offset == len("Another line.\n") + line.index("Pak")


@given(
    st.lists(st.text("abcdé ’-,.\n", min_size=1, max_size=12), max_size=12),
    st.integers(0, 80),
    st.integers(0, 80),
)
def test_what_is_around_stands_in_the_text_and_holds_the_match(
    pieces: list[str], first: int, second: int
) -> None:
    text = " ".join(pieces)
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    if "\n" in text[start:end]:
        return
    found = around(text, start, end, reach=7)

    assert found in text
    assert text[start:end].strip() in found
    assert len(found) <= end - start + 14


@given(st.text(max_size=60))
def test_words_with_places_are_the_folded_words(text: str) -> None:
    found = words(text)

    assert tuple(word.folded for word in found) == fold(text)
    # Several letters that one sign stands for share its place.
    assert all(before.start <= after.start for before, after in pairwise(found))
    assert all(0 <= word.start < word.end <= len(text) for word in found)


@given(st.text(max_size=60))
def test_ascii_is_folded_as_everything_else_is(text: str) -> None:
    ascii_only = "".join(character for character in text if character.isascii())

    assert fold(f"{ascii_only} é")[:-1] == fold(ascii_only)


@given(
    st.lists(
        st.sampled_from(["PAK", "Jong", "Chon", "and", "Bank", "Prom", "Leasing", "."]), max_size=30
    )
)
def test_whatever_is_found_stands_in_the_text(pieces: list[str]) -> None:
    text = " ".join(pieces)
    parties = [PAK, entity("1", "PROM BANK"), entity("2", "PROM BANK LEASING")]

    for found in find_mentions(text, parties).values():
        assert text[found.offset :].startswith(found.written)
        assert found.written in found.around
        assert found.is_shortened or sorted(fold(found.written)) == sorted(fold(found.form))


def test_a_long_release_and_two_thousand_parties_take_little_time() -> None:
    text = "Pak Jong Chon is a Vice-Chair of the Trading Company of the North. " * 300
    parties = [
        individual(
            str(number),
            f"LAST{number}",
            f"Jong Of{number} The",
            {"last": f"THE {number} COMPANY LIMITED"},
        )
        for number in range(1_000)
    ] + [entity(str(number), f"TRADING COMPANY OF {number} LLC") for number in range(1_000, 2_000)]
    began = time.process_time()

    assert set(find_mentions(text, [*parties, PAK])) == {"52117"}
    assert time.process_time() - began < 1  # measured: 0.07


def seed_parties(shared_data: Path) -> list[Party]:
    action = json.loads((shared_data / "seed_2024-12-16" / "action.json").read_text("utf-8"))
    return [_seed_party(party) for party in action["parties"]]


def _seed_party(facts: dict[str, Any]) -> Party:
    is_person = facts["sdn_type"] == "Individual"

    def name(text: str) -> dict[str, str]:
        last, comma, first = text.partition(", ")
        return {"last": last, "first": first} if comma and is_person else {"last": text}

    aliases = tuple({**name(aka["name"]), "strength": aka["quality"]} for aka in facts["akas"])
    return Party(str(facts["uid"]), facts["sdn_type"].lower(), name(facts["sdn_name"]), aliases)


def test_of_the_seeds_sixteen_thirteen_are_named_as_listed_and_three_by_an_alias(
    shared_data: Path,
) -> None:
    versions = [each for each in releases(shared_data) if each.key == "jy2751"]
    assert len(versions) >= 3, "in Markdown, twice, and as a page"

    for release in versions:
        found = find_mentions(release.text, seed_parties(shared_data))

        assert len(found) == 16
        assert {key for key, each in found.items() if each.is_alias} == {"52118", "52119", "52120"}
        assert not any(each.is_shortened for each in found.values())


def test_the_other_releases_name_none_of_the_seeds_parties(shared_data: Path) -> None:
    parties = seed_parties(shared_data)

    for release in releases(shared_data):
        if release.key != "jy2751":
            assert find_mentions(release.text, parties) == {}, release.key
