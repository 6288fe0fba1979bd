"""A program as the receiver: a CloudEvents body, signed as Standard Webhooks.

``webhook-id`` is the alert's id and the same in every repeat, which is how a receiver recognises one; the body is never
touched after rendering, for the same reason. Several secrets make several signatures, so that a receiver can change
from one to the next without losing a message (https://www.standardwebhooks.com, "Signature scheme").
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from monitor.clock import Clock
from monitor.core.channel import ChannelProfile, Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels.base import UnusableChannel
from monitor.deliver.channels.http import failure_of_status
from monitor.deliver.channels.redact import redact

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
ANSWER_BYTES = 500
ANSWER_SECONDS = 2


class WebhookChannel:
    """POSTs an alert's wire form to one address.

    https, or plain http to loopback; anything else is :class:`UnusableChannel`, and so is a secret that is not what
    Standard Webhooks writes (``whsec_`` and base64). No redirect is followed: it would carry the alert to an address
    that nobody configured.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        secrets: Sequence[str] = (),
        clock: Clock,
        user_agent: str = "sanctions-monitor",
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        trust_env: bool = False,
    ) -> None:
        _check_address(name, url)
        self.name = name
        self.profile = ChannelProfile(
            name=name,
            kind="webhook",
            format="json",
            title_limit=None,
            body_limit=None,
            recipients=("",),
        )
        self._url = url
        self._signers = [_signer(name, secret) for secret in secrets]
        self._hidden = (url, *secrets)
        self._clock = clock
        self._user_agent = user_agent
        self._timeout = timeout
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """POST once; 2xx accepts, a time-out after the connection stood is an unknown outcome."""
        if outgoing.wire is None:
            return Failed("the alert has no wire form", permanent=True)
        now = self._clock.now()
        try:
            async with self._open_session().post(
                self._url,
                data=outgoing.wire.encode(),
                headers=self._headers(outgoing, now),
                allow_redirects=False,
            ) as response:
                said = redact(await _answer(response), self._hidden)
                return _outcome(response.status, response.headers, said, now)
        except aiohttp.ClientConnectorError as error:
            return Failed(f"cannot connect ({_reason(error)})")
        except aiohttp.ConnectionTimeoutError:
            return Failed("no connection within the time allowed")
        except TimeoutError:
            return Failed("no answer within the time allowed", unknown=True)
        except (aiohttp.ClientError, OSError) as error:
            return Failed(
                f"the connection broke before an answer ({type(error).__name__})", unknown=True
            )

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        # Made at the first send, because a session belongs to the loop that it was made in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                trust_env=self._trust_env,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self._user_agent},
            )
        return self._session

    def _headers(self, outgoing: Outgoing, now: datetime) -> dict[str, str]:
        headers = {"Content-Type": CONTENT_TYPE, "webhook-id": outgoing.alert_id}
        headers["webhook-timestamp"] = str(int(now.timestamp()))
        if self._signers:
            headers["webhook-signature"] = " ".join(
                signer.sign(outgoing.alert_id, now, outgoing.wire or "") for signer in self._signers
            )
        return headers


def _check_address(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise UnusableChannel(name, "its webhook is not a URL") from None
    if not host or parts.scheme not in {"http", "https"}:
        raise UnusableChannel(name, "its webhook must be an https:// URL")
    if parts.scheme == "http" and not _is_loopback(host):
        raise UnusableChannel(
            name, "its webhook must be an https:// URL (plain http only to loopback)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _signer(name: str, secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        raise UnusableChannel(
            name, "its secret must be base64, with or without whsec_ before it (Standard Webhooks)"
        ) from None


async def _answer(response: aiohttp.ClientResponse) -> str:
    """The beginning of what the receiver said; the status counts even when the rest never comes."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return (await response.content.read(ANSWER_BYTES)).decode("utf-8", "replace")
    except (TimeoutError, aiohttp.ClientError, OSError):
        return ""


def _outcome(
    status: int, headers: Mapping[str, str], said: str, now: datetime
) -> Accepted | Failed:
    detail = f"HTTP {status} {_phrase(status)}".rstrip() + (f": {said}" if said else "")
    if 200 <= status < 300:
        return Accepted(detail)
    return failure_of_status(status, detail, _retry_after(headers.get("Retry-After"), now))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """``Retry-After`` in either form of RFC 9110 (10.2.3): seconds, or a date."""
    if value is None:
        return None
    value = value.strip()
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=int(value))
        when = parsedate_to_datetime(value)
        return max(when.replace(tzinfo=when.tzinfo or UTC) - now, timedelta(0))
    except (ValueError, OverflowError):
        return None


def _reason(error: aiohttp.ClientConnectorError) -> str:
    # Not str(error): it names host and port of the address.
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host's name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "its certificate or encryption is not accepted"
    return error.os_error.strerror or type(error.os_error).__name__
