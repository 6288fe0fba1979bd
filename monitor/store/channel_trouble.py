"""Incidents about channels: deliveries that died, a receiver that is gone for good, one that cannot be reached.

They are opened by what becomes of deliveries, and closed by a message that is accepted or by ``retry``.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select

from monitor.core.channel_trouble import (
    CHANNEL_DISABLED,
    CHANNEL_UNREACHABLE,
    DELIVERY_DEAD,
    incident_of_death,
    incident_of_disabling,
    incident_of_failing,
    incident_of_long_wait,
)
from monitor.core.outcome import Failed
from monitor.core.retry import UNREACHABLE_AFTER, Dead, is_unreachable
from monitor.store import events
from monitor.store.claims import ACCEPTED, CLAIMED, DEAD, DUE, Claimed
from monitor.store.incidents import close_incident, open_incident
from monitor.store.tables import DELIVERIES, INCIDENTS

_D = DELIVERIES.c

# Built once, as it is asked at each receipt: building a statement takes as long as asking it.
_IS_OPEN = select(
    exists().where(
        INCIDENTS.c.kind == bindparam("kind"),
        INCIDENTS.c.subject == bindparam("subject"),
        INCIDENTS.c.closed_at.is_(None),
    )
)


def tell_of_death(
    connection: Connection, claimed: Claimed, failed: Failed, decision: Dead, at: datetime
) -> None:
    """Open the incident that a message will not arrive, and the one that its channel is switched off where it asked for that."""
    channel, outgoing = claimed.channel, claimed.outgoing
    events.lock(connection)
    open_incident(
        connection,
        incident_of_death(channel, outgoing.delivery_id, outgoing.alert_id, decision.because),
        at,
    )
    if failed.disable:
        open_incident(connection, incident_of_disabling(channel, failed.detail), at)


def tell_of_failing(
    connection: Connection, claimed: Claimed, failed: Failed, wait: timedelta, at: datetime
) -> None:
    """Open the incident that the channel cannot be reached, once a message has failed for long or is to wait for long.

    ``wait`` is how long the receiver asked to be left alone. Where a recipient has meanwhile got another message it is this one that
    fails, and not the channel.
    """
    channel, outgoing = claimed.channel, claimed.outgoing
    if wait >= UNREACHABLE_AFTER:
        incident = incident_of_long_wait(
            channel, outgoing.delivery_id, outgoing.alert_id, wait=wait, said=failed.detail
        )
        open_incident(connection, incident, at)
    elif is_unreachable(claimed.first_attempt_at, at) and not _got_another(connection, claimed):
        incident = incident_of_failing(
            channel,
            outgoing.delivery_id,
            outgoing.alert_id,
            since=at - claimed.first_attempt_at,
            attempts=claimed.tries,
            said=failed.detail,
        )
        open_incident(connection, incident, at)


def tell_of_recovery(connection: Connection, claimed: Claimed, at: datetime) -> None:
    """Close the incident that the channel cannot be reached, unless mail to another recipient goes on failing."""
    if _is_open(connection, CHANNEL_UNREACHABLE, claimed.channel) and not _fails_for_others(
        connection, claimed, at
    ):
        close_incident(
            connection,
            kind=CHANNEL_UNREACHABLE,
            subject=claimed.channel,
            at=at,
            by="a message was accepted",
        )


def tell_of_retry(connection: Connection, channel: str, now: datetime) -> None:
    """Switch the channel on again; close the incident about dead messages when none is left."""
    left = connection.scalar(
        select(func.count()).select_from(DELIVERIES).where(_D.state == DEAD, _D.channel == channel)
    )
    for kind in [CHANNEL_DISABLED] if left else [CHANNEL_DISABLED, DELIVERY_DEAD]:
        close_incident(connection, kind=kind, subject=channel, at=now, by="retry")


def _is_open(connection: Connection, kind: str, subject: str) -> bool:
    return bool(connection.scalar(_IS_OPEN, {"kind": kind, "subject": subject}))


def _got_another(connection: Connection, claimed: Claimed) -> bool:
    return _is_there(
        connection,
        _D.channel == claimed.channel,
        _D.recipient == claimed.outgoing.recipient,
        _D.state == ACCEPTED,
        _D.accepted_at >= claimed.first_attempt_at,
    )


def _fails_for_others(connection: Connection, claimed: Claimed, at: datetime) -> bool:
    """Whether a delivery of this channel to another recipient has been failing for so long that it is an incident."""
    return _is_there(
        connection,
        _D.channel == claimed.channel,
        _D.recipient != claimed.outgoing.recipient,
        _D.state.in_((DUE, CLAIMED)),
        _D.first_attempt_at <= at - UNREACHABLE_AFTER,
    )


def _is_there(connection: Connection, *conditions: Any) -> bool:
    return bool(connection.scalar(select(exists().where(*conditions))))
