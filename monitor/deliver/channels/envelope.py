"""An alert as a mail: headers that make it recognisable, and a body for every reader.

Built here and not by Apprise, which makes the text part by stripping the HTML and invents a Message-ID of its own: a
repeat must carry the id that it had, or a mail client shows it twice without a word.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from monitor.core.channel import Outgoing
from monitor.deliver.channels.base import repeat_note

LIST_LABEL = "sanctions-monitor"
LIST_NAME = "Sanctions Monitor"
ATTACHMENT = "changes.csv"


class _Policy(EmailPolicy):
    """SMTP's policy, but for subjects, which the standard library folds so that some clients show line ends or lose blanks.

    A subject that is short and ASCII stands as it is. Any other is a row of encoded words (RFC 2047), between which every reader
    drops the blanks, so that old and new parsers read back exactly what was written.
    """

    def fold(self, name: str, value: Any) -> str:
        return _subject(value) if name.lower() == "subject" else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() == "subject":
            return _subject(value).encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n")
_LINE = 75


def _subject(value: Any) -> str:
    text = str(value)
    if text.isascii() and len(f"Subject: {text}") <= _LINE:
        return f"Subject: {text}\r\n"
    words = Header(text, "utf-8", maxlinelen=_LINE, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {words}\r\n"


@dataclass(frozen=True)
class Sender:
    """From whom mail comes, and what a configuration adds to its headers."""

    address: str
    name: str = ""
    reply_to: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The right side of the address, which ids and the list's name are made with."""
        return self.address.rpartition("@")[2].lower()


def build_mail(outgoing: Outgoing, sender: Sender) -> EmailMessage:
    """One message for one recipient, byte for byte the same in every repeat but for the note that it may be one."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(sender.name, sender.address)
    mail["To"] = _address("", outgoing.recipient)
    if sender.reply_to:
        mail["Reply-To"] = ", ".join(sender.reply_to)
    # A name with "=?" in it would be taken for an encoded word.
    mail["Subject"] = " ".join(outgoing.subject.split()).replace("=?", "=\u200b?")
    mail["Date"] = format_datetime(outgoing.created_at)
    mail["Message-ID"] = message_id(outgoing, sender.domain)
    references = _references(outgoing, sender.domain)
    if references:
        mail["In-Reply-To"] = references[-1]
        mail["References"] = " ".join(references)
    mail["List-Id"] = f'"{LIST_NAME}" <{LIST_LABEL}.{sender.domain}>'
    # RFC 3834: answering machines stay silent.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Alert-Id"] = outgoing.alert_id
    for name, value in sender.headers.items():
        # What identifies the message is not for a configuration to change.
        if name not in mail and re.fullmatch(r"[A-Za-z0-9-]+", name):
            mail[name] = " ".join(value.split())
    _fill(mail, outgoing)
    return mail


def message_id(outgoing: Outgoing, domain: str) -> str:
    """Derived from alert, recipient and part: the same in every repeat, another for everything else."""
    return _id(f"{outgoing.alert_id}.{_short(outgoing.recipient.lower())}.{outgoing.part}", domain)


def _references(outgoing: Outgoing, domain: str) -> list[str]:
    """The root of each of the alert's threads (no message need ever have had that id), and the first part of a split alert."""
    threads = (outgoing.thread or "").split()
    references = [_id(f"thread.{_short(thread)}", domain) for thread in threads]
    if outgoing.part > 1:
        references.append(
            _id(f"{outgoing.alert_id}.{_short(outgoing.recipient.lower())}.1", domain)
        )
    return references


def _fill(mail: EmailMessage, outgoing: Outgoing) -> None:
    note = repeat_note(outgoing)
    text = outgoing.text.rstrip("\n") + (f"\n\n{note}" if note else "") + "\n"
    mail.set_content(text, subtype="plain", charset="utf-8", cte="quoted-printable")
    if outgoing.html is not None:
        html = _with_note(outgoing.html, note) if note else outgoing.html
        mail.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    if outgoing.attachment is not None:
        # As bytes: as text, its line ends would be the mail's.
        mail.add_attachment(
            outgoing.attachment.encode(), maintype="text", subtype="csv", filename=ATTACHMENT
        )
        mail.get_payload()[-1].set_param("charset", "utf-8")  # type: ignore[union-attr, index]


def _with_note(html: str, note: str) -> str:
    """The note as the body's last paragraph."""
    head, closing, tail = html.rpartition("</body>")
    return f"{head}<p>{note}</p>{closing}{tail}" if closing else f"{html}<p>{note}</p>"


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _id(left: str, domain: str) -> str:
    return f"<{left}@{domain}>"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
