"""How a channel is written for: its markup, its room, and the foot that stands under each part."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape, unescape

from monitor.core.channel import ChannelProfile
from monitor.core.render.fill import Paragraph, fill
from monitor.core.render.layouts import LAYOUTS, unstressed
from monitor.core.render.markdown import as_markdown
from monitor.core.render.message import Message, numbered
from monitor.core.words import shortened

SMALL = 1_100
"""A channel that accepts no more than this gets one part."""

_ROOM_FOR_AN_ID = 400
_LABEL = "Details and evidence"

_MARKUP: dict[str, tuple[Callable[[str], str], str]] = {
    "markdown": (as_markdown, "  \n"),
    "html": (lambda text: escape(text, quote=False), "<br/>\n"),
}


class Writing:
    """Writes bodies for one profile and one alert."""

    def __init__(self, profile: ChannelProfile, alert_id: str, link: str) -> None:
        self.profile = profile
        self._layout = LAYOUTS[profile.layout] if profile.layout else None
        self._stress = profile.format != "text"
        if self._layout:
            self._write: Callable[[str], str] = partial(self._layout.line, stress=self._stress)
            self._newline = self._layout.newline
        else:
            write, self._newline = _MARKUP.get(profile.format, (str, "\n"))
            self._write = lambda text: write(unstressed(text))
        self._alert_id = alert_id
        self._link = link
        self._kept = 0
        self.is_small = profile.body_limit is not None and profile.body_limit <= SMALL

    def measure(self, subject: str) -> int:
        """How long a subject is as the service gets it."""
        head = self._head(subject)
        # What stands in a title of its own is escaped on the way.
        return len(head) if head else len(escape(subject, quote=False) if self._layout else subject)

    def keep_room_for(self, *subjects: str) -> None:
        """Keep room for the longest of these subjects in each body, where subjects stand in the text."""
        heads = [len(head) for subject in subjects if (head := self._head(subject))]
        self._kept = max(heads) + len(self._gap) if heads else 0

    def parts(self, paragraphs: Sequence[Paragraph], more: int) -> tuple[list[str], int]:
        """The bodies, each with its foot that counts ``more`` parties; and how many parties are in none of them."""
        written = [self._written(paragraph) for paragraph in paragraphs]
        foot = self._foot(more)
        filled = fill(written, self._room(foot), newline=self._newline)
        if filled.unshown:
            foot = self._foot(more + filled.unshown)
            filled = fill(written, self._room(foot), newline=self._newline)
        return [self._with_foot(body, foot) for body in filled.parts], filled.unshown

    def prose(self, lines: Sequence[str], heading: str) -> str:
        """Sentences that may be cut between words, and the foot."""
        foot = self._foot(0)
        texts = [text for text in (heading, *lines) if text]
        body = self._newline.join(map(self._write, texts))
        room = self._room(foot)
        if room is not None and len(body) > room:
            body = _cut(texts, self._write, self._newline, room)
        return self._with_foot(body, foot)

    def _foot(self, more: int) -> str:
        """The link and the alert's id, and how many parties are not shown; where there is little room, what matters most.

        A message without a link is a test, and has none.
        """
        if not self._link:
            return ""
        limit = self.profile.body_limit
        count = self._write(f"and {more:,} more: ") if more else ""
        label, alert = self._write(_LABEL), self._write(f"alert {self._alert_id}")
        if self._layout and self._stress:
            link, opening = self._layout.link(label, self._link), count
        else:
            link, opening = self._write(self._link), count or f"{label}: "
        wordings = [f"{count}{link}", f"{count}{alert}", count.rstrip(": ")]
        if limit is None or limit >= _ROOM_FOR_AN_ID:
            wordings.insert(0, f"{opening}{link}   {alert}")
        return next((words for words in wordings if limit is None or len(words) <= limit), "")

    def _room(self, foot: str) -> int | None:
        limit = self.profile.body_limit
        if limit is None:
            return None
        return max(limit - self._kept - len(self._gap) - len(foot), 0)

    def _head(self, subject: str) -> str:
        """The subject as it stands in the text; "" where the service shows it by itself."""
        if self._layout is None or self._layout.has_title:
            return ""
        return self._layout.head(subject, stress=self._stress)

    def _with_foot(self, body: str, foot: str) -> str:
        return f"{body}{self._gap}{foot}" if body and foot else body or foot

    @property
    def _gap(self) -> str:
        return self._newline if self.is_small else self._newline * 2

    def message(self, part: int, parts: int, subject: str, body: str) -> Message:
        """One body as a message; where the channel shows HTML, with the same as text."""
        subject = numbered(subject, part, parts)
        if self._layout:
            texts = [text for text in (self._head(subject), body) if text]
            return Message(part, parts, subject, self._gap.join(texts))
        if self.profile.format != "html":
            return Message(part, parts, subject, body)
        return Message(part, parts, subject, unescape(body.replace("<br/>\n", "\n")), html=body)

    def _written(self, paragraph: Paragraph) -> Paragraph:
        return replace(
            paragraph,
            items=tuple(
                replace(item, text=self._newline.join(map(self._write, item.text.split("\n"))))
                for item in paragraph.items
            ),
            label=self._write(paragraph.label),
            tail=self._write(paragraph.tail),
            separator=paragraph.separator.replace("\n", self._newline),
        )


def _cut(texts: Sequence[str], write: Callable[[str], str], newline: str, room: int) -> str:
    """As many whole texts as there is room for, and the next one cut between words."""
    body = ""
    for text in texts:
        gap = newline if body else ""
        if len(body) + len(gap) + len(write(text)) <= room:
            body += gap + write(text)
            continue
        length = room - len(body) - len(gap)
        while length > 20 and len(write(shortened(text, length))) > room - len(body) - len(gap):
            length -= 10
        return body + gap + write(shortened(text, length)) if length > 20 else body
    return body
