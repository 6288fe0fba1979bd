"""OFAC's text form of a listed party, as action pages, ``sdnlist.txt`` and notices in the Federal Register write it.

::

    NAME [(Script: …)] [(a.k.a. X; a.k.a. "WEAK"; f.k.a. Y)], address; address; DOB …; POB …; …
    (individual) [PROGRAM] [PROGRAM] (Linked To: A; Linked To: B).

An individual's name is ``LAST, First``; an entity's reaches to the first comma outside brackets; a vessel's stands before
``(CALLSIGN) Type Flag flag;``. A change is ``OLD -to- NEW``. Quirks:

* **Commas** stand in quoted aliases (``"GARBAYA, AHMED"``) and before legal forms (``CO., LTD.``, ``SIBREGIONGAZ, AO``).
* **Brackets** are nested, and are part of some names (``GUARD CORPS (IRGC)-QODS FORCE``).
* **No marker** stands for an entity; an excerpt may lack the marker of an individual, who is known by birth date or gender.
* **Notices** number their entries and state the legal reason after the programmes.

This is for corroboration: the list file is the authority for what a party is. So nothing here raises: of what cannot be parsed, the
beginning is taken as the name.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from feeds.base import Alias, Entry, EntryKind, Name
from feeds.pages import collapsed

TYPES = ("individual", "entity", "vessel", "aircraft")

_CHANGE = re.compile(r"(?:^|\s)[-–—]+ ?to ?[-–—]+(?:\s|$)", re.IGNORECASE)
_NUMBER = re.compile(r"^\d{1,4}\.\s+(?=\S)")
_TAG = re.compile(r"[A-Z0-9][A-Za-z0-9]*(?:[ /-]+[A-Za-z0-9]+)*")
_LINKED = re.compile(r"linked to:\s*", re.IGNORECASE)
_ALIAS = re.compile(r"(a\.?k\.?a|f\.?k\.?a|n\.?k\.?a)\.?(?:,|:)?\s+", re.IGNORECASE)
_SCRIPT = re.compile(r"([A-Z][A-Za-z]+(?: [A-Z][a-z]+){0,2}): (.*[^\x00-\u024f].*)", re.DOTALL)
_PERSONAL = re.compile(r"[;,]\s*(?:alt\. )?(?:DOB|POB|Gender|nationality|citizen)\b")
_NEVER_CLOSED = re.compile(r"\s*\([afn]\.k\.a\..*", re.IGNORECASE)
_CALL_SIGN = re.compile(r"[A-Z0-9-]{3,10}")
_REASON = re.compile(
    r"(?:also )?(?:designated|identified|determined|blocked|listed)\b", re.IGNORECASE
)
_LEGAL_FORM = re.compile(
    r",\s*((?:CO|LTD|LIMITED|INC|LLC|L\.L\.C|LLP|LP|L\.P|CORP|PLC|S\.?A|S\.A\.S|S\.?R\.?L|S\. DE R\.L|C\.A|A\.S|GMBH|AG|B\.V|N\.V"
    r"|FZE|FZCO|FZ-LLC|D\.O\.O|PTE|PTY|S\.P\.A|JSC|OJSC|CJSC|PJSC|AO|OAO|ZAO|PAO|OOO)\b[^a-z,;(\[]*)"
)
# Capitals that belong to what a vessel is, not to its name.
_KINDS_OF_CARGO = frozenset(("LPG", "LNG", "VLCC", "ULCC"))


class _Part(NamedTuple):
    """A piece of an entry: plain text, or what stands in brackets. ``end`` is the place in the entry after it."""

    form: Literal["text", "round", "square"]
    text: str
    start: int
    end: int


def read_entry(text: str, kind: EntryKind, list_name: str = "") -> Entry:
    """One entry as a named party. ``OLD -to- NEW`` is NEW, with OLD's name as ``before`` if that is another.

    Never raises. A script's spelling of a name is an alias whose kind is the script, in the source's word.
    """
    text = collapsed(text).replace("“", '"').replace("”", '"')
    old, new = _sides(text)
    entry = _read(new, kind, list_name)
    before = written(_read(old, kind, list_name).name) if old else ""
    return entry._replace(before=before if before != written(entry.name) else "")


def is_entry(text: str) -> bool:
    """Whether a line has the form of an entry, and is not prose: a programme, a marker, a birth date, or a name in capitals."""
    parts = _parts(text)
    if any(_is_tag(part) or _is_marker(part) for part in parts) or _PERSONAL.search(text):
        return True
    name = re.split(r"[,;(\[]", text)[0]
    is_capital = name.upper() == name and sum(each.isalpha() for each in name) > 1
    return is_capital and (";" in text or any(_is_alias(part) for part in parts))


def written(name: Name) -> str:
    """A name as OFAC writes it: ``LAST, First``, or an entity's alone."""
    return f"{name.last}, {name.first}" if name.first else name.last


def is_change_mark(text: str) -> bool:
    """Whether a line is nothing but the ``-to-`` between the old and the new entry."""
    return bool(_CHANGE.fullmatch(f" {text.strip()} "))


