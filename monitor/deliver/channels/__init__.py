"""One module per kind of channel, and the one place that knows which address is which kind."""

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from monitor.clock import Clock, SystemClock
from monitor.core.channel import MessageFormat
from monitor.deliver.channels.apprise import AppriseChannel
from monitor.deliver.channels.base import Channel, UnusableChannel
from monitor.deliver.channels.file import FileChannel
from monitor.deliver.channels.mail import MailChannel
from monitor.deliver.channels.service import MAIL_SCHEMES
from monitor.deliver.channels.terminal import TerminalChannel
from monitor.deliver.channels.webhook import WebhookChannel

__all__ = ["Channel", "UnusableChannel", "build_channel", "terminal_channel"]


def build_channel(
    name: str,
    *,
    url: str | None = None,
    webhook: str | None = None,
    file: Path | None = None,
    secrets: Sequence[str] = (),
    format: MessageFormat | None = None,
    language: str = "en",
    public_url: str = "",
    user_agent: str = "sanctions-monitor",
    clock: Clock | None = None,
    trust_env: bool = False,
) -> Channel:
    """The channel that a configuration describes: a signed webhook, a file, mail, or any other Apprise service.

    Raises :class:`UnusableChannel`, whose sentence names the channel and what is wrong and never the address.
    """
    if sum(target is not None for target in (url, webhook, file)) != 1:
        raise UnusableChannel(name, "it needs either a url, a webhook or a file")
    if file is not None:
        return FileChannel(name, file)
    if webhook is not None:
        if format not in (None, "json"):
            raise UnusableChannel(name, "a webhook's format is always json")
        return WebhookChannel(
            name,
            webhook.strip(),
            secrets=[s.strip() for s in secrets],
            clock=clock or SystemClock(),
            user_agent=user_agent,
            trust_env=trust_env,
        )
    address = (url or "").strip()
    if format == "json":
        raise UnusableChannel(
            name, "its format must be text, html or markdown (json is for webhooks)"
        )
    if secrets:
        raise UnusableChannel(name, "a secret is for webhooks only")
    if address.partition("://")[0].lower() in MAIL_SCHEMES:
        if format == "markdown":
            raise UnusableChannel(name, "a mail's format must be html or text")
        return MailChannel(
            name, address, format=format or "html", language=language, app_url=public_url
        )
    return AppriseChannel(name, address, format=format, language=language, app_url=public_url)


def terminal_channel(stream: TextIO, name: str = "terminal") -> Channel:
    """What alerts go to when no channel is configured."""
    return TerminalChannel(name, stream)
