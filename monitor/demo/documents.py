"""Documents as the authorities publish them, made from facts: the list in OFAC's classic schema, Treasury's pages and files.

They hold what the adapters read, in the shape in which it was published. Numbers of a party's parts, which mean nothing,
are left out.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from monitor.demo.facts import Record

NAMESPACE = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"

_ALIAS_KINDS = {"aka": "a.k.a.", "fka": "f.k.a.", "nka": "n.k.a."}

# Per collection of a party: its element, the element of one item, and the elements of its parts.
_COLLECTIONS = {
    "identifiers": (
        "idList",
        "id",
        {"type": "idType", "number": "idNumber", "country": "idCountry"},
    ),
    "aliases": (
        "akaList",
        "aka",
        {"kind": "type", "strength": "category", "last": "lastName", "first": "firstName"},
    ),
    "addresses": (
        "addressList",
        "address",
        {
            "address1": "address1",
            "address2": "address2",
            "address3": "address3",
            "city": "city",
            "state_or_province": "stateOrProvince",
            "postal_code": "postalCode",
            "country": "country",
        },
    ),
    "nationalities": (
        "nationalityList",
        "nationality",
        {"country": "country", "main": "mainEntry"},
    ),
    "dates_of_birth": (
        "dateOfBirthList",
        "dateOfBirthItem",
        {"date": "dateOfBirth", "main": "mainEntry"},
    ),
    "places_of_birth": (
        "placeOfBirthList",
        "placeOfBirthItem",
        {"place": "placeOfBirth", "main": "mainEntry"},
    ),
}


def sdn_list(parties: Sequence[Record], *, published: str) -> bytes:
    """The list with these parties; ``published`` as OFAC writes a day (MM/DD/YYYY)."""
    root = Element("sdnList", {"xmlns": NAMESPACE})
    head = SubElement(root, "publshInformation")  # OFAC's own spelling
    _add(head, "Publish_Date", published)
    _add(head, "Record_Count", str(len(parties)))
    for party in sorted(parties, key=lambda each: int(each["key"])):
        _entry(root, party)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def listing(releases: Iterable[Mapping[str, Any]], *, total: int) -> bytes:
    """The first page of Treasury's listing of press releases, newest first."""
    rows = "\n".join(
        f"<div><span class=date-format><time datetime={escape(each['stated'])} class=datetime>"
        f"{each['date']}</time></span>{_category(each)}<h3 class=featured-stories__headline>"
        f'<a href="/news/press-releases/{each["key"]}/">{escape(each["title"])}</a></h3></div>'
        for each in releases
    )
    return page(
        "Press Releases",
        "<div class=content--2col__body data-news-list data-news-category=press-releases "
        f"data-news-page-size=10 data-news-total={total}>\n{rows}\n</div>",
    )


def manifest(year: int, count: int) -> bytes:
    """The file that names each year's file."""
    path = f"/news-data/press-releases/search/{year}.json"
    shard = {"name": str(year), "endYear": year, "path": path, "count": count}
    return _json({"category": "press-releases", "searchShards": [shard]})


def yearly_file(releases: Sequence[Mapping[str, Any]]) -> bytes:
    """Every release of a year."""
    items = [
        {
            "title": each["title"],
            "url": f"/news/press-releases/{each['key']}/",
            "date": each["date"],
            "datetime": each["stated"],
            "subcategory": {"title": each["category"]} if each.get("category") else {},
        }
        for each in releases
    ]
    return _json({"category": "press-releases", "count": len(items), "items": items})


def release_page(release: Mapping[str, Any]) -> bytes:
    """A release's own page, which ends with the link to OFAC's action of the day."""
    paragraphs = "\n".join(f"<p>{_bold(each)}</p>" for each in release["paragraphs"])
    return page(
        release["title"],
        "<article><div class=field--name-field-news-publication-date>"
        f"<time datetime={release['stated']}>{release['date']}</time></div>\n"
        f"<div class=field--name-field-news-body>\n{paragraphs}\n"
        f'<p><a href="{escape(release["action"])}">Identifying information on the individuals and '
        "entities designated today</a></p>\n<p>###</p></div></article>",
    )


def _entry(root: Element, party: Record) -> None:
    entry = SubElement(root, "sdnEntry")
    _add(entry, "uid", party["key"])
    _add(entry, "firstName", party["name"].get("first"))
    _add(entry, "lastName", party["name"]["last"])
    _add(entry, "title", party.get("title"))
    _add(entry, "sdnType", party["type"].capitalize())
    _add(entry, "remarks", party.get("remarks"))
    programs = SubElement(entry, "programList")
    for program in party["programs"]:
        _add(programs, "program", program)
    for collection, (outer, inner, parts) in _COLLECTIONS.items():
        if items := party.get(collection):
            around = SubElement(entry, outer)
            for item in items:
                element = SubElement(around, inner)
                for part, name in parts.items():
                    value = item.get(part)
                    _add(element, name, _ALIAS_KINDS[value] if part == "kind" else value)


def _add(parent: Element, name: str, text: str | None) -> None:
    if text:
        SubElement(parent, name).text = text


def _category(release: Mapping[str, Any]) -> str:
    stated = release.get("category")
    return f"<span class=subcategory><a href=#>{escape(stated)}</a></span>" if stated else ""


def _bold(paragraph: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(paragraph, quote=False))


def page(title: str, body: str, *, heading: str = "h2") -> bytes:
    """A page of this body, which says in its title that it is a copy."""
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        f"<title>{escape(title)} (a copy for demonstration)</title></head><body><main>"
        f"<{heading} class=uswds-page-title>{escape(title)}</{heading}>\n{body}\n</main></body></html>\n"
    ).encode()


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
