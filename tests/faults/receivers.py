"""Receivers that misbehave, and remember: what came, and whether they took it.

A message that was taken (2xx, or 250) counts as received, whatever its sender came to know of that.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook

from tests.mailbox import Mailbox, Received
from tests.servers import LoopbackServer, Recorded

WebhookTrouble = Literal["refuse", "hang", "429", "500", "410", "half-close", "cut"]
MailTrouble = Literal["refuse", "hang", "451", "554", "550 one", "drop"]

HANG = 3.0
"""Seconds until somebody who says nothing hangs up."""


@dataclass(frozen=True)
class Posted:
    """A request as it came. ``taken``: it was answered 2xx."""

    id: str
    body: bytes
    taken: bool
    is_signed: bool

    @property
    def data(self) -> Mapping[str, Any]:
        """The alert."""
        data: Mapping[str, Any] = Recorded("", "", "", {}, self.body, datetime.now(UTC)).json()[
            "data"
        ]
        return data


class Hook(LoopbackServer):
    """A program that verifies what it is sent."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.trouble: WebhookTrouble | None = None
        self.posted: list[Posted] = []
        self.troubles: Counter[str] = Counter()
        self._secret = Webhook(secret)

    async def set_trouble(self, trouble: WebhookTrouble | None) -> None:
        """Misbehave so from now on."""
        if trouble == "refuse" and self.trouble != "refuse":
            for site in list(self._runner.sites):
                await site.stop()
        if trouble != "refuse" and self.trouble == "refuse":
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.trouble = trouble

    async def _answer(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        trouble = self.trouble
        if trouble:
            self.troubles[f"webhook {trouble}"] += 1
        taken = trouble in (None, "cut")
        self.posted.append(
            Posted(
                recorded.headers.get("webhook-id", ""),
                recorded.body,
                taken,
                self._is_ours(recorded),
            )
        )
        match trouble:
            case "hang":
                await asyncio.sleep(HANG)
            case "429":
                return web.Response(status=429, headers={"Retry-After": "45"})
            case "500" | "410":
                return web.Response(status=int(trouble), body=b"no")
            case "cut":  # a head that says yes, and then nothing more
                return _hang_up(request, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nth")
        return web.Response(status=204) if taken else _hang_up(request, b"")

    def _is_ours(self, recorded: Recorded) -> bool:
        """Whether the signature is right. Its time is the sender's, whose clock jumps here, so that its age is not looked at."""
        headers = recorded.headers
        at = datetime.fromtimestamp(int(headers.get("webhook-timestamp", "0")), UTC)
        expected = self._secret.sign(headers.get("webhook-id", ""), at, recorded.body.decode())
        return expected in headers.get("webhook-signature", "").split()


class Post(Mailbox):
    """A mail server. ``messages`` are those that it took."""

    def __init__(self, victim: str, **named: Any) -> None:
        super().__init__(**named)
        self.trouble: MailTrouble | None = None
        self.troubles: Counter[str] = Counter()
        self._victim = victim
        # aiosmtpd warns of each login without encryption, which is what this server has.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)

    async def set_trouble(self, trouble: MailTrouble | None) -> None:
        """Misbehave so from now on."""
        if trouble == "refuse" and self.trouble != "refuse" and self._server:
            self._server.close()
            await asyncio.sleep(0)
        if trouble != "refuse" and self.trouble == "refuse":
            await Mailbox.__aenter__(self)
        if trouble == "550 one":
            self.refuse_recipient(self._victim, "550 5.1.1 no such user")
        else:
            self.accept_recipient(self._victim)
        self.trouble = trouble

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the message, or do what the trouble says."""
        trouble = self.trouble
        if trouble:
            self.troubles[f"mail {trouble}"] += 1
        if trouble in ("451", "554"):
            return f"{trouble} 4.3.0 not now" if trouble == "451" else "554 5.6.0 never"
        sender, content = str(envelope.mail_from), envelope.original_content or b""
        self.messages.append(Received(sender, list(envelope.rcpt_tos), content, session.auth_data))
        if trouble == "hang":
            await asyncio.sleep(HANG)
        if trouble == "drop" and server.transport is not None:
            server.transport.close()
        return "250 2.0.0 queued as 4711"


def _hang_up(request: web.Request, sent: bytes) -> web.StreamResponse:
    """Past aiohttp: write bytes to the socket and close it."""
    transport = request.transport
    if transport is not None:
        if sent:
            transport.write(sent)
        transport.close()
    return web.Response()  # goes nowhere: the connection is closed
