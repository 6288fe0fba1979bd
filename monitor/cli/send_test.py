"""``send-test CHANNEL``: one test alert through one channel, and its receipt. Nothing is written to the database."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from monitor.cli.context import Mistake, global_options
from monitor.config import Configuration
from monitor.config.errors import suggestion
from monitor.core.alert import Alert, alert_id
from monitor.core.channel import Outgoing
from monitor.core.outcome import Accepted, Outcome
from monitor.core.render import render
from monitor.core.route import everything
from monitor.core.times import to_text
from monitor.service.line import channels_of

NOT_ACCEPTED = 1


def send_test(
    context: typer.Context,
    channel: Annotated[
        str, typer.Argument(help="The channel's name in the configuration.", show_default=False)
    ],
) -> None:
    """Send one test alert through one channel and print its receipt.

    Exit code 1 when it was not accepted.

    Example: sanctions-monitor send-test desk
    """
    configuration = global_options(context).configuration()
    if channel not in configuration.channels:
        known = configuration.channels
        advice = suggestion(channel, known) if known else "it names no channel"
        raise Mistake(f"there is no channel {channel!r} in the configuration; {advice}")
    if not all(asyncio.run(_send(configuration, channel))):
        raise typer.Exit(NOT_ACCEPTED)


async def _send(configuration: Configuration, name: str) -> list[bool]:
    """Whether each recipient's part was accepted; each is told on stdout as it is known."""
    channels = {channel.name: channel for channel in channels_of(configuration)}
    channel = channels[name]
    now = datetime.now(UTC)
    alert = Alert(
        id=alert_id("test", name, to_text(now)),
        kind="test",
        feed="",
        feed_title="the watch itself",
        authority="",
        severity="low",
        first_seen=now,
        not_before=None,
    )
    accepted = []
    try:
        for recipient in channel.profile.recipients:
            for message in render(
                alert,
                everything(alert, name),
                channel.profile,
                configuration.public_url,
                configuration.zone_info,
            ):
                outcome = await channel.send(
                    Outgoing(
                        delivery_id=0,
                        alert_id=alert.id,
                        recipient=recipient,
                        part=message.part,
                        parts=message.parts,
                        subject=message.subject,
                        text=message.text,
                        html=message.html,
                        wire=message.wire,
                        attempt=1,
                        created_at=now,
                        severity=alert.severity,
                        may_be_repeat=False,
                    )
                )
                accepted.append(isinstance(outcome, Accepted))
                _tell(name, recipient, outcome)
    finally:
        for each in channels.values():
            await each.close()
    return accepted


def _tell(channel: str, recipient: str, outcome: Outcome) -> None:
    to = f"{channel} ({recipient})" if recipient else channel
    word = "accepted" if isinstance(outcome, Accepted) else "not accepted"
    sys.stdout.write(f"{to}: {word}: {outcome.detail}\n")
