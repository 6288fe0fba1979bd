"""A real SMTP server on loopback that keeps what it accepts, and misbehaves on request.

::

    async with Mailbox() as mailbox:
        mailbox.refuse_recipient("gone@example.org", "550 5.1.1 no such user")
        mailbox.answers.append("451 4.3.0 come back later")  # the next message; then 250 again
        ...
        assert mailbox.messages[0].recipients == ["desk@example.org"]
"""

import asyncio
import warnings
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True)
class Received:
    """A message as it was accepted."""

    sender: str
    recipients: list[str]
    content: bytes
    login: str | None

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    def part(self, subtype: str) -> str:
        """The text of the body's part of that kind."""
        found = self.mail.get_body(preferencelist=(cast(Any, subtype),))
        assert found is not None, f"no {subtype} part"
        return str(cast(EmailMessage, found).get_content()).replace("\r\n", "\n")


class Mailbox:
    """An SMTP server on a free port of 127.0.0.1."""

    def __init__(self, *, passwords: dict[str, str] | None = None) -> None:
        self.port = 0
        self.messages: list[Received] = []
        self.answers: deque[str] = deque()
        """What is said to the next whole messages, in order; 250 when there is nothing left."""
        self.hang_at: str | None = None
        """``DATA``: take the message and never answer; ``RCPT``: never answer the recipient."""
        self.conversations = 0
        self._passwords = passwords
        self._refused: dict[str, str] = {}
        self._closing = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    def url(self, *recipients: str, parameters: str = "") -> str:
        """The ``mailto://`` URL of this server for these recipients."""
        return (
            f"mailto://127.0.0.1:{self.port}?from=watch@example.org&to={','.join(recipients)}"
            f"{parameters}"
        )

    def refuse_recipient(self, recipient: str, answer: str) -> None:
        """Answer RCPT for that address so from now on."""
        self._refused[recipient] = answer

    def accept_recipient(self, recipient: str) -> None:
        """Take mail for that address again."""
        self._refused.pop(recipient, None)

    def _conversation(self) -> SMTP:
        self.conversations += 1
        options: dict[str, Any] = {}
        if self._passwords is not None:
            options = {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": False,
            }
        with warnings.catch_warnings():
            # It warns of a login without encryption, which is what these tests have.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(self, hostname="mailbox.invalid", ident="mailbox", **options)

    def _authenticate(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> Any:
        login, password = data.login.decode(), data.password.decode()
        known = self._passwords is not None and self._passwords.get(login) == password
        return AuthResult(success=known, handled=False, auth_data=login)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_at == "RCPT":
            await self._closing.wait()
        if address in self._refused:
            return self._refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.popleft() if self.answers else "250 2.0.0 queued as 4711"
        if answer.startswith("250"):
            content = envelope.original_content or b""
            self.messages.append(
                Received(
                    str(envelope.mail_from), list(envelope.rcpt_tos), content, session.auth_data
                )
            )
        if self.hang_at == "DATA":
            await self._closing.wait()
        return answer
