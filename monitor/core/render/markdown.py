"""Text as Markdown that shows just that text: names and identifiers hold characters that would be taken for markup."""

import re

_ADDRESS = re.compile(r"https?://\S+")
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


def as_markdown(text: str) -> str:
    """``text`` with Markdown's marks escaped; web addresses stay as they are, so that they are still links."""
    written = []
    position = 0
    for address in _ADDRESS.finditer(text):
        written += [_escaped(text[position : address.start()]), address[0]]
        position = address.end()
    return "".join([*written, _escaped(text[position:])])


def _escaped(text: str) -> str:
    text = _MARKS.sub(r"\\\1", text)
    return re.sub(r"^([+-])(?=\s)", r"\\\1", text)  # a sign at the beginning would make a list
