"""Lists in OFAC's classic schema, written from documents by hands of our own: plainly, or with every liberty that XML takes.

What a :class:`Writing` varies is no content: whoever reads the list must find the same documents.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from xml.sax.saxutils import escape

NAMESPACE = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"

Document = Mapping[str, Any]
Node = tuple[str, "str | list[Node]"]
"""An element: its local name, and its text or its children."""

_TYPES = {
    "individual": "Individual",
    "entity": "Entity",
    "vessel": "Vessel",
    "aircraft": "Aircraft",
}
_KINDS = {"aka": "a.k.a.", "fka": "f.k.a.", "nka": "n.k.a."}
_ALIAS = {"type": "kind", "category": "strength", "lastName": "last", "firstName": "first"}
_ADDRESS = {
    "address1": "address1",
    "address2": "address2",
    "address3": "address3",
    "city": "city",
    "stateOrProvince": "state_or_province",
    "postalCode": "postal_code",
    "country": "country",
}
_IDENTIFIER = {
    "idType": "type",
    "idNumber": "number",
    "idCountry": "country",
    "issueDate": "issued",
    "expirationDate": "expires",
}
_COUNTRY = {"country": "country", "mainEntry": "main"}
_VESSEL = {
    "callSign": "call_sign",
    "vesselType": "type",
    "vesselFlag": "flag",
    "vesselOwner": "owner",
    "tonnage": "tonnage",
    "grossRegisteredTonnage": "gross_registered_tonnage",
}


@dataclass(frozen=True)
class Writing:
    """How a list is written. ``random`` takes every liberty that is left to it: order, white space, CDATA, comments, references.

    ``prefix`` is that of the elements, ``first_uid`` where the numbers of the sub-elements begin.
    """

    random: Random | None = None
    prefix: str = ""
    encoding: str = "utf-8"
    first_uid: int = 1
    decomposed: bool = False


@dataclass
class _Writer:
    how: Writing
    parts: list[str] = field(default_factory=list)

    def liberty(self, one_in: int = 4) -> bool:
        return self.how.random is not None and self.how.random.randrange(one_in) == 0

    def element(self, node: Node, declaration: str = "") -> None:
        name, content = node
        tag = f"{self.how.prefix}:{name}" if self.how.prefix else name
        self.layout()
        self.parts.append(f"<{tag}{declaration}{' ' if self.liberty() else ''}>")
        if isinstance(content, str):
            self.text(content)
        else:
            for child in content:
                self.element(child)
            self.layout()
        self.parts.append(f"</{tag}{' ' if self.liberty() else ''}>")

    def layout(self) -> None:
        if self.liberty():
            self.parts.append("\r\n\t  ")
        if self.liberty(8):
            self.parts.append("<!-- no <content> -->")
        if self.liberty(8):
            self.parts.append("<?no content?>")

    def text(self, text: str) -> None:
        if self.how.decomposed:
            text = unicodedata.normalize("NFD", text)
        if self.liberty():
            text = f"\n  {text.replace(' ', '  ')}\t"
        middle = len(text) // 2
        self.piece(text[:middle])
        if self.liberty(8):
            self.parts.append("<!-- in the middle -->")
        self.piece(text[middle:])

    def piece(self, text: str) -> None:
        plain = text.encode(self.how.encoding, "ignore").decode(self.how.encoding) == text
        if plain and "]]>" not in text and self.liberty():
            self.parts.append(f"<![CDATA[{text}]]>")
        elif self.liberty():
            self.parts.append("".join(f"&#x{ord(letter):x};" for letter in text))
        else:
            self.parts.append(escape(text, {'"': "&quot;"} if self.liberty() else {}))


def sdn_xml(
    parties: Mapping[str, Document],
    *,
    date: str = "12/16/2024",
    count: int | None = None,
    namespace: str = NAMESPACE,
    writing: Writing | None = None,
    more: Sequence[Node] = (),
) -> bytes:
    """A whole list of these parties by key. ``count`` is the declared one; ``more`` stands after the records."""
    how = writing or Writing()
    head: Node = (
        "publshInformation",
        [("Publish_Date", date), ("Record_Count", str(len(parties) if count is None else count))],
    )
    uids = iter(range(how.first_uid, 10_000_000))
    records = [_entry(key, party, uids) for key, party in parties.items()]
    nodes = [head, *records, *more]
    if how.random:
        nodes = [_shuffled(node, how.random) for node in nodes]
        how.random.shuffle(nodes)
    writer = _Writer(how)
    name = f"xmlns:{how.prefix}" if how.prefix else "xmlns"
    writer.element(("sdnList", nodes), f' {name}="{namespace}"' if namespace else "")
    body = "".join(writer.parts).lstrip()
    declaration = f'<?xml version="1.0" encoding="{how.encoding}"?>'
    return (declaration + body).encode(how.encoding, "xmlcharrefreplace")


def _entry(key: str, party: Document, uids: Any) -> Node:
    known = {*_FIELDS, "type", "name"}
    assert party.keys() <= known, f"the classic schema has no place for {party.keys() - known}"
    name = party["name"]
    nodes: list[Node] = [("uid", key)]
    nodes += _leaves(name, {"firstName": "first", "lastName": "last"})
    nodes.append(("sdnType", _TYPES[party["type"]]))
    for field_name, write in _FIELDS.items():
        if field_name in party:
            nodes.append(write(party[field_name], uids))
    return ("sdnEntry", nodes)


def _leaves(value: Mapping[str, str], names: Mapping[str, str]) -> list[Node]:
    return [(name, value[part]) for name, part in names.items() if part in value]


def _each(container: str, item: str, names: Mapping[str, str]) -> Any:
    def write(values: Sequence[Mapping[str, str]], uids: Any) -> Node:
        items: list[Node] = [
            (item, [("uid", str(next(uids))), *_leaves(value, names)]) for value in values
        ]
        return (container, items)

    return write


def _aliases(values: Sequence[Mapping[str, str]], uids: Any) -> Node:
    spelt = [
        {**value, "kind": _KINDS.get(value["kind"], value["kind"])} if "kind" in value else value
        for value in values
    ]
    written: Node = _each("akaList", "aka", _ALIAS)(spelt, uids)
    return written


_FIELDS: dict[str, Any] = {
    "title": lambda value, _: ("title", value),
    "remarks": lambda value, _: ("remarks", value),
    "programs": lambda values, _: ("programList", [("program", value) for value in values]),
    "identifiers": _each("idList", "id", _IDENTIFIER),
    "aliases": _aliases,
    "addresses": _each("addressList", "address", _ADDRESS),
    "nationalities": _each("nationalityList", "nationality", _COUNTRY),
    "citizenships": _each("citizenshipList", "citizenship", _COUNTRY),
    "dates_of_birth": _each(
        "dateOfBirthList", "dateOfBirthItem", {"dateOfBirth": "date", "mainEntry": "main"}
    ),
    "places_of_birth": _each(
        "placeOfBirthList", "placeOfBirthItem", {"placeOfBirth": "place", "mainEntry": "main"}
    ),
    "vessel": lambda value, _: ("vesselInfo", _leaves(value, _VESSEL)),
}


def _shuffled(node: Node, random: Random) -> Node:
    name, content = node
    if isinstance(content, str):
        return node
    children = [_shuffled(child, random) for child in content]
    random.shuffle(children)
    return (name, children)
