"""Any of Apprise's services as a channel: chats, push, SMS.

Apprise 2 says only that a send failed; why stands in the lines that it logs meanwhile. So each send captures them, and what they
say (:mod:`monitor.deliver.channels.reasons`) decides whether another attempt makes sense.

A send runs in a thread of its own that nobody has to wait for: threads cannot be cancelled, and a service that drips one
byte a minute must neither hold up another channel nor the end of the process.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

from apprise import Apprise, NotifyFormat, NotifyType

from monitor.core.channel import ChannelProfile, LayoutName, MessageFormat, Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.core.render.layouts import LAYOUTS
from monitor.deliver.channels.apprise_layouts import LIMITS, SETTINGS, complete, layout_of
from monitor.deliver.channels.base import REPEAT_ROOM, repeat_note
from monitor.deliver.channels.reasons import Entry, classify
from monitor.deliver.channels.service import open_service
from monitor.deliver.channels.targets import open_targets

TIMEOUT = timedelta(seconds=30)

_TYPES = {"high": NotifyType.WARNING, "medium": NotifyType.INFO, "low": NotifyType.INFO}
_FORMATS = {"text": NotifyFormat.TEXT, "html": NotifyFormat.HTML, "markdown": NotifyFormat.MARKDOWN}


class AppriseChannel:
    """One Apprise URL, each of whose targets is a recipient where Apprise lets them be told apart.

    Where it does not, the URL is one delivery: when it fails, some of them may have the message, and the repeat says so.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        format: MessageFormat | None = None,
        language: str = "en",
        app_url: str = "",
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self.name = name
        self._layout = layout_of(open_service(name, url, app_url=app_url))
        settings = SETTINGS[self._layout] if self._layout else None
        targets = open_targets(name, url, app_url=app_url, settings=settings)
        self._services = targets.services
        self._whole = targets.whole
        for service in {
            id(each): each for each in (*targets.services.values(), targets.whole)
        }.values():
            _overrule(service)
            complete(service, self._layout)
        self._timeout = timeout
        self._running: dict[str, Future[Any]] = {}
        title_limit, body_limit = _limits(next(iter(self._services.values())), self._layout)
        self.profile = ChannelProfile(
            name=name,
            kind="apprise",
            format=_format(format, self._layout),
            title_limit=title_limit,
            body_limit=body_limit,
            recipients=tuple(self._services),
            language=language,
            layout=self._layout,
            undivided=targets.undivided,
        )

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """One attempt; a time-out is an unknown outcome, because the thread may still deliver."""
        service = self._services.get(outgoing.recipient)
        if service is None and not outgoing.recipient:
            service = self._whole  # promised before the URL's targets had deliveries of their own
        if service is None:
            return Failed("this recipient is no longer in the channel's URL", permanent=True)
        running = self._running.get(outgoing.recipient)
        if running is not None and not running.done():
            return Failed("an earlier send has not come back yet", unknown=outgoing.may_be_repeat)
        running = self._running[outgoing.recipient] = _in_a_thread(
            lambda: self._notify(service, outgoing)
        )
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                # Shielded: giving up waiting must not mark the send as cancelled while it goes on.
                succeeded, entries = await asyncio.shield(asyncio.wrap_future(running))
        except TimeoutError:
            return Failed("no answer within the time allowed", unknown=True)
        if succeeded:
            return Accepted(f"accepted by {service.service_name}")
        failed = classify(entries, several_targets=len(service) > 1)
        # One room that is gone must not silence the others.
        return replace(failed, disable=False) if len(self._services) > 1 else failed

    async def close(self) -> None:
        """Nothing to let go of: Apprise opens a connection for each send."""

    def _notify(self, service: Any, outgoing: Outgoing) -> tuple[bool, list[Entry]]:
        title, body, body_format = self._content(service, outgoing)
        sender = Apprise(asset=service.asset)
        sender.add(service)
        result = sender.notify(
            body=body,
            title=title,
            notify_type=_TYPES.get(outgoing.severity, NotifyType.INFO),
            body_format=body_format,
            log_level=logging.DEBUG,
        )
        return bool(result), [(entry.level, entry.message) for entry in result.logs()]

    def _content(self, service: Any, outgoing: Outgoing) -> tuple[str, str, NotifyFormat | None]:
        """Title and body; the subject stands in one of them and never in both."""
        note, subject = repeat_note(outgoing), outgoing.subject
        if self._layout:
            layout = LAYOUTS[self._layout]
            head = layout.head(subject, stress=self.profile.format != "text")
            text = outgoing.text
            if not layout.has_title and not text.startswith(head):
                text = f"{head}{layout.newline}{text}"  # written before the channel had its layout
            text += f"{layout.newline}{note}" if note else ""
            # Without a format Apprise changes nothing of what is written in the service's own markup.
            return (subject if layout.has_title else ""), text or subject, None
        if self.profile.format == "html" and outgoing.html is not None:
            html = outgoing.html + (f"<p>{note}</p>" if note else "")
            return subject, html, NotifyFormat.HTML
        text = outgoing.text.removeprefix(subject).lstrip("\n") or subject
        if int(service.title_maxlen) <= 0:
            subject, text = "", text if text == subject else f"{subject}\n\n{text}"
        text += f"\n\n{note}" if note else ""
        return subject, text, _FORMATS["markdown" if self.profile.format == "markdown" else "text"]


def _format(format: MessageFormat | None, layout: LayoutName | None) -> MessageFormat:
    if layout:
        return "text" if format == "text" else "markdown"
    return format or "text"


def _limits(service: Any, layout: LayoutName | None) -> tuple[int, int]:
    """Apprise's own limits for title and body, less what a repeat's note needs; with a layout, what the service itself takes.

    Some services have no titles, some count them as part of the body; there the body gives up the room. A layout counts by itself
    what stands in the text.
    """
    title, body = int(service.title_maxlen), int(service.body_maxlen)
    if layout:
        title, most = LIMITS[layout]
        body = min(body, most or body)
    elif title <= 0 or service.overflow_amalgamate_title:
        title = min(title if title > 0 else 250, body // 3)
        body -= title + len("\r\n\r\n")
    return title, body - REPEAT_ROOM if body > 4 * REPEAT_ROOM else body


def _overrule(service: Any) -> None:
    """Take back what a URL's own parameters may ask for and an alert cannot afford.

    ``optional=yes`` reports a failed send as a success, ``overflow=truncate`` loses the tail in silence,
    ``redirect=yes`` follows an address that nobody configured, ``retry`` repeats without saying so. A pause that a service asked
    for is ours to keep: in the thread it would outlast our waiting, and the message would arrive behind our back.
    """
    throttle = service.throttle
    service.throttle = lambda last_io=None, wait=None: throttle(last_io=last_io)
    service.optional = False
    service.overflow_mode = "split"
    service.redirects = False
    service.retry = 0


def _in_a_thread(function: Callable[[], Any]) -> Future[Any]:
    """Run ``function`` in a daemon thread: the process may end before it does."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="apprise-send", daemon=True).start()
    return future
