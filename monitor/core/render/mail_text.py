"""The text part of a mail, laid out for itself: 78 columns, labels in a column, one thing a line.

Lines are broken at blanks between words, never inside a number or an address; a value that is wider than the page stays on one
line of its own.
"""

import textwrap
from collections.abc import Iterable, Sequence

from monitor.core.render.mail_content import Amendment, Mail, Row, Section

WIDTH = 78

_LABEL = 15
_EVIDENCE_LABEL = 14  # beside it a SHA-256 still fits


def mail_text(mail: Mail) -> str:
    """The mail as text."""
    blocks = [
        _wrapped(mail.heading),
        *(_wrapped(line) for line in mail.lead),
        *(_section(section) for section in mail.sections),
        *(_wrapped(edit) for edit in mail.mass_edits),
    ]
    if mail.amendments:
        amendments = "\n\n".join(map(_amendment, mail.amendments))
        blocks.append(f"{_title(f'Amended ({len(mail.amendments):,})')}\n\n{amendments}")
    for title, lines in (
        ("Official pages", mail.witnesses),
        ("What also applies", mail.also_applies),
        ("What follows", mail.consequences),
    ):
        if lines:
            blocks.append(f"{_title(title)}\n\n" + "\n".join(_bullet(line) for line in lines))
    evidence = "\n".join(_labelled(label, [value], wide=True) for label, value in mail.evidence)
    blocks.append(f"{_title('How to check')}\n\n{evidence}")
    if mail.link:
        blocks.append(f"Details and evidence:\n{mail.link}\nalert {mail.alert_id}")
    blocks.append(_wrapped(mail.reason))
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> str:
    rows = "\n\n".join(_row(number, row) for number, row in enumerate(section.rows, start=1))
    return f"{_title(section.heading)}\n\n{rows}"


def _row(number: int, row: Row) -> str:
    lines = [
        _wrapped(f"{row.name} ({row.type})", first=f"{number:>2}. ", indent="    "),
        *_facts(
            ("Title", [row.title] if row.title else []),
            ("Ground", row.grounds),
            (
                "Born" if row.type == "individual" else "Founded",
                [_plain(text) for text in row.born],
            ),
            ("Nationality", row.nationalities),
            ("Other names", row.aliases),
            ("Identifiers", row.identifiers),
            ("Digital money", row.digital_currency),
            ("Particulars", row.described),
            ("Addresses", row.addresses),
            ("Contact", row.contact),
            ("Linked to", row.ties),
            ("Remarks", [row.remarks] if row.remarks else []),
            ("Release", row.quoted),
            ("List number", [row.number]),
        ),
    ]
    return "\n".join(lines)


def _plain(text: str) -> str:
    return text.removeprefix("founded ")


def _amendment(amendment: Amendment) -> str:
    head = _wrapped(f"{amendment.name} ({amendment.number}): {amendment.summary}", indent="  ")
    lines = [
        _wrapped(each.words, first=f"  {each.sign} ", indent="    ")
        for each in amendment.differences
    ]
    return "\n".join([head, *lines])


def _facts(*facts: tuple[str, Sequence[str]]) -> Iterable[str]:
    return (_labelled(label, values) for label, values in facts if values)


def _labelled(label: str, values: Sequence[str], *, wide: bool = False) -> str:
    """A label and its values beneath each other, each beginning in the same column."""
    first = f"{label:<{_EVIDENCE_LABEL}}" if wide else f"    {label:<{_LABEL}}"
    indent = " " * len(first)
    return "\n".join(
        _wrapped(value, first=indent if number else first, indent=indent)
        for number, value in enumerate(values)
    )


def _bullet(text: str) -> str:
    return _wrapped(text, first="- ", indent="  ")


def _title(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _wrapped(text: str, *, first: str = "", indent: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
