"""How text is written where a service has a markup of its own: Slack, Discord, Teams.

What comes from a list is shown and never obeyed: no name makes bold, a link, a list or a date, and none mentions anybody. Where a
markup knows an escape, it is used; where it knows none (Slack, and mentions everywhere), a space of no width stands between the two
characters that would mean something together. Identifiers that are copied hold none of them.

What we stress ourselves is marked by :func:`stressed` with control characters, which no source's text can hold
(:mod:`monitor.core.render.visible`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from monitor.core.channel import LayoutName

APART = "\N{ZERO WIDTH SPACE}"

_BEGIN, _END = "\x02", "\x03"
_STRESSED = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_EVERYONE = re.compile(r"@(?=(?:everyone|here|channel)\b)", re.IGNORECASE)
_EMOJI = re.compile(r":(?=[\w+-]+:)")
_LIST = re.compile(r"^(\s*)(?:([-+*])|(\d+)([.)]))(?=\s|$)")


def stressed(text: str) -> str:
    """``text``, to stand out where the channel can show that."""
    return f"{_BEGIN}{text}{_END}"


def unstressed(text: str) -> str:
    """The text without our marks."""
    return text.replace(_BEGIN, "").replace(_END, "")


@dataclass(frozen=True)
class Layout:
    """One service's markup. ``plain`` writes text that shows just that; ``bold`` and ``link`` take what ``plain`` has written.

    ``newline`` ends a line. ``has_title`` says that the service shows a title of its own; elsewhere the subject stands in the text.
    """

    plain: Callable[[str], str]
    bold: Callable[[str], str]
    link: Callable[[str, str], str]
    newline: str
    has_title: bool

    def line(self, text: str, *, stress: bool) -> str:
        """One line of text; what is marked as stressed is bold, if ``stress`` is asked for."""
        if not stress:
            return self.plain(unstressed(text))
        written, position = [], 0
        for match in _STRESSED.finditer(text):
            written.append(self.plain(text[position : match.start()]))
            if match[1]:
                written.append(self.bold(self.plain(match[1])))
            position = match.end()
        return "".join([*written, self.plain(text[position:])])

    def head(self, subject: str, *, stress: bool) -> str:
        """The subject as the text's first line, where the service has no title of its own."""
        return self.line(stressed(subject), stress=stress)


def _slack(text: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text: three characters are escaped, nothing else can be."""
    escaped = escape(text, quote=False)
    # A quotation begins with the sign that has just been escaped.
    return re.sub(r"^(?=\s*&gt;)", APART, _in_pieces(escaped, _slack_piece))


_SLACK_MARKS = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)")  # an underscore inside of a word means nothing
_SLACK_ROOM = re.compile(r"#(?=\w)")


def _slack_piece(text: str) -> str:
    text = _SLACK_MARKS.sub(lambda mark: f"{APART}{mark[0]}{APART}", text)
    text = _EMOJI.sub(f":{APART}", _SLACK_ROOM.sub(f"#{APART}", text))
    return _EVERYONE.sub(f"@{APART}", text)


def _discord(text: str) -> str:
    """https://discord.com/developers/docs/reference#message-formatting: a backslash escapes every sign."""
    return _no_list(_in_pieces(text, _discord_piece))


_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


def _discord_piece(text: str) -> str:
    return _EVERYONE.sub(f"@{APART}", _EMOJI.sub(r"\\:", _MARKS.sub(r"\\\1", text)))


def _teams(text: str) -> str:
    """https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features: a part of Markdown, and functions in braces."""
    written = _in_pieces(text, lambda piece: _ENTITY.sub(r"\\&", _MARKS.sub(r"\\\1", piece)))
    return _no_list(_BRACES.sub(rf"\1{APART}{{", written))


_ENTITY = re.compile(r"&(?=#?\w+;)")
_BRACES = re.compile(r"([{$])\{")


def _in_pieces(text: str, write: Callable[[str], str]) -> str:
    """The text as ``write`` writes it, but for web addresses, which stay links; only a mention of everybody is taken out of them."""
    written, position = [], 0
    for address in _ADDRESS.finditer(text):
        link = _EVERYONE.sub("%40", address[0])
        written += [write(text[position : address.start()]), link]
        position = address.end()
    return "".join([*written, write(text[position:])])


def _no_list(line: str) -> str:
    """A line that begins like an entry of a list, and is none."""
    return _LIST.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", line)


LAYOUTS: Mapping[LayoutName, Layout] = {
    "slack": Layout(
        plain=_slack,
        bold=lambda text: f"*{text}*",
        link=lambda label, url: f"<{url.replace('&', '&amp;')}|{label}>",
        newline="\n",
        has_title=True,
    ),
    "discord": Layout(
        plain=_discord,
        bold=lambda text: f"**{text}**",
        # In angle brackets, so that no preview of our own page stands below the message.
        link=lambda label, url: f"[{label}](<{url}>)",
        newline="\n",
        has_title=False,
    ),
    "teams": Layout(
        plain=_teams,
        bold=lambda text: f"**{text}**",
        link=lambda label, url: f"[{label}]({url})",
        newline="\n\n",  # one alone is a blank there
        has_title=False,
    ),
}
