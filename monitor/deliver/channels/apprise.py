"""Any of Apprise's services as a channel: chats, push, SMS.

Apprise 2 says only that a send failed; why stands in the lines that it logs meanwhile. So each send captures them, and
the code in them (an HTTP status, an SMTP reply, a read that timed out) decides whether another attempt makes sense. The
lines themselves hold tokens and never leave this module.

A send runs in a thread of its own that nobody has to wait for: threads cannot be cancelled, and a service that drips one
byte a minute must neither hold up another channel nor the end of the process.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

from apprise import Apprise, NotifyFormat, NotifyType

from monitor.core.channel import ChannelProfile, MessageFormat, Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels.base import REPEAT_ROOM, repeat_note
from monitor.deliver.channels.http import failure_of_status
from monitor.deliver.channels.service import open_service

TIMEOUT = timedelta(seconds=30)

Entry = tuple[str, str]
"""Level and text of a line that Apprise logged."""

_TYPES = {"high": NotifyType.WARNING, "medium": NotifyType.INFO, "low": NotifyType.INFO}
_FORMATS = {"text": NotifyFormat.TEXT, "html": NotifyFormat.HTML, "markdown": NotifyFormat.MARKDOWN}


class AppriseChannel:
    """One Apprise URL.

    A URL with several targets is one delivery: when it fails, some of them may have the message, and the repeat says so.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        format: MessageFormat = "text",
        language: str = "en",
        app_url: str = "",
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self.name = name
        self._service = open_service(name, url, app_url=app_url)
        _overrule(self._service)
        self._targets = max(len(self._service), 1)
        self._timeout = timeout
        self._running: Future[Any] | None = None
        title_limit, body_limit = _limits(self._service)
        self.profile = ChannelProfile(
            name=name,
            kind="apprise",
            format=format,
            title_limit=title_limit,
            body_limit=body_limit,
            recipients=("",),
            language=language,
        )

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """One attempt; a time-out is an unknown outcome, because the thread may still deliver."""
        if self._running is not None and not self._running.done():
            return Failed("an earlier send has not come back yet", unknown=outgoing.may_be_repeat)
        self._running = _in_a_thread(lambda: self._notify(outgoing))
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                # Shielded: giving up waiting must not mark the send as cancelled while it goes on.
                succeeded, entries = await asyncio.shield(asyncio.wrap_future(self._running))
        except TimeoutError:
            return Failed("no answer within the time allowed", unknown=True)
        if succeeded:
            return Accepted(f"accepted by {self._service.service_name}")
        return classify(entries, several_targets=self._targets > 1)

    async def close(self) -> None:
        """Nothing to let go of: Apprise opens a connection for each send."""

    def _notify(self, outgoing: Outgoing) -> tuple[bool, list[Entry]]:
        title, body, body_format = self._content(outgoing)
        sender = Apprise(asset=self._service.asset)
        sender.add(self._service)
        result = sender.notify(
            body=body,
            title=title,
            notify_type=_TYPES.get(outgoing.severity, NotifyType.INFO),
            body_format=body_format,
            log_level=logging.DEBUG,
        )
        return bool(result), [(entry.level, entry.message) for entry in result.logs()]

    def _content(self, outgoing: Outgoing) -> tuple[str, str, NotifyFormat]:
        """Title and body; the subject stands in one of them and never in both."""
        note, subject = repeat_note(outgoing), outgoing.subject
        if self.profile.format == "html" and outgoing.html is not None:
            html = outgoing.html + (f"<p>{note}</p>" if note else "")
            return subject, html, NotifyFormat.HTML
        text = outgoing.text.removeprefix(subject).lstrip("\n") or subject
        if int(self._service.title_maxlen) <= 0:
            subject, text = "", text if text == subject else f"{subject}\n\n{text}"
        text += f"\n\n{note}" if note else ""
        return subject, text, _FORMATS["markdown" if self.profile.format == "markdown" else "text"]


_HTTP_CODE = re.compile(r"\berror[ =:]+(?:HTTP )?([1-5]\d\d)\b", re.IGNORECASE)
_SMTP_CODE = re.compile(r"\(([245]\d\d), b?['\"]([245]\.\d{1,3}\.\d{1,3})?")
_RETRY_AFTER = re.compile(r"retry[_-]after['\"]?\s*[:=]\s*['\"]?(\d{1,6}(?:\.\d+)?)", re.IGNORECASE)
_NOT_SENT = re.compile(
    r"connect(?:ion)? (?:to \S+ )?timed? ?out|ConnectTimeout|NewConnectionError|NameResolutionError"
    r"|SSLError|Connection refused|Failed to establish|getaddrinfo|Name or service not known",
    re.IGNORECASE,
)
_SENT_PERHAPS = re.compile(
    r"timed out|Connection aborted|RemoteDisconnected|Connection reset|IncompleteRead|Broken pipe",
    re.IGNORECASE,
)


def classify(entries: Sequence[Entry], *, several_targets: bool = False) -> Failed:
    """What kind of failure Apprise's captured lines tell of; nothing of the lines themselves is in the answer.

    An HTTP status stands in a warning, everything else at DEBUG, where the message itself is logged too: only the lines about the
    answer are read there, or an alert that speaks of "error 404" would explain its own failure. The first code counts.
    """
    warnings = "\n".join(text for level, text in entries if level not in {"DEBUG", "INFO", "TRACE"})
    answers = "\n".join(text for level, text in entries if level == "DEBUG" and _ABOUT.match(text))
    if match := _HTTP_CODE.search(warnings):
        status = int(match[1])
        wait = _retry_after(answers)
        failed = failure_of_status(status, f"the service answered HTTP {status}", wait)
    elif match := _SMTP_CODE.search(answers):
        code = " ".join(part for part in match.groups() if part)
        failed = Failed(f"the mail server answered {code}", permanent=match[1].startswith("5"))
    elif _NOT_SENT.search(answers):
        failed = Failed("cannot connect to the service")
    elif _SENT_PERHAPS.search(answers):
        failed = Failed("no answer from the service", unknown=True)
    else:
        failed = Failed("not accepted by the service, which gave no reason")
    # Some of several targets may have it although one refused; a repeat has to say so.
    return replace(failed, unknown=True) if several_targets else failed


_ABOUT = re.compile(r"Response Details|[\w/ ]{1,20}Exception")


def _retry_after(text: str) -> timedelta | None:
    match = _RETRY_AFTER.search(text)
    return timedelta(seconds=float(match[1])) if match else None


def _limits(service: Any) -> tuple[int, int]:
    """Apprise's own limits for title and body, less what a repeat's note needs.

    Some services have no titles, some count them as part of the body; there the body gives up the room.
    """
    title, body = int(service.title_maxlen), int(service.body_maxlen)
    if title <= 0 or service.overflow_amalgamate_title:
        title = min(title if title > 0 else 250, body // 3)
        body -= title + len("\r\n\r\n")
    return title, body - REPEAT_ROOM if body > 4 * REPEAT_ROOM else body


def _overrule(service: Any) -> None:
    """Take back what a URL's own parameters may ask for and an alert cannot afford.

    ``optional=yes`` reports a failed send as a success, ``overflow=truncate`` loses the tail in silence,
    ``redirect=yes`` follows an address that nobody configured, ``retry`` repeats without saying so.
    """
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
