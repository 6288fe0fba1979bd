"""All that a mail says, before it has a form: the same facts for its text and its HTML."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from monitor.core import parties
from monitor.core.alert import Alert
from monitor.core.differences import Difference, differences, summary
from monitor.core.duties import after_designation_in_full
from monitor.core.footnotes import split_remarks
from monitor.core.render import closing
from monitor.core.render.headings import headings, number_words, verbs
from monitor.core.render.message import link_of
from monitor.core.route import Selection
from monitor.core.told_as_one import MASS_EDIT, Changed, groups, mass_edits, moves
from monitor.core.words import counted, listed, moment_words

_NAMED = 5


@dataclass(frozen=True)
class Row:
    """One party in the table. ``url`` is its page at the authority, "" where there is none."""

    number: str
    key: str
    url: str
    name: str
    type: str
    title: str
    grounds: list[str]
    born: list[str]
    nationalities: list[str]
    identifiers: list[str]
    digital_currency: list[str]
    contact: list[str]
    described: list[str]
    addresses: list[str]
    aliases: list[str]
    ties: list[str]
    remarks: str
    quoted: list[str]
    """The words around its name in releases, with which release."""


@dataclass(frozen=True)
class Amendment:
    """One amended party: who, in numbers, and each difference."""

    name: str
    number: str
    url: str
    summary: str
    differences: list[Difference]


@dataclass(frozen=True)
class Section:
    """A table of parties under a heading."""

    heading: str
    rows: list[Row]

    @property
    def columns(self) -> list[str]:
        """The headings between name and number, without those under which no row has anything."""
        held: dict[str, Callable[[Row], list[str]]] = {
            "Type": lambda row: [row.type],
            "Ground": lambda row: row.grounds,
            "Born or founded": lambda row: row.born,
            "Particulars": lambda row: row.nationalities + row.described,
            "Identifiers": lambda row: row.identifiers + row.digital_currency,
            "Addresses": lambda row: row.addresses + row.contact,
            "Linked to": lambda row: row.ties,
        }
        return [heading for heading, values in held.items() if any(map(values, self.rows))]


@dataclass(frozen=True)
class Mail:
    """A mail, or one part of it."""

    heading: str
    lead: list[str]
    sections: list[Section]
    mass_edits: list[str]
    amendments: list[Amendment]
    witnesses: list[str]
    also_applies: list[str]
    consequences: list[str]
    evidence: list[tuple[str, str]]
    reason: str
    link: str
    alert_id: str


def mail_content(
    alert: Alert,
    selection: Selection,
    changes: Sequence[Changed],
    more: int,
    public_url: str,
    zone: tzinfo,
) -> Mail:
    """The mail about ``changes``, which are all or a part of the selection's; ``more`` are in no mail at all."""
    link = link_of(alert, public_url)
    said = groups(changes)
    edits, alone = mass_edits(said.amended)
    return Mail(
        heading=headings(alert, selection.changes)[0],
        lead=_lead(alert, selection, more, link, zone),
        sections=_sections(alert, changes),
        mass_edits=[
            f"{len(edit.changes):,} amended, all in the same way: {edit.words}. First {_NAMED}: "
            + " · ".join(parties.name_of(change["party"]) for change in edit.changes[:_NAMED])
            for edit in edits
        ]
        + [
            f"{len(move.changes):,} {move.words(alert.feed_title)}. "
            f"First {closing.FIRST}: {closing.first_names(move.changes[: closing.FIRST])}"
            for move in moves(said.moved)
            if len(move.changes) >= MASS_EDIT
        ],
        amendments=[_amendment(alert, change) for change in alone],
        witnesses=_witnesses(alert, public_url),
        also_applies=_also_applies(said.added),
        consequences=_consequences(alert, selection.changes),
        evidence=_evidence(alert, zone),
        reason=_reason(alert, selection),
        link=link,
        alert_id=alert.id,
    )


def _lead(alert: Alert, selection: Selection, more: int, link: str, zone: tzinfo) -> list[str]:
    changes = selection.changes
    escalated = closing.escalated(alert, zone)
    if not changes:
        if alert.incident:
            return [*escalated, *(text for text in closing.of_incident(alert, zone) if text)]
        if alert.publication:
            return [*escalated, *closing.of_publication(alert), closing.seen(alert, zone)]
        return escalated or closing.of_test(selection)
    said = groups(changes)
    lines = [
        *escalated,
        *closing.witnesses(alert),
        closing.ground(said.added),
        closing.former_ground(
            said.removed, alert.listed_since, among_others=len(said.removed) < len(changes)
        ),
        *closing.renumbered(alert, changes),
        *closing.elsewhere(alert, changes, zone),
        closing.read_before(alert, changes),
        *closing.announcements(alert),
        closing.seen(alert, zone),
        closing.others(selection),
        f"And {more:,} more, which are too many for a mail: {link}" if more else "",
    ]
    return [line for line in lines if line]


def _sections(alert: Alert, changes: Sequence[Changed]) -> list[Section]:
    said = groups(changes)
    coming, going = (verb.capitalize() for verb in verbs(alert))
    tables: list[tuple[str, Sequence[Changed]]] = [(coming, said.added), (going, said.removed)]
    for move in moves(said.moved):
        words = move.words(alert.feed_title)
        if len(move.changes) < MASS_EDIT:
            tables.append((words[0].upper() + words[1:], move.changes))
    again = [each for each in said.renumbered if each["kind"] == "added"]
    tables.append(("Re-listed under a new number", again))
    return [
        Section(f"{heading} ({len(some):,})", [_row(alert, change) for change in _sorted(some)])
        for heading, some in tables
        if some
    ]


