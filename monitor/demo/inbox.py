"""Where alerts arrive in the demonstration: a chat room and a mailbox of its own, which keep what they get."""

import asyncio
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self, cast

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.demo.loopback import HOST, LoopbackServer

RECIPIENT = "compliance@bank.example"
SENDER = "watch@bank.example"


@dataclass(frozen=True)
class Said:
    """A message in the chat room."""

    title: str
    text: str


class ChatRoom(LoopbackServer):
    """Takes what Apprise's ``json://`` posts. ``said`` are the messages in the order of their arrival."""

    def __init__(self) -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/room", self._take)
        super().__init__(app)
        self.said: asyncio.Queue[Said] = asyncio.Queue()

    @property
    def channel(self) -> str:
        """The Apprise URL of the room."""
        return f"json://{self.url.partition('://')[2]}/room"

    async def _take(self, request: web.Request) -> web.Response:
        message = await request.json()
        self.said.put_nowait(Said(message["title"], message["message"]))
        return web.Response(status=204)


@dataclass(frozen=True)
class Mail:
    """A mail as it was accepted, and the files that hold the whole of it and its HTML part."""

    message: EmailMessage
    file: Path
    html_file: Path

    @property
    def text(self) -> str:
        """The part that a text client shows."""
        return _part(self.message, "plain")


class Mailbox:
    """An SMTP server on a free port of loopback, which writes every mail into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.mails: asyncio.Queue[Mail] = asyncio.Queue()
        self._folder = folder
        self._taken = 0
        self._port = 0
        self._server: asyncio.Server | None = None

    @property
    def channel(self) -> str:
        """The Apprise URL of the mailbox."""
        return f"mailto://{HOST}:{self._port}?from={SENDER}&to={RECIPIENT}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, HOST, 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    def _conversation(self) -> SMTP:
        return SMTP(self, hostname="mailbox.example", ident="a mailbox for demonstration")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a whole mail; the name is aiosmtpd's."""
        content = envelope.original_content or b""
        self._taken += 1
        mail = await asyncio.to_thread(_keep, content, self._folder / f"mail-{self._taken}")
        self.mails.put_nowait(mail)
        return "250 2.0.0 taken"


def _keep(content: bytes, name: Path) -> Mail:
    """Write a mail, and its HTML part as a page of its own."""
    message = message_from_bytes(content, policy=policy.default)
    mail = Mail(message, name.with_suffix(".eml"), name.with_suffix(".html"))
    mail.file.write_bytes(content)
    mail.html_file.write_text(_part(message, "html"), encoding="utf-8")
    return mail


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body(preferencelist=(cast(Any, kind),))
    return str(cast(EmailMessage, found).get_content()) if found is not None else ""