def _sides(text: str) -> tuple[str, str]:
    """The old and the new entry of a change; no old one where the text is one entry."""
    sides = [side.strip() for side in _CHANGE.split(text, maxsplit=1)]
    return (sides[0], sides[1]) if len(sides) == 2 and all(sides) else ("", text)


def _read(text: str, kind: EntryKind, list_name: str) -> Entry:
    text = _NUMBER.sub("", text.strip())
    parts = _parts(text)
    type = _type(text, parts)
    name, head = _name(parts, type, text)
    # The reason may name acts and orders in brackets of its own: it is behind the last of what has a form.
    formed = [part for part in parts if _is_tag(part) or _is_marker(part) or _is_linked(part)]
    reason = text[formed[-1].end :].strip(" .;") if formed else ""
    return Entry(
        kind=kind,
        name=name,
        type=type,
        list_name=list_name,
        programs=tuple(part.text.strip() for part in parts if _is_tag(part)),
        aliases=tuple(_aliases(head, type)),
        linked_to=tuple(_linked(parts)),
        legal_basis=(reason,) if _REASON.match(reason) else (),
    )


def _type(text: str, parts: Sequence[_Part]) -> str:
    for part in parts:
        if _is_marker(part):
            return part.text.strip().lower()
    if _PERSONAL.search(text):
        return "individual"
    return "entity" if any(map(_is_tag, parts)) else ""


# --- the name -------------------------------------------------------------------------------------------------------


def _name(parts: Sequence[_Part], type: str, text: str) -> tuple[Name, list[_Part]]:
    """The name, and the brackets right behind it that say more of it (scripts, aliases)."""
    match type:
        case "individual":
            name, rest = _name_of_person(parts)
        case "vessel":
            name, rest = _name_of_vessel(parts)
        case _:
            name, rest = _name_of_entity(parts)
    if not name.last:  # it begins with a bracket or a comma: an odd one
        name = Name(re.split(r"[;\[]", text.strip(' ,;"'))[0].strip() or text)
    return name, list(_more_of_name(rest))


def _name_of_person(parts: Sequence[_Part]) -> tuple[Name, Sequence[_Part]]:
    last, delimiter, rest = _until(parts, ",;")
    if delimiter != ",":
        return Name(_bare(last)), rest
    first, _, rest = _until(rest, ",;")
    if not first or _PERSONAL.match(f",{first}"):  # "ABAUNZA, DOB 1934": one name, and what follows
        return Name(_bare(last)), rest
    return Name(_bare(last), _bare(first)), rest


def _name_of_entity(parts: Sequence[_Part]) -> tuple[Name, Sequence[_Part]]:
    last, delimiter, rest = _until(parts, ",;")
    while delimiter == "," and rest and rest[0].form == "text":
        if not _LEGAL_FORM.match(f",{rest[0].text}") and not _ends_before_aliases(rest):
            break
        more, delimiter, rest = _until(rest, ",;")
        last = f"{last}, {more}"
    return Name(_bare(last)), rest


def _ends_before_aliases(rest: Sequence[_Part]) -> bool:
    """Whether what follows the comma is of the name ("SIBREGIONGAZ, AO (a.k.a. …"): other names stand right behind the name."""
    return len(rest) > 1 and not re.search("[,;]", rest[0].text) and _is_alias(rest[1])


def _name_of_vessel(parts: Sequence[_Part]) -> tuple[Name, Sequence[_Part]]:
    """A vessel's name stands before its call sign, else before the words for what it is and whose flag it flies."""
    for place, part in enumerate(parts):
        if part.form == "text" and re.search("[,;]", part.text):
            break
        if place and part.form == "round" and _CALL_SIGN.fullmatch(part.text.strip()):
            before = [each for each in parts[:place] if not (_is_alias(each) or _is_script(each))]
            more = [each for each in parts[:place] if each not in before]
            return Name(_bare("".join(map(_as_written, before)))), [*more, *parts[place + 1 :]]
    head, _, rest = _until(parts, ",;")
    words = head.split()
    ends = (
        place
        for place, word in enumerate(words)
        if place and (word.upper() != word or word in _KINDS_OF_CARGO)
    )
    return Name(_bare(" ".join(words[: next(ends, len(words))]))), rest


def _until(parts: Sequence[_Part], delimiters: str) -> tuple[str, str, Sequence[_Part]]:
    """What stands before the first delimiter outside brackets and quotes, or before a script or an alias; and the rest.

    The delimiter is "" where a bracket or the end came first.
    """
    taken = ""
    for place, part in enumerate(parts):
        if _is_alias(part) or _is_script(part) or _is_tag(part) or _is_marker(part):
            return taken.strip(), "", parts[place:]
        if part.form != "text":
            taken += _as_written(part)
            continue
        quoted = False
        for index, character in enumerate(part.text):
            quoted ^= character == '"'
            if character in delimiters and not quoted:
                rest = part._replace(text=part.text[index + 1 :])
                return (taken + part.text[:index]).strip(), character, [rest, *parts[place + 1 :]]
        taken += part.text
    return taken.strip(), "", ()


