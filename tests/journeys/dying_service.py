"""The real service, killed by SIGKILL at a named instant.

The production code has no hooks: its functions are wrapped here, before it runs. Nothing of Python's own clearing up happens.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from monitor.alerting.composer import Composer
from monitor.deliver.channels.mail import MailChannel
from monitor.deliver.channels.webhook import WebhookChannel
from monitor.store import alerts, deliveries, snapshots
from monitor.store.archive import Archive


def die(*_: Any, **__: Any) -> Any:
    """As ``kill -9`` does it."""
    os.kill(os.getpid(), signal.SIGKILL)


def instead_of(target: Any, name: str) -> None:
    """Die when ``target.name`` is called."""
    setattr(target, name, die)


def after(target: Any, name: str) -> None:
    """Die when ``target.name`` has done its work, before anything else happens."""
    real = getattr(target, name)

    def and_die(*arguments: Any, **named: Any) -> None:
        real(*arguments, **named)
        die()

    setattr(target, name, and_die)


def after_sending(channel: Any) -> None:
    """Die when the receiver has said yes."""
    real = channel.send

    async def send(self: Any, outgoing: Any) -> None:
        await real(self, outgoing)
        die()

    channel.send = send


def before_sending() -> None:
    """Die when a delivery is claimed and nothing of it is on its way."""
    instead_of(MailChannel, "send")
    instead_of(WebhookChannel, "send")


INSTANTS: dict[str, Callable[[], None]] = {
    "archived, not committed": lambda: after(Archive, "keep"),
    "inside commit 1": lambda: after(snapshots, "commit"),
    "between the commits": lambda: instead_of(Composer, "_change"),
    "inside commit 2": lambda: after(alerts, "add"),
    "before sending": before_sending,
    "mail sent, no receipt": lambda: after_sending(MailChannel),
    "webhook sent, no receipt": lambda: after_sending(WebhookChannel),
    "inside the receipt": lambda: after(deliveries, "record_accepted"),
}
