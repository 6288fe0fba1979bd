"""An alert as a mail: one subject, and the same facts laid out twice, as text and as HTML.

The text part is no stripped copy: it has its own columns. Both say what happened, to whom, on what ground, who announced it, what
follows, how it can be checked, and why the reader gets it. What would be too large to be read is told in numbers, with the first
parties, and stands in a table that is attached.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile
from monitor.core.gathered import Chapter, DigestFacts
from monitor.core.render.digest_mail import Piece, digest_content, pieces
from monitor.core.render.headings import heading_within, headings
from monitor.core.render.mail_content import Mail, Section, mail_content
from monitor.core.render.mail_html import mail_html
from monitor.core.render.mail_text import mail_text
from monitor.core.render.message import Message, link_of, numbered
from monitor.core.render.table import table, weight
from monitor.core.route import Selection
from monitor.core.told_as_one import Changed, mass_edits

MOST_ROWS = 1_000
"""A mail in parts with more parties than this is too many mails: the rest is counted, and the link shows it."""

MOST_TOLD = 200
"""From more changes than this on, all of them are in a table that is attached."""

LARGEST = 100_000
"""Bytes of a text or an HTML part: Gmail cuts what is longer, and no one reads it."""

_FIRST = 50
_PART_NUMBER = len(" (part 100 of 100)")


def render_mail(
    alert: Alert, selection: Selection, profile: ChannelProfile, public_url: str, zone: tzinfo
) -> list[Message]:
    """One message, with a table where there is much; in as many numbered ones as the profile's limit asks for, if it has one."""
    if alert.digest:
        return _digest(alert, alert.digest, selection, profile, public_url, zone)
    if profile.body_limit is None:
        return [_whole(alert, selection, profile, public_url, zone)]
    return _parts(alert, selection, profile, public_url, zone)


def _whole(
    alert: Alert, selection: Selection, profile: ChannelProfile, public_url: str, zone: tzinfo
) -> Message:
    changes = selection.changes
    mail = mail_content(alert, selection, changes, 0, public_url, zone)
    if len(changes) <= MOST_TOLD:
        message = _message(mail, 1, 1, selection, alert, profile)
        if _is_readable(message) or len(changes) <= 1:
            return message
    attached = table(changes, link_of(alert, public_url))
    one_by_one = sum(len(section.rows) for section in mail.sections) + len(mail.amendments)
    if one_by_one <= MOST_TOLD:
        message = _message(
            _leading(mail, _attached_words(attached)), 1, 1, selection, alert, profile
        )
        if _is_readable(message):
            return replace(message, wire=attached)
    first = _FIRST
    while True:
        part = mail_content(alert, selection, _first(changes, first), 0, public_url, zone)
        part = replace(part, sections=_of_all(part.sections, mail.sections))
        part = _leading(part, f"The first {first:,} are told here. {_attached_words(attached)}")
        message = _message(part, 1, 1, selection, alert, profile)
        if _is_readable(message) or first == 1:
            return replace(message, wire=attached)
        first //= 2


def _digest(
    alert: Alert,
    digest: DigestFacts,
    selection: Selection,
    profile: ChannelProfile,
    public_url: str,
    zone: tzinfo,
) -> list[Message]:
    def messages(chunks: Sequence[Sequence[Piece]], note: str = "") -> list[Message]:
        mails = [
            digest_content(alert, digest, selection, chunk, public_url, zone) for chunk in chunks
        ]
        if note:
            mails = [_leading(mail, note) for mail in mails]
        return [
            _message(mail, number, len(mails), selection, alert, profile)
            for number, mail in enumerate(mails, start=1)
        ]

    told = pieces(digest)
    if profile.body_limit is not None:
        return _within([told], messages, profile.body_limit)
    changes = [each for each in told if isinstance(each, tuple)]
    others = [each for each in told if not isinstance(each, tuple)]
    first = len(changes)
    attached = table(selection.changes, link_of(alert, public_url))
    said = _attached_words(attached)
    while True:
        note = f"The {first:,} weightiest of {len(changes):,} changes are told here. {said}"
        shown: list[Piece] = [*_weightiest(changes, first), *others]
        (message,) = messages([shown], note if first < len(changes) else "")
        if first == 0 or (first <= MOST_TOLD and _is_readable(message)):
            break
        first = min(first // 2, MOST_TOLD)
    if first == len(changes):
        return [message]
    return [replace(message, wire=attached)]


def _weightiest(
    changes: Sequence[tuple[Chapter, Changed]], number: int
) -> list[tuple[Chapter, Changed]]:
    """So many of them, in their own order: nobody who was designated gives way to a remark."""
    order = sorted(range(len(changes)), key=lambda place: weight(changes[place][1]))
    return [changes[place] for place in sorted(order[:number])]


def _within(
    chunks: list[list[Piece]],
    messages: Callable[[Sequence[Sequence[Piece]]], list[Message]],
    limit: int,
) -> list[Message]:
    """As many messages as the limit asks for, divided between pieces."""
    while True:
        made = messages(chunks)
        too_large = [
            len(chunk) > 1 and not _is_within(message, limit)
            for chunk, message in zip(chunks, made, strict=True)
        ]
        if not any(too_large):
            return made
        chunks = [
            half
            for chunk, large in zip(chunks, too_large, strict=True)
            for half in ([chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]] if large else [chunk])
        ]