def _more_of_name(parts: Sequence[_Part]) -> Iterator[_Part]:
    for part in parts:
        if _is_alias(part) or _is_script(part):
            yield part
        elif part.form != "text" or part.text.strip():
            return


# --- aliases, links -------------------------------------------------------------------------------------------------


def _aliases(head: Sequence[_Part], type: str) -> Iterator[Alias]:
    for part in head:
        if script := _SCRIPT.fullmatch(part.text.strip()):
            yield Alias(script[2].strip(), kind=script[1])
            continue
        kind = "aka"
        for each in _divided(part.text):
            stated = _ALIAS.match(each)
            kind = stated[1].lower().replace(".", "") if stated else kind
            yield from _alias(each[stated.end() if stated else 0 :].strip(), kind, type)


def _alias(text: str, kind: str, type: str) -> Iterator[Alias]:
    parts = _parts(text)
    scripts = [part for part in parts if _is_script(part)]
    bare = collapsed("".join(_as_written(part) for part in parts if part not in scripts))
    is_weak = len(bare) > 1 and bare[0] == bare[-1] == '"'
    last, first = bare.strip('"').strip(), ""
    if type == "individual":
        last, _, first = (each.strip() for each in last.partition(","))
    if last:
        yield Alias(last, first, kind, "weak" if is_weak else "strong")
    for script in scripts:
        if match := _SCRIPT.fullmatch(script.text.strip()):
            yield Alias(match[2].strip(), kind=match[1])


def _linked(parts: Sequence[_Part]) -> Iterator[str]:
    """Those that a party is linked to, from the bracket at the end and from remarks between semicolons."""
    for part in parts:
        if _is_linked(part):
            yield from filter(None, (_LINKED.sub("", each, 1) for each in _divided(part.text)))
    body = "".join(
        _as_written(part) for part in parts if not _is_linked(part) and not _is_tag(part)
    )
    for remark in _divided(body):
        if found := _LINKED.match(remark):
            yield re.sub(r"\s*\((?:individual|vessel|aircraft)\).*", "", remark[found.end() :])


# --- form -----------------------------------------------------------------------------------------------------------


def _parts(text: str) -> list[_Part]:
    """The text and the outermost brackets of an entry, in order. A bracket in quotes, or without its other half, is text."""
    parts: list[_Part] = []
    start = 0
    for opened, closed in _outermost(_pairs(text)):
        if text[start:opened]:
            parts.append(_Part("text", text[start:opened], start, opened))
        form: Literal["round", "square"] = "round" if text[opened] == "(" else "square"
        parts.append(_Part(form, text[opened + 1 : closed], opened, closed + 1))
        start = closed + 1
    if text[start:]:
        parts.append(_Part("text", text[start:], start, len(text)))
    return parts


def _pairs(text: str) -> list[tuple[int, int]]:
    """The places of brackets that belong together."""
    quotes = text.count('"') % 2 == 0  # an odd one is an inch, or a slip
    quoted = False
    pairs: list[tuple[int, int]] = []
    waiting: dict[str, list[int]] = {"(": [], "[": []}
    for place, character in enumerate(text):
        if character == '"' and quotes:
            quoted = not quoted
        elif quoted:
            continue
        elif character in "([":
            waiting[character].append(place)
        elif character in ")]":
            ours, other = ("(", "[") if character == ")" else ("[", "(")
            if waiting[ours]:
                opened = waiting[ours].pop()
                pairs.append((opened, place))
                while waiting[other] and waiting[other][-1] > opened:
                    waiting[other].pop()  # opened inside and never closed
    return pairs


def _outermost(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = -1
    for opened, closed in sorted(pairs):
        if opened > end:
            yield opened, closed
            end = closed


def _divided(text: str) -> list[str]:
    """The pieces between semicolons outside brackets and quotes."""
    pieces = [""]
    for part in _parts(text):
        if part.form != "text":
            pieces[-1] += _as_written(part)
            continue
        quoted = False
        for character in part.text:
            quoted ^= character == '"'
            if character == ";" and not quoted:
                pieces.append("")
            else:
                pieces[-1] += character
    return [piece.strip() for piece in pieces if piece.strip()]


def _as_written(part: _Part) -> str:
    match part.form:
        case "round":
            return f"({part.text})"
        case "square":
            return f"[{part.text}]"
        case _:
            return part.text


def _bare(name: str) -> str:
    return _NEVER_CLOSED.sub("", collapsed(name)).strip('" ')


def _is_tag(part: _Part) -> bool:
    return part.form == "square" and bool(_TAG.fullmatch(part.text.strip()))


def _is_marker(part: _Part) -> bool:
    return part.form == "round" and part.text.strip().lower() in TYPES


def _is_linked(part: _Part) -> bool:
    return part.form == "round" and bool(_LINKED.match(part.text.strip()))


def _is_alias(part: _Part) -> bool:
    return part.form == "round" and bool(_ALIAS.match(part.text.strip()))


def _is_script(part: _Part) -> bool:
    return part.form == "round" and bool(_SCRIPT.fullmatch(part.text.strip()))
