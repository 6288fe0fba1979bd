"""Generated documents and registers, for properties."""

from typing import Any

from hypothesis import strategies as st

from feeds.base import (
    Address,
    Alias,
    BirthDate,
    BirthPlace,
    Country,
    Identifier,
    ListedParty,
    Name,
    Vessel,
)
from monitor.core.canonical import canonical_text, in_order

Document = dict[str, Any]

# No document holds what XML cannot: control characters, lone surrogates.
_LETTERS = st.characters(
    min_codepoint=0x20, exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
)
words = st.sampled_from(
    [
        "DOE",
        "Ch'o'l-ryong",
        "Корея",
        "Ján & Sons",
        '"A" <B>',
        "12/3",
        "ÅNGSTRÖM",
        "]]>",
        "a b c",
        "北京",
    ]
)
texts = st.one_of(words, st.text(_LETTERS, min_size=1, max_size=6)).map(canonical_text).filter(bool)
"""Canonical text, with whatever XML or Unicode make difficult."""


def _some(*names: str) -> st.SearchStrategy[dict[str, str]]:
    """An object with at least one of these parts."""
    return st.dictionaries(st.sampled_from(names), texts, min_size=1, max_size=len(names))


def _multiset(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """A collection in canonical order, in which values may repeat."""
    return st.lists(values, min_size=1, max_size=3).map(in_order)


_with_main = st.sampled_from(["true", "false"])
_collections: dict[str, st.SearchStrategy[Any]] = {
    "programs": _multiset(texts),
    "aliases": _multiset(
        st.fixed_dictionaries(
            {"last": texts},
            optional={
                "first": texts,
                "kind": st.sampled_from(["aka", "fka", "nka", "another"]),
                "strength": st.sampled_from(["strong", "weak"]),
            },
        )
    ),
    "addresses": _multiset(
        _some(
            "address1",
            "address2",
            "address3",
            "city",
            "state_or_province",
            "postal_code",
            "country",
        )
    ),
    "identifiers": _multiset(_some("type", "number", "country", "issued", "expires")),
    "nationalities": _multiset(
        st.fixed_dictionaries({"country": texts}, optional={"main": _with_main})
    ),
    "citizenships": _multiset(
        st.fixed_dictionaries({"country": texts}, optional={"main": _with_main})
    ),
    "dates_of_birth": _multiset(
        st.fixed_dictionaries({"date": texts}, optional={"main": _with_main})
    ),
    "places_of_birth": _multiset(
        st.fixed_dictionaries({"place": texts}, optional={"main": _with_main})
    ),
}

documents: st.SearchStrategy[Document] = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["individual", "entity", "vessel", "aircraft"]),
        "name": st.fixed_dictionaries({"last": texts}, optional={"first": texts}),
    },
    optional={
        "title": texts,
        "remarks": texts,
        "vessel": _some(
            "call_sign", "type", "flag", "owner", "tonnage", "gross_registered_tonnage"
        ),
        **_collections,
    },
)
"""Canonical documents of listed parties: every field of the classic schema, each present or absent."""

keys = st.integers(1, 30).map(str)

registers: st.SearchStrategy[dict[str, Document]] = st.dictionaries(keys, documents, max_size=4)
"""Registers with few keys, so that two of them have some in common."""


@st.composite
def register_pairs(draw: st.DrawFn) -> tuple[dict[str, Document], dict[str, Document]]:
    """Two registers of which the second came from the first: records added, removed, amended in a field or two, or kept."""
    old = draw(registers)
    new = {}
    for key, document in old.items():
        fate = draw(st.sampled_from(["kept", "removed", "amended"]))
        if fate == "amended":
            other = draw(documents)
            fields = (
                draw(st.sets(st.sampled_from(sorted({*document, *other} - {"type", "name"}))))
                if ({*document, *other} - {"type", "name"})
                else set()
            )
            document = {
                **{name: value for name, value in document.items() if name not in fields},
                **{name: other[name] for name in fields if name in other},
            }
        if fate != "removed":
            new[key] = document
    return old, new | draw(registers)


def as_party(key: str, document: Document) -> ListedParty:
    """The party that a document was made of."""
    return ListedParty(
        key=key,
        type=document["type"],
        name=Name(**document["name"]),
        title=document.get("title", ""),
        programs=tuple(document.get("programs", ())),
        aliases=tuple(Alias(**each) for each in document.get("aliases", ())),
        addresses=tuple(Address(**each) for each in document.get("addresses", ())),
        identifiers=tuple(Identifier(**each) for each in document.get("identifiers", ())),
        nationalities=tuple(Country(**each) for each in document.get("nationalities", ())),
        citizenships=tuple(Country(**each) for each in document.get("citizenships", ())),
        dates_of_birth=tuple(BirthDate(**each) for each in document.get("dates_of_birth", ())),
        places_of_birth=tuple(BirthPlace(**each) for each in document.get("places_of_birth", ())),
        vessel=Vessel(**document["vessel"]) if "vessel" in document else None,
        remarks=document.get("remarks", ""),
    )