def _attached_words(attached: str) -> str:
    """What is said of the table: that it has all of them, or that even it could not."""
    row = "a row for each field that changed"
    if attached.rstrip().rpartition("\n")[2].lstrip('"').startswith("and "):
        return f"The weightiest are in changes.csv, which is attached, {row}; its last row counts the rest."
    return f"All of them are in changes.csv, which is attached, {row}."


def _leading(mail: Mail, line: str) -> Mail:
    return replace(mail, lead=[*mail.lead, line])


def _is_readable(message: Message) -> bool:
    return max(len(message.text.encode()), len((message.html or "").encode())) <= LARGEST


def _first(changes: Sequence[Changed], number: int) -> tuple[Changed, ...]:
    """Those that are told by the dozen in a line of numbers, and of the others the first: who came, who left, who changed."""
    edits, _ = mass_edits([each for each in changes if each["kind"] == "amended"])
    by_numbers = {each["key"] for edit in edits for each in edit.changes}
    others = [each for each in changes if each["key"] not in by_numbers]
    weightiest = sorted(others, key=weight)[:number]
    kept = by_numbers | {each["key"] for each in weightiest}
    return tuple(each for each in changes if each["key"] in kept)


def _of_all(shown: Sequence[Section], all: Sequence[Section]) -> list[Section]:
    """The sections under headings that say how many there are of all: ``Designated (first 50 of 1,204)``."""
    totals = {_title(section): len(section.rows) for section in all}
    return [
        replace(section, heading=f"{_title(section)} (first {len(section.rows):,} of {total:,})")
        if (total := totals.get(_title(section), 0)) > len(section.rows)
        else section
        for section in shown
    ]


def _title(section: Section) -> str:
    return section.heading.rpartition(" (")[0]


def _parts(
    alert: Alert, selection: Selection, profile: ChannelProfile, public_url: str, zone: tzinfo
) -> list[Message]:
    chunks: list[tuple[Changed, ...]] = [selection.changes[:MOST_ROWS]]
    more = len(selection.changes) - len(chunks[0])
    while True:
        mails = [mail_content(alert, selection, chunk, more, public_url, zone) for chunk in chunks]
        messages = [
            _message(mail, number, len(mails), selection, alert, profile)
            for number, mail in enumerate(mails, start=1)
        ]
        too_large = [not _is_within(message, profile.body_limit) for message in messages]
        if not any(
            len(chunk) > 1 and large for chunk, large in zip(chunks, too_large, strict=True)
        ):
            return messages
        chunks = [
            half
            for chunk, large in zip(chunks, too_large, strict=True)
            for half in (_halves(chunk) if large and len(chunk) > 1 else [chunk])
        ]


def _halves(chunk: Sequence[Changed]) -> list[tuple[Changed, ...]]:
    middle = len(chunk) // 2
    return [tuple(chunk[:middle]), tuple(chunk[middle:])]


def _is_within(message: Message, limit: int | None) -> bool:
    return limit is None or max(len(message.text), len(message.html or "")) <= limit


def _message(
    mail: Mail, part: int, parts: int, selection: Selection, alert: Alert, profile: ChannelProfile
) -> Message:
    limit = profile.title_limit
    room = limit if limit is None or parts == 1 else limit - _PART_NUMBER
    subject = heading_within(headings(alert, selection.changes), room)
    html = mail_html(mail) if profile.format == "html" else None
    return Message(part, parts, numbered(subject, part, parts), mail_text(mail), html=html)
