"""OFAC's recent actions, made from facts: the listing, and an action's own page in the text form in which OFAC names parties."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from monitor.demo.documents import page
from monitor.demo.facts import Record

_ALIAS_KINDS = {"aka": "a.k.a.", "fka": "f.k.a.", "nka": "n.k.a."}
_SECTIONS = (("individual", "individuals"), ("entity", "entities"))


def recent_actions(actions: Iterable[Mapping[str, str]]) -> bytes:
    """The first page of the listing, newest first."""
    rows = "\n".join(
        '<div class="search-result views-row"><div class="text-no-underline">'
        f'<a href="/recent-actions/{each["key"]}" hreflang="en">{escape(each["title"])}</a></div>'
        f'<div class="font-sans-2xs">{each["day"]} - '
        '<a href="/recent-actions/sanctions-list-updates">Sanctions List Updates</a></div></div>'
        for each in actions
    )
    return page("Recent Actions", f'<div class="view-content">\n{rows}\n</div>')


def action_page(action: Mapping[str, str], parties: Iterable[Record]) -> bytes:
    """An action's own page: the parties that were added to the list, each in one paragraph."""
    added = list(parties)
    sections = "\n".join(
        f"<h4>The following {plural} have been added to OFAC's SDN List:</h4>\n"
        + "\n".join(f"<p>{escape(entry_text(each), quote=False)}</p>" for each in some)
        for type, plural in _SECTIONS
        if (some := [each for each in added if each["type"] == type])
    )
    return page(
        action["title"],
        '<article class="node node--type-ofac-recent-action">'
        '<div class="field field--name-field-release-date"><div class="field__item">'
        f"{action['stated']}</div></div>\n"
        '<div class="field field--name-field-press-release-link">'
        f'<a href="{escape(action["release"])}">Press Release</a></div>\n'
        '<div class="field field--name-field-body"><div class="field__item">'
        f"<h3>Specially Designated Nationals List Update</h3>\n{sections}</div></div></article>",
        heading="h1",
    )


def entry_text(party: Record) -> str:
    """A party as OFAC's text form names it: ``NAME (a.k.a. …), address; DOB …; Passport … (individual) [PROGRAMME].``"""
    names = [_alias(each) for each in party.get("aliases", ())]
    whole = _name(party["name"]) + (f" ({'; '.join(names)})" if names else "")
    facts = [
        "; ".join(
            ", ".join(value for value in each.values() if value)
            for each in party.get("addresses", ())
        ),
        *(f"DOB {each['date']}" for each in party.get("dates_of_birth", ())),
        *(f"POB {each['place']}" for each in party.get("places_of_birth", ())),
        *(f"nationality {each['country']}" for each in party.get("nationalities", ())),
        *(_identifier(each) for each in party.get("identifiers", ())),
    ]
    told = "; ".join(fact for fact in facts if fact)
    kind = " (individual)" if party["type"] == "individual" else ""
    tags = " ".join(f"[{program}]" for program in party["programs"])
    tie = f" {party['remarks']}" if party.get("remarks") else ""
    return f"{whole}, {told}{kind} {tags}{tie}."


def _name(name: Mapping[str, str]) -> str:
    return ", ".join(filter(None, (name["last"], name.get("first"))))


def _alias(alias: Mapping[str, str]) -> str:
    name = _name(alias)
    weak = alias.get("strength") == "weak"
    return f"{_ALIAS_KINDS[alias['kind']]} " + (f'"{name}"' if weak else name)


def _identifier(identifier: Mapping[str, Any]) -> str:
    country = f" ({identifier['country']})" if identifier.get("country") else ""
    return f"{identifier['type']} {identifier.get('number', '')}{country}".strip()
