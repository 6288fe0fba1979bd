"""Mail: one SMTP conversation for one message to one recipient.

Configured by the same ``mailto://`` or ``mailtos://`` URL that Apprise takes, and parsed by it. One message per recipient,
so that a retry goes to those who have not got it and to nobody else. The conversation is held step by step because the
step at which it breaks decides what is known: before the message was handed over nothing was sent; after it, only the
server's answer tells.
"""

import asyncio
import contextlib
import re
import ssl
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import aiosmtplib

from monitor.core.channel import ChannelProfile, MessageFormat, Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels.base import UnusableChannel
from monitor.deliver.channels.envelope import Sender, build_mail
from monitor.deliver.channels.redact import redact
from monitor.deliver.channels.service import APP_ID, open_service

STEP_TIMEOUT = timedelta(seconds=20)


class MailChannel:
    """The recipients of one mail URL (``to``, ``cc`` and ``bcc`` alike), each with a message of its own."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        format: MessageFormat = "html",
        language: str = "en",
        app_url: str = "",
        timeout: timedelta = STEP_TIMEOUT,
    ) -> None:
        settings = open_service(name, url, app_url=app_url)
        _refuse_dropped_recipients(name, settings, url)
        self.name = name
        self._settings = settings
        self._sender = _sender(settings)
        self._timeout = timeout.total_seconds()
        self._hidden = tuple(s for s in (url, settings.password) if s)
        recipients = _recipients(settings)
        if not recipients:
            raise UnusableChannel(name, "its URL names no recipient")
        self.profile = ChannelProfile(
            name=name,
            kind="mail",
            format=format,
            title_limit=None,
            body_limit=None,
            recipients=recipients,
            language=language,
        )

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """One conversation; accepted when the server has answered the whole message with 250."""
        try:
            content = build_mail(outgoing, self._sender).as_bytes()
        except (ValueError, IndexError, UnicodeError) as error:
            return Failed(f"no mail can be made of it ({type(error).__name__})", permanent=True)
        handed_over = False
        client = self._client()
        try:
            await client.connect()
            await client.mail(self._sender.address)
            await client.rcpt(outgoing.recipient)
            handed_over = True
            answer = await client.data(content)
            return Accepted(redact(f"{answer.code} {answer.message}", self._hidden))
        except aiosmtplib.SMTPResponseException as error:
            return self._refused(error)
        except UnicodeError:
            return Failed("the address cannot be written in ASCII", permanent=True)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return self._broken(error, handed_over)
        finally:
            await _leave(client)

    async def close(self) -> None:
        """Nothing to let go of: each message has its own connection."""

    def _client(self) -> aiosmtplib.SMTP:
        mode = self._settings.secure_mode
        login = bool(self._settings.user and self._settings.password)
        return aiosmtplib.SMTP(
            hostname=self._settings.smtp_host,
            port=self._settings.port,
            username=self._settings.user if login else None,
            password=self._settings.password if login else None,
            use_tls=mode == "ssl",
            start_tls=mode == "starttls",
            validate_certs=bool(self._settings.verify_certificate),
            timeout=self._timeout,
        )

    def _refused(self, error: aiosmtplib.SMTPResponseException) -> Failed:
        """The server's own answer decides: 5xx is for good, 4xx for now (RFC 5321, 4.2.1)."""
        said = redact(f"{error.code} {error.message}", self._hidden)
        return Failed(
            f"{_STEP.get(type(error), 'refused')}: {said}", permanent=500 <= error.code < 600
        )

    def _broken(self, error: Exception, handed_over: bool) -> Failed:
        # Not the error's own text: it names the server.
        if handed_over:
            return Failed(
                f"no answer after the message was handed over ({_kind(error)})", unknown=True
            )
        return Failed(f"the mail server cannot be used ({_kind(error)})")


_STEP: dict[type[Exception], str] = {
    aiosmtplib.SMTPConnectResponseError: "the server does not take connections",
    aiosmtplib.SMTPAuthenticationError: "the login was refused",
    aiosmtplib.SMTPSenderRefused: "the sender was refused",
    aiosmtplib.SMTPRecipientRefused: "the recipient was refused",
    aiosmtplib.SMTPDataError: "the message was refused",
}


def _kind(error: Exception) -> str:
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "its certificate or encryption is not accepted"
    if isinstance(error, TimeoutError):
        return "time-out"
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return "connection lost"
    if isinstance(error, aiosmtplib.SMTPConnectError | OSError):
        return "no connection"
    # What is left is a server that lacks what the URL asks for.
    return "no STARTTLS" if "STARTTLS" in str(error) else "no login possible"


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye briefly; the answer to it changes nothing that has been decided."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, ValueError, asyncio.TimeoutError):
        if client.is_connected:
            await client.quit(timeout=2)
    client.close()


def _sender(settings: Any) -> Sender:
    name, address = settings.from_addr
    return Sender(
        address=address,
        name=name or APP_ID,
        reply_to=tuple(sorted(settings.reply_to)),
        headers=dict(settings.headers),
    )


def _refuse_dropped_recipients(name: str, settings: Any, url: str) -> None:
    """Apprise drops what does not look like an address, often without a word; somebody would wait for mail in vain."""
    parsed = settings.parse_url(url) or {}
    named = [*parsed.get("targets", ()), parsed.get("cc", ""), parsed.get("bcc", "")]
    addresses = re.sub(r"\"[^\"]*\"", "", ",".join(unquote(str(part)) for part in named))
    for one in re.split(r"[,;]", addresses):
        if one.strip() and "@" not in one:
            raise UnusableChannel(name, "one of the recipients in its URL is not a valid address")


def _recipients(settings: Any) -> tuple[str, ...]:
    everyone = [address for _, address in settings.targets]
    everyone += sorted(settings.cc) + sorted(settings.bcc)
    return tuple(dict.fromkeys(everyone))
