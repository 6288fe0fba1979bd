"""An alert for a chat, a telephone or a terminal: as many lines as the channel accepts.

Where there is room, parties in full, then numbered parts. Where there is little (a title and a thousand characters), numbers, the
first names, "and 12 more" and the link, in one part. Whatever is left out is counted.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile
from monitor.core.render import closing
from monitor.core.render.digest import digest_paragraphs
from monitor.core.render.fill import (
    Paragraph,
    first_parties,
    line,
    most_that_fits,
    parties_in,
)
from monitor.core.render.headings import heading_within, headings
from monitor.core.render.kept import quiet_lines
from monitor.core.render.message import Message, link_of
from monitor.core.render.people import FEW, people
from monitor.core.render.writing import Writing
from monitor.core.route import Selection
from monitor.core.told_as_one import groups

MOST_PARTS = 10
"""Nobody reads an eleventh part: the rest is counted, and the link shows it."""

_PART_NUMBER = len(" (part 10 of 10)")
_NAMES_WANTED = 3
_ALL = 4


def render_chat(
    alert: Alert, selection: Selection, profile: ChannelProfile, public_url: str, zone: tzinfo
) -> list[Message]:
    """The parts of an alert for a chat, each within the profile's limits."""
    wordings = headings(alert, selection.changes)
    writing = Writing(profile, alert.id, link_of(alert, public_url))
    limit = profile.title_limit
    subject = heading_within(wordings, limit, writing.measure)
    room_for_number = None if limit is None else limit - _PART_NUMBER
    of_a_part = heading_within(wordings, room_for_number, writing.measure)
    writing.keep_room_for(subject, f"{of_a_part}{' ' * _PART_NUMBER}")
    if not selection.changes and not (alert.digest and alert.digest.gathered):
        bodies = [
            writing.prose(
                _lines(alert, selection, zone), "" if subject == wordings[0] else wordings[0]
            )
        ]
    else:
        bodies = _bodies(alert, selection, writing, wordings, subject, zone)
    return [
        writing.message(number, len(bodies), subject if len(bodies) == 1 else of_a_part, body)
        for number, body in enumerate(bodies, start=1)
    ]


def _bodies(
    alert: Alert,
    selection: Selection,
    writing: Writing,
    wordings: Sequence[str],
    subject: str,
    zone: tzinfo,
) -> list[str]:
    heading = [] if subject == wordings[0] else [line(wordings[0], weight=1)]

    def paragraphs(in_full: bool, weight: int) -> list[Paragraph]:
        room = writing.profile.body_limit
        if alert.digest:
            gathered = digest_paragraphs(alert.digest, in_full=in_full, room=room, zone=zone)
            return [each for each in (*heading, *gathered) if each.weight <= weight]
        told = people(alert, selection.changes, in_full=in_full, room=room)
        confirmed = [line(text, weight=2) for text in closing.witnesses(alert)]
        if confirmed and told:
            told[0] = replace(told[0], apart=True)
        around = _around(alert, selection, zone, in_full=in_full)
        if around and any(each.apart for each in told):
            around[0] = replace(around[0], apart=True)
        if weight == 0:  # so little room that labels would cost names
            told = [replace(each, label="", tail="") for each in told]
        return [each for each in (*heading, *confirmed, *told, *around) if each.weight <= weight]

    most_parts = 1 if writing.is_small else MOST_PARTS
    levels = [(True, _ALL)]
    if writing.is_small:
        levels += [(False, weight) for weight in range(_ALL, -1, -1)]
    for level in levels:
        bodies, unshown = writing.parts(paragraphs(*level), 0)
        if len(bodies) <= most_parts and (not unshown or not writing.is_small):
            return bodies
    total = parties_in(paragraphs(False, 0))
    for level in levels if len(levels) == 1 else levels[1:]:
        bodies, shown = _cut_short(writing, paragraphs(*level), most_parts)
        if shown >= min(_NAMES_WANTED, total) or level == levels[-1]:
            return bodies
    raise AssertionError("the last level is always taken")


def _cut_short(
    writing: Writing, paragraphs: Sequence[Paragraph], most_parts: int
) -> tuple[list[str], int]:
    """As many parties as go into ``most_parts``, with the number of the others; and how many those are that are shown."""
    total = parties_in(paragraphs)
    items = sum(1 for paragraph in paragraphs for item in paragraph.items if item.parties)

    def parts(most: int) -> tuple[list[str], int]:
        kept = first_parties(paragraphs, most)
        return writing.parts(kept, total - parties_in(kept))

    def fits(most: int) -> bool:
        bodies, unshown = parts(most)
        return len(bodies) <= most_parts and (not unshown or most_parts > 1)

    most = most_that_fits(fits, items)
    bodies, unshown = parts(most)
    return bodies[:most_parts], parties_in(first_parties(paragraphs, most)) - unshown


def _around(alert: Alert, selection: Selection, zone: tzinfo, *, in_full: bool) -> list[Paragraph]:
    changes = selection.changes
    said = groups(changes)
    added, removed = (
        # Each of a few parties has its ground beside it.
        [] if in_full and len(some) <= FEW else some
        for some in (said.added, said.removed)
    )
    lines = [
        *((text, 1) for text in closing.escalated(alert, zone)),
        (closing.ground(added), 2),
        (
            closing.former_ground(
                removed, alert.listed_since, among_others=len(removed) < len(changes)
            ),
            2,
        ),
        *((text, 1) for text in closing.renumbered(alert, changes)),
        *((text, 1) for text in closing.elsewhere(alert, changes, zone)),
        (closing.read_before(alert, changes), 1),
        *((text, 3) for text in closing.announcements(alert)),
        *((text, 1) for text in closing.consequences(alert, changes)),
        (closing.seen(alert, zone), 4),
        (closing.others(selection), 1),
    ]
    return [line(text, weight=weight) for text, weight in lines if text]


def _lines(alert: Alert, selection: Selection, zone: tzinfo) -> list[str]:
    if alert.digest:
        return quiet_lines(alert.digest, zone)
    escalated = closing.escalated(alert, zone)
    if alert.incident:
        return [*escalated, *closing.of_incident(alert, zone)]
    if alert.publication:
        return [*escalated, *closing.of_publication(alert), closing.seen(alert, zone)]
    return escalated or closing.of_test(selection)
