"""An alert as a mail: one subject, and the same facts laid out twice, as text and as HTML.

The text part is no stripped copy: it has its own columns. Both say what happened, to whom, on what ground, who announced it, what
follows, how it can be checked, and why the reader gets it.
"""

from collections.abc import Sequence
from datetime import tzinfo

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile
from monitor.core.render.headings import heading_within, headings
from monitor.core.render.mail_content import Mail, mail_content
from monitor.core.render.mail_html import mail_html
from monitor.core.render.mail_text import mail_text
from monitor.core.render.message import Message, numbered
from monitor.core.route import Selection
from monitor.core.told_as_one import Changed

MOST_ROWS = 1_000
"""A mail with more parties than this is too large for some servers: the rest is counted, and the link shows it."""

_PART_NUMBER = len(" (part 100 of 100)")


def render_mail(
    alert: Alert, selection: Selection, profile: ChannelProfile, public_url: str, zone: tzinfo
) -> list[Message]:
    """One message, or as many numbered ones as the profile's limit asks for; HTML only where the profile says so."""
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
