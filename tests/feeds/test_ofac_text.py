"""OFAC's text form of an entry: built from parts and parsed back, its traps one by one, and real entries."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Alias, Entry, Name
from feeds.ofac_text import is_change_mark, is_entry, read_entry, written

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(text: str) -> Entry:
    return read_entry(text, "added", "SDN List")


# --- what is written is read ----------------------------------------------------------------------------------------

words = st.text(CAPITALS, min_size=2, max_size=9)
spelled = st.builds(lambda start, rest: start + rest.lower(), st.sampled_from(CAPITALS), words)
phrases = st.lists(words, min_size=1, max_size=4).map(" ".join)
# "CO" behind a comma would be a legal form; brackets are part of some names.
entities = st.builds(
    lambda name, inner, tail: f"{name}{inner}{tail}",
    phrases,
    st.sampled_from(["", " (IRGC)", " (EXAMPLE (NORTH))"]),
    st.sampled_from(["", " FORCE", " CO., LTD.", ", INC.", " S.A. DE C.V."]),
).map(Name)
people = st.builds(Name, phrases, st.lists(spelled, min_size=1, max_size=3).map(" ".join))
scripts = st.sampled_from(
    [("Korean", "최철룡"), ("Chinese Simplified", "王云禾"), ("Cyrillic", "ПУТИН, Владимир")]
)
places = st.sampled_from(
    ["Pyongyang, Korea, North", "Suite 5 (rear), Moscow 121099, Russia", "Alzey, Germany; Poland"]
)
tags = st.sampled_from(["DPRK4", "RUSSIA-EO14024", "CAATSA - RUSSIA", "SOUTH SUDAN", "561-Related"])
links = entities.map(lambda name: name.last)


def alias_of(names: st.SearchStrategy[Name]) -> st.SearchStrategy[Alias]:
    return st.builds(
        lambda name, kind, strength: Alias(name.last, name.first, kind, strength),
        names,
        st.sampled_from(["aka", "fka", "nka"]),
        st.sampled_from(["strong", "weak"]),
    )


def write(
    name: Name,
    aliases: list[Alias],
    script: tuple[str, str] | None,
    place: str,
    remarks: str,
    marker: str,
    programs: list[str],
    linked: list[str],
) -> str:
    """An entry as OFAC writes it."""
    said = []
    for alias in aliases:
        text = written(Name(alias.last, alias.first))
        prefix = ".".join(alias.kind) + "."
        said.append(f'{prefix} "{text}"' if alias.strength == "weak" else f"{prefix} {text}")
    text = written(name)
    text += f" ({script[0]}: {script[1]})" if script else ""
    text += f" ({'; '.join(said)})" if said else ""
    text += f", {place}; {remarks}"
    text += f" ({marker})" if marker else ""
    text += "".join(f" [{tag}]" for tag in programs)
    text += f" ({'; '.join(f'Linked To: {link}' for link in linked)})" if linked else ""
    return f"{text}."


@given(st.data())
def test_an_entry_built_from_parts_is_read_back(data: st.DataObject) -> None:
    marker = data.draw(st.sampled_from(["individual", ""]))
    names = people if marker else entities
    name = data.draw(names)
    aliases = data.draw(st.lists(alias_of(names), max_size=4))
    script = data.draw(st.none() | scripts)
    programs = data.draw(st.lists(tags, min_size=1, max_size=3))
    linked = data.draw(st.lists(links, max_size=3))
    remarks = "Organization Established Date 1990; Secondary sanctions risk: See Section 11."
    text = write(name, aliases, script, data.draw(places), remarks, marker, programs, linked)

    entry = read(text)

    spelling = [Alias(script[1], kind=script[0])] if script else []
    assert entry == Entry(
        kind="added",
        name=name,
        type=marker or "entity",
        list_name="SDN List",
        programs=tuple(programs),
        aliases=(*spelling, *aliases),
        linked_to=tuple(linked),
    )
    assert is_entry(text)


@given(st.data())
def test_a_change_is_the_new_entry_with_the_name_that_it_replaces(data: st.DataObject) -> None:
    old, new = data.draw(people), data.draw(people)
    sides = [
        write(name, [], None, "Russia", "DOB 1970", "individual", ["SDGT"], [])
        for name in (old, new)
    ]

    entry = read_entry(" -to- ".join(sides), "changed", "SDN List")

    assert entry.name == new
    assert entry.before == ("" if old == new else written(old))
    assert entry.programs == ("SDGT",), "the new entry's alone"


@given(st.text(max_size=200) | st.text('()[];,". aAkK-to', max_size=80))
def test_nothing_is_so_odd_that_it_raises(text: str) -> None:
    entry = read(text)

    assert entry.name.last or not text.strip()
    is_entry(text)


@given(st.data(), st.sampled_from('()[]"'))
def test_a_stray_bracket_costs_no_programme(data: st.DataObject, stray: str) -> None:
    name = data.draw(people)
    text = write(name, [], None, f"Flat {stray} 5, Moscow", "DOB 1970", "individual", ["SDGT"], [])

    entry = read(text)

    assert entry.name == name
    assert entry.programs == ("SDGT",)


# --- traps ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "type"),
    [
        ("OKRYU TRADING CO., LTD., Pyongyang, Korea, North [DPRK4].", "OKRYU TRADING CO., LTD.", ""),
        ("EXAMPLE GUARD (EG)-FORCE (a.k.a. X), Iran [IRGC].", "EXAMPLE GUARD (EG)-FORCE", ""),
        ("PATHFINDER (8P2482) Crude Oil Tanker Barbados flag; IMO 9577094 (vessel)", "PATHFINDER", "vessel"),
        ('ADRIAN (a.k.a. "GRACE 1") (5CDQ1) Tanker Iran flag; x (vessel) [SDGT]', "ADRIAN", "vessel"),
        ("ARTAVIL Crude/Oil Products Tanker Malta flag; x (vessel) [IRAN].", "ARTAVIL", "vessel"),
        ("GAS ALLURE LPG Tanker Panama flag; x (vessel) [IRAN].", "GAS ALLURE", "vessel"),
        ("STAR 7; Vessel Registration Identification IMO 1 (vessel) [IRAN].", "STAR 7", "vessel"),
        ("EP-GOM; Aircraft Model B.747-3B3(M) (aircraft) [SDGT].", "EP-GOM", "aircraft"),
        ("HAMZA (a.k.a. \"ABU X\"); DOB 1970 (individual) [SDGT].", "HAMZA", "individual"),
        ("HAMZA; DOB 1970 (individual) [SDGT].", "HAMZA", "individual"),
        ("2. EXAMPLE BANK, Berlin, Germany [SDGT].", "EXAMPLE BANK", ""),
        ('EXAMPLE "BANK, THE" GROUP, Berlin, Germany [SDGT].', 'EXAMPLE "BANK, THE" GROUP', ""),
        ("[SDGT]", "[SDGT]", ""),
        (", ,", ", ,", ""),
    ],
)  # fmt: skip
def test_where_a_name_ends(text: str, name: str, type: str) -> None:
    entry = read(text)

    assert entry.name == Name(name)
    assert entry.type == type or not type


def test_a_call_sign_is_no_alias() -> None:
    text = 'ADRIAN (a.k.a. "GRACE 1") (5CDQ1) Crude Oil Tanker Iran flag (vessel) [SDGT]'

    assert read(text).aliases == (Alias("GRACE 1", "", "aka", "weak"),)


def test_an_alias_has_a_script_of_its_own() -> None:
    text = "CHOE, Chol Ryong (a.k.a. CH'OE, Ch'o'l-ryong (Korean: 최철룡); a.k.a. CHOI), Korea, North; DOB 1970 [DPRK3]"

    assert read(text).aliases == (
        Alias("CH'OE", "Ch'o'l-ryong", "aka", "strong"),
        Alias("최철룡", kind="Korean"),
        Alias("CHOI", "", "aka", "strong"),
    )


def test_a_bracket_that_is_never_closed_does_not_take_the_end_of_another() -> None:
    entry = read("ACME (a.k.a. X [Y (Z]), Berlin, Germany [SDGT].")

    assert entry.aliases == (Alias("X [Y (Z]", "", "aka", "strong"),)


def test_an_individual_is_known_without_the_marker() -> None:
    """An entry that is cut short."""
    entry = read(
        "WANG, Yunhe (Chinese Simplified: 王云禾), 21 Angullia Park; DOB 05 Oct 1988; [...]"
    )

    assert (entry.type, entry.name, entry.programs) == ("individual", Name("WANG", "Yunhe"), ())


def test_a_link_among_the_remarks_counts() -> None:
    entry = read("DOE, John; DOB 1960; Linked To: ACME (NORTH) (individual) [SDGT].")

    assert entry.linked_to == ("ACME (NORTH)",)


def test_the_legal_reason_of_a_notice_is_kept_as_it_is() -> None:
    reason = 'Designated pursuant to section 1(a)(i) of Executive Order 14024, "Blocking Property," (E.O. 14024)'

    entry = read(f"1. DOE, Jane, Alzey, Germany; Gender Female (individual) [SDGT]. {reason}.")

    assert entry.legal_basis == (reason,)


def test_the_name_that_is_replaced_is_stated_only_if_there_is_another() -> None:
    same = read_entry("ACME, Berlin [SDGT]. -to- ACME, Hamburg [SDGT].", "changed")
    other = read_entry("ACME, Berlin [SDGT].\n-to-\nACME NEW, Berlin [SDGT].", "changed")

    assert (same.name.last, same.before) == ("ACME", "")
    assert (other.name.last, other.before) == ("ACME NEW", "ACME")


@pytest.mark.parametrize("mark", ["-to-", " -to- ", "- to -", "–to–", "--to--"])
def test_the_mark_between_old_and_new(mark: str) -> None:
    assert is_change_mark(mark)
    assert read_entry(f"ACME [A] {mark} ACME NEW [A]", "changed").before == "ACME"


def test_a_name_may_hold_the_words_of_the_mark() -> None:
    assert read("FACE-to-FACE CO., Berlin [SDGT]").name == Name("FACE-to-FACE CO.")
    assert not is_change_mark("to")


@pytest.mark.parametrize(
    "prose",
    [
        "OFAC has also issued a general license.",
        "OFAC, today, published a fact sheet.",
        "For more information, see the Federal Register; the list is complete.",
        "Click here for more information on the individuals designated today.",
        "",
    ],
)
def test_prose_is_no_entry(prose: str) -> None:
    assert not is_entry(prose)


@pytest.mark.parametrize(
    "line",
    [
        "al-Example (a.k.a. X), Syria [SDGT].",
        "EXAMPLE BANK (a.k.a. EB), Berlin, Germany",
        "PATHFINDER (8P2482) Crude Oil Tanker Barbados flag; (vessel)",
    ],
)
def test_an_entry_is_known_by_any_of_its_signs(line: str) -> None:
    assert is_entry(line)


# --- real entries, where they are present ---------------------------------------------------------------------------


@pytest.fixture
def real(shared_data: Path) -> Callable[[str], Entry]:
    """A real entry by how it begins."""
    lines = (shared_data / "treasury" / "sdn_text_entries_EXCERPT.txt").read_text("utf-8")
    entries = [line for line in lines.splitlines() if line.strip() and not line.startswith("#")]
    assert len(entries) >= 9

    def entry(start: str) -> Entry:
        (text,) = [line for line in entries if line.startswith(start)]
        assert is_entry(text)
        return read(text)

    return entry


def test_real_individuals_are_read(real: Callable[[str], Entry]) -> None:
    assert real("MAGOMEDOV") == Entry(
        kind="added",
        name=Name("MAGOMEDOV", "Khadzhi Murat Dalgatovich"),
        type="individual",
        list_name="SDN List",
        programs=("RUSSIA-EO14024",),
        aliases=(Alias("MAGOMEDOV", "Murat", "aka", "strong"),),
    )
    assert real("PUTIN").name == Name("PUTIN", "Vladimir")
    assert real("1. KOSTIOUK").legal_basis[0].endswith("economy")
    weak = [alias for alias in real("IZZ-AL-DIN").aliases if alias.strength == "weak"]
    assert weak == [
        Alias("GARBAYA", "AHMED", "aka", "weak"),
        Alias("SA-ID", "", "aka", "weak"),
    ]
    assert real("WANG, Yunhe").aliases[0] == Alias("王云禾", kind="Chinese Simplified")


def test_real_organisations_and_vessels_are_read(real: Callable[[str], Entry]) -> None:
    lazarus = real("LAZARUS GROUP")
    assert (lazarus.name, lazarus.type, lazarus.before) == (Name("LAZARUS GROUP"), "entity", "")
    assert len(lazarus.aliases) == 11, "the new entry's"
    assert real("PATHFINDER").name == Name("PATHFINDER")
    assert real("BITBANK").programs == ("IRAN", "IRAN-EO13902")
    assert real("AKTSIONERNOE").aliases == (Alias("AO ACHIMGAZ", "", "aka", "strong"),)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "SIBREGIONGAZ, AO (a.k.a. ZAO SIBREGIONGAZ), Novosibirsk, Russia [RUSSIA-EO14024].",
            "SIBREGIONGAZ, AO",
        ),
        ("SIBREGIONGAZ, AO, Novosibirsk, Russia [RUSSIA-EO14024].", "SIBREGIONGAZ, AO"),
        (
            "EXAMPLE HOLDING, THE BEST ONE (f.k.a. EXAMPLE), Utopia [EXAMPLE1].",
            "EXAMPLE HOLDING, THE BEST ONE",
        ),
        ("EXAMPLE HOLDING, Utopia [EXAMPLE1].", "EXAMPLE HOLDING"),
    ],
)
def test_what_stands_before_the_other_names_is_the_name(text: str, name: str) -> None:
    assert read_entry(text, "added").name == Name(name)
