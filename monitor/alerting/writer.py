"""Writes an alert down: the forms that are kept of it, one message for each part and recipient, and the event that says so.

Whatever makes an alert (the alerter, a digest, an escalation) promises it through here, so that each is rendered, stored and put on
record in the same way.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile, digest_of_message
from monitor.core.escalation import Escalation
from monitor.core.render import Message, render, title, wire
from monitor.core.route import Selection
from monitor.store import alerts, digests, escalations, events
from monitor.store.alerts import Promise, Written


class Writer:
    """Renders for the channels of one configuration. ``zone`` is the readers' own time zone."""

    def __init__(
        self, profiles: Sequence[ChannelProfile], *, public_url: str, zone: tzinfo
    ) -> None:
        self.profiles: Mapping[str, ChannelProfile] = {each.name: each for each in profiles}
        self._public_url = public_url
        self._zone = zone

    def write(
        self, alert: Alert, selections: Iterable[Selection], *, snapshot: int | None = None
    ) -> tuple[Written, list[Promise]]:
        """The alert in all its forms, and what it promises to whom.

        ``snapshot`` is the one whose changes it tells. A selection for a channel that is not configured is left out; one for a
        digest is promised by that.
        """
        chosen = [each for each in selections if each.channel in self.profiles]
        whole = wire(alert, self._public_url)
        rendered = _Rendered(alert, self._public_url, self._zone)
        promises = [
            promise
            for selection in chosen
            if selection.digest is None
            for promise in self._promises(rendered, selection)
        ]
        written = Written(
            id=alert.id,
            kind=alert.kind,
            feed=alert.feed or None,
            severity=alert.severity,
            title=title(alert),
            first_seen_at=alert.first_seen,
            snapshot=snapshot,
            dossier=alert.dossier_id,
            text=json.loads(whole)["data"]["text"],
            html="",
            wire=whole,
            waiting=tuple(each for each in chosen if each.digest is not None),
        )
        return written, promises

    def _promises(self, rendered: "_Rendered", selection: Selection) -> Iterable[Promise]:
        profile = self.profiles[selection.channel]
        for message in rendered.messages(selection, profile):
            for recipient in profile.recipients:
                yield Promise(
                    channel=selection.channel,
                    recipient=recipient,
                    part=message.part,
                    parts=message.parts,
                    subject=message.subject,
                    text=message.text,
                    html=message.html,
                    wire=message.wire,
                    thread=rendered.alert.thread,
                )


class _Rendered:
    """The messages of one alert. Channels that take the same get the same: a hundred webhooks are rendered once.

    Mail and tests name their channel, and are rendered for each.
    """

    def __init__(self, alert: Alert, public_url: str, zone: tzinfo) -> None:
        self.alert = alert
        self._public_url = public_url
        self._zone = zone
        self._made: list[tuple[ChannelProfile, Selection, list[Message]]] = []

    def messages(self, selection: Selection, profile: ChannelProfile) -> list[Message]:
        if profile.kind == "mail" or self.alert.kind == "test":
            return self._render(selection, profile)
        profile = replace(profile, name="", recipients=())
        selection = replace(selection, channel="", routes=())
        for same_profile, same_selection, messages in self._made:
            if same_profile == profile and same_selection == selection:
                return messages
        messages = self._render(selection, profile)
        self._made.append((profile, selection, messages))
        return messages

    def _render(self, selection: Selection, profile: ChannelProfile) -> list[Message]:
        return render(self.alert, selection, profile, self._public_url, self._zone)


def put_on_record(
    connection: Connection,
    written: Written,
    promises: list[Promise],
    otherwise: Sequence[Escalation] = (),
    *,
    event: int,
    at: datetime,
) -> bool:
    """Store an alert with what it promises, and append the event that says so; False when it was made before.

    ``event`` is the number of the event that it tells of, ``otherwise`` who else is told when nobody acknowledges it. To be called
    after rows are locked: the chain's head is the last lock.
    """
    if not alerts.add(connection, written, promises, event=event, at=at):
        return False
    payload: dict[str, Any] = {
        "alert": written.id,
        "kind": written.kind,
        "severity": written.severity,
        "title": written.title,
        "event": event,
        "wire": _sha256(written.wire),
        "text": _sha256(written.text),
        "html": _sha256(written.html),
        "promised": [
            [each.channel, each.recipient, each.part, digest_of_message(each.text, each.wire)]
            for each in promises
        ],
    }
    if written.waiting:
        payload["waiting"] = digests.gather(connection, written.id, written.waiting, event=event)
    if otherwise:
        payload["escalations"] = escalations.add(connection, written.id, otherwise, at)
    events.append(
        connection,
        kind="alert.made",
        at=at,
        feed=written.feed,
        subject=written.id,
        payload=payload,
    )
    return True


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
