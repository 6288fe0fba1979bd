"""The forms in which prose may name a listed party, folded: its names in either order, without legal form, without middle names."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from monitor.core.folding import fold

# As they stand on lists and in releases. Several in a row are taken off ("CO., LTD"), before a name as well as after it.
_LEGAL_FORMS = """
    LLC, L.L.C., LLP, LP, Ltd, Limited, Inc, Incorporated, Corp, Corporation, Co, Company, PLC, Pvt, Private, Pte, Pty
    Limited Liability Company, Joint Stock Company, Public Joint Stock Company, Closed Joint Stock Company, Public Limited Company
    OOO, AO, OAO, ZAO, PAO, JSC, PJSC, OJSC, CJSC, TOO, TOV
    Obshchestvo S Ogranichennoi Otvetstvennostyu, Aktsionernoe Obshchestvo, Zakrytoe Aktsionernoe Obshchestvo
    Publichnoe Aktsionernoe Obshchestvo, Otkrytoe Aktsionernoe Obshchestvo
    FZE, FZC, FZCO, FZ LLC, FZ-LLC, DMCC, DWC-LLC, LLC FZ, SARL, S.A.R.L., SAL, S.A.L., SAE, S.A.E., WLL, W.L.L., BSC
    SA, S.A., SAS, S.A.S., S. de R.L. de C.V., S.A. de C.V., Sociedad Anonima de Capital Variable, Sociedad Anonima
    S.A. de C.V., S.R.L., SRL, Ltda, EURL, SL, S.L., C.A.
    GmbH, AG, KG, BV, B.V., NV, N.V., SpA, S.p.A., AB, AS, Oy, SE, d.o.o., DOO, d.d., AD, EOOD, OOD, Sp. z o.o., a.s., s.r.o., Kft
    Sdn Bhd, Bhd, Tbk, PT, A.S., Ltd. Sti., Limited Sirketi, Anonim Sirketi, Ticaret Limited Sirketi
"""
_ENDINGS: dict[str, list[tuple[str, ...]]] = {}
for _form in {fold(form) for line in _LEGAL_FORMS.split("\n") for form in line.split(",")} - {()}:
    _ENDINGS.setdefault(_form[-1], []).append(_form)
# Before a name only words that begin no other one.
_BEGINNINGS = frozenset(("llc", "ooo", "ao", "oao", "zao", "pao", "jsc"))


class Form(NamedTuple):
    """One form of a party's name: its folded words, the list's name it is made from, and what kind of form that is."""

    words: tuple[str, ...]
    name: str
    is_alias: bool = False
    is_shortened: bool = False


def forms_of(
    party_type: str,
    name: Mapping[str, Any],
    aliases: Sequence[Mapping[str, Any]],
    vocabulary: Container[str],
) -> Iterator[Form]:
    """The forms to look for in a text whose folded words are ``vocabulary``; those with a word that it lacks are left out.

    Weak aliases make none; nor do single words, but of a vessel or aircraft.
    """
    one_word = party_type in ("vessel", "aircraft")
    for is_alias, names in ((False, (name,)), (True, aliases)):
        for each in names:
            if str(each.get("strength", "")).casefold() == "weak":
                continue
            shown = _shown(each)
            for words, is_shortened in _words(party_type, each, vocabulary):
                least = 1 if one_word and not is_shortened else 2
                if len(words) >= least and all(word in vocabulary for word in words):
                    yield Form(words, shown, is_alias, is_shortened)


def comparable(words: tuple[str, ...]) -> tuple[str, ...]:
    """Folded words of a name as two lists or pages are compared: single letters in a row are one word, no legal form.

    ``L.L.C.`` and ``LLC`` are the same, and neither counts, unless nothing else would be left.
    """
    joined: list[str] = []
    single = False
    for word in words:
        if len(word) == 1 and single:
            joined[-1] += word
        else:
            joined.append(word)
        single = len(word) == 1
    return _without_legal_form(tuple(joined)) or tuple(joined)


def _words(
    party_type: str, name: Mapping[str, Any], vocabulary: Container[str]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    last, first = fold(name.get("last", "")), fold(name.get("first", ""))
    yield first + last, False
    if first and last:
        yield last + first, False
        if len(first) > 1:
            yield first[:1] + last, True
    elif party_type not in ("individual", "vessel") and sum(map(vocabulary.__contains__, last)) > 1:
        bare = _without_legal_form(last)
        if bare != last:
            yield bare, True


def _without_legal_form(words: tuple[str, ...]) -> tuple[str, ...]:
    while True:
        endings = [
            len(form)
            for form in _ENDINGS.get(words[-1], ())
            if len(words) > len(form) and words[-len(form) :] == form
        ]
        if endings:
            words = words[: -max(endings)]
        elif len(words) > 1 and words[0] in _BEGINNINGS:
            words = words[1:]
        else:
            return words


def _shown(name: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (str(name.get("last", "")), str(name.get("first", "")))))