def _sorted(changes: Sequence[Changed]) -> list[Changed]:
    order = {type: place for place, type in enumerate(parties.TYPES)}
    return sorted(
        changes,
        key=lambda change: (
            order.get(change["party"].get("type", ""), len(order)),
            parties.name_of(change["party"]),
        ),
    )


def _row(alert: Alert, change: Changed) -> Row:
    party = change["party"]
    number = number_words(alert, change["key"])
    if change["kind"] == "added" and "relisted" in change:
        number += f", before {change['relisted']['from']}"
    return Row(
        number=number,
        key=change["key"],
        url=_page(alert, change),
        name=parties.name_of(party),
        type=parties.type_of(party),
        title=party.get("title", ""),
        grounds=list(dict.fromkeys([*parties.grounds_of(party), *_legal_basis(alert, change)])),
        born=parties.born_or_founded(party),
        nationalities=parties.nationalities_of(party),
        identifiers=parties.identifiers_of(party),
        digital_currency=parties.digital_currency_of(party),
        contact=parties.contact_of(party),
        described=parties.description_of(party)
        + ([parties.vessel_words(party["vessel"])] if party.get("vessel") else []),
        addresses=[parties.address_words(address) for address in party.get("addresses", ())],
        aliases=parties.aliases_of(party),
        ties=parties.ties_of(party),
        remarks=split_remarks(party.get("remarks", ""))[1],
        quoted=_quoted(alert, change),
    )


def _in_dossiers(alert: Alert, change: Changed) -> list[Mapping[str, Any]]:
    return [
        party
        for dossier in alert.dossiers
        for party in dossier.account["parties"]
        if party["key"] == change["key"]
    ]


def _legal_basis(alert: Alert, change: Changed) -> list[str]:
    return [basis for party in _in_dossiers(alert, change) for basis in party["legal_basis"]]


def _quoted(alert: Alert, change: Changed) -> list[str]:
    return [
        f"{named['key']}: “{named['around']}”"
        for party in _in_dossiers(alert, change)
        for named in party["named_by"]
        if named["witness"] == "release"
    ]


def _witnesses(alert: Alert, public_url: str) -> list[str]:
    """Where each witness can be read, and all of them together."""
    return [f"{what}: {url}" for what, url in closing.addresses(alert, public_url)]


def _amendment(alert: Alert, change: Changed) -> Amendment:
    return Amendment(
        name=parties.name_of(change["party"]),
        number=number_words(alert, change["key"]),
        url=_page(alert, change),
        summary=summary(change),
        differences=differences(change),
    )


def _page(alert: Alert, change: Changed) -> str:
    if not alert.party_page or change["kind"] == "removed":
        return ""
    return alert.party_page.replace("{key}", change["key"])


def _also_applies(added: Sequence[Changed]) -> list[str]:
    """Each notice in the records' own words once, with how many of the parties carry it, and who where that is shorter."""
    numbers: Counter[str] = Counter()
    carriers: dict[str, list[str]] = {}
    for change in added:
        for notice in dict.fromkeys(parties.also_applies_to(change["party"])):
            numbers[notice] += 1
            carriers.setdefault(notice, []).append(parties.name_of(change["party"]))
    lines = []
    for notice, number in numbers.most_common():
        if number == len(added):
            whom = "" if number == 1 else f" (all {number:,})"
        elif number <= _NAMED:
            whom = f" ({' · '.join(carriers[notice])})"
        else:
            whom = f" ({number:,} of {len(added):,})"
        lines.append(notice + whom)
    return lines


def _consequences(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    added = groups(changes).added
    if not added or not alert.blocking:
        return closing.consequences(alert, changes)
    full = after_designation_in_full(len(added), closing.blocked_on(alert))
    return [*full, *closing.other_consequences(alert, changes)]


def _evidence(alert: Alert, zone: tzinfo) -> list[tuple[str, str]]:
    if not alert.changes and not alert.publication:
        return [("Told at", moment_words(alert.first_seen, zone))]
    facts = [("First seen", moment_words(alert.first_seen, zone))]
    if alert.not_before:
        facts.append(("Check before", moment_words(alert.not_before, zone)))
    if alert.record_count:
        facts.append(("List holds", counted(alert.record_count, "record")))
    if alert.snapshot_sha256:
        facts.append(("Its SHA-256", alert.snapshot_sha256))
    if alert.changes and alert.party_page:
        facts.append(("Look up", f"a list number at {alert.party_page.replace('{key}', 'NUMBER')}"))
    return facts


def _reason(alert: Alert, selection: Selection) -> str:
    if alert.kind == "test":
        return f"You receive this because somebody tries the channel {selection.channel}."
    if selection.routes:
        numbers = [str(number + 1) for number in selection.routes]
        noun = "route" if len(numbers) == 1 else "routes"
        because = f"{noun} {listed(numbers)} of the configuration sends it to the channel {selection.channel}"
        if alert.escalates:
            because += " when nobody acknowledges it in time"
        because = because if len(numbers) == 1 else because.replace(" sends ", " send ")
    else:
        because = f"no route says otherwise: then it goes to every channel, {selection.channel} among them"
    return f'You receive this because {because}. Whoever runs the service can change that under "routes".'
