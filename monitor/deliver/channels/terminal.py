"""Alerts on the terminal: what a service does that has no channel configured."""

import asyncio
from typing import TextIO

from monitor.core.channel import ChannelProfile, Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels.base import repeat_note


class TerminalChannel:
    """Writes each message's text to a stream, set apart by a line with its subject."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self.profile = ChannelProfile(
            name=name,
            kind="terminal",
            format="text",
            title_limit=None,
            body_limit=None,
            recipients=("",),
        )
        self._stream = stream

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """Write the message; a stream that is gone (a closed pipe) is a failure like any other."""
        note = repeat_note(outgoing)
        body = outgoing.text if not note else f"{outgoing.text}\n\n{note}"
        if not outgoing.text.startswith(outgoing.subject):
            body = f"{outgoing.subject}\n\n{body}"
        try:
            # In a thread: a terminal that has been stopped (Ctrl-S) blocks the writer.
            await asyncio.to_thread(self._write, f"\n{body}\n")
        except (OSError, ValueError) as error:
            return Failed(f"the terminal cannot be written to ({type(error).__name__})")
        return Accepted("written to the terminal")

    async def close(self) -> None:
        """Nothing to let go of: the stream belongs to who gave it."""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
