"""The acts of the play, and what is said to each of them."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import service
from monitor.config import Configuration
from monitor.core.dossier import Account
from monitor.core.dossier.in_full import in_full
from monitor.demo.clock import PlayedClock
from monitor.demo.facts import Facts, invented_parties
from monitor.demo.inbox import RECIPIENT, ChatRoom, Mail, Mailbox, Said
from monitor.demo.narration import Narrator
from monitor.demo.sources import Sources
from monitor.errors import MonitorError
from monitor.service.line import Line
from monitor.store import dossiers
from monitor.store import feeds as feed_states

LIST = "ofac-sdn"
RELEASES = "treasury-press-releases"
ACTIONS = "ofac-recent-actions"

ORDER = ("release", "list", "action")
"""The signals of the action, in the order in which they are played unless another is asked for."""

BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)

PATIENCE = timedelta(seconds=45)
"""How long anything in the play may take on a slow machine."""

READING_TIME = timedelta(seconds=4)
"""What a person at a terminal is given to read the first messages before the next ones come."""


class NothingArrived(MonitorError):
    """Something of the play did not happen in time."""

    reason = "nothing_arrived"

    def __init__(self, what: str) -> None:
        self.what = what

    def __str__(self) -> str:
        return f"the demonstration waited {PATIENCE.seconds} seconds for {self.what} in vain"


@dataclass
class Stage:
    """Everything that takes part, and the acts in their order."""

    facts: Facts
    sources: Sources
    chat: ChatRoom
    mailbox: Mailbox
    configuration: Configuration
    clock: PlayedClock
    narrator: Narrator
    order: Sequence[str] = ORDER
    _last_alert: str = ""

    async def play(self, *, stay: bool) -> None:
        """Run the service and the acts beside it, until either ends."""
        stopping = asyncio.Event()
        running: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

        async def started(line: Line) -> None:
            running.set_result(line)

        watching = asyncio.create_task(
            service.run(self.configuration, clock=self.clock, started=started, stopping=stopping)
        )
        acts = asyncio.create_task(self._acts(running, stay))
        try:
            await asyncio.wait({watching, acts}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            acts_are_over = acts.done()
            acts.cancel()  # Ctrl-C in the middle, or the service could not start
            stopping.set()
            await watching
        if acts_are_over:
            await acts

    async def _acts(self, running: "asyncio.Future[Line]", stay: bool) -> None:
        self._introduce()
        line = await running
        await self._first_reading(line)
        acts = {"release": self._release, "list": self._list, "action": self._action}
        for number, signal in enumerate(self.order, start=2):
            await acts[signal](number)
            if self.narrator.is_terminal:
                await asyncio.sleep(READING_TIME.total_seconds())
        await self._dossier(line, len(self.order) + 2)
        self._conclude(stay, len(self.order) + 3)
        if stay:
            await asyncio.Event().wait()

    def _introduce(self) -> None:
        self.narrator.title("Sanctions Monitor: a real action, played back on this machine alone")
        self.narrator.say(
            "The service that `sanctions-monitor run` starts is at work here, by a clock that shows 16 December 2024. "
            "It watches copies of OFAC's list of blocked parties (the SDN list), of its recent actions and of the U.S. "
            f"Treasury's press releases, and tells a chat room and the mailbox of {RECIPIENT} what changes.",
            indent="",
        )

    async def _first_reading(self, line: Line) -> None:
        self.narrator.step(1, "The first reading", self._time())
        await _until(lambda: _has_been_read(line), "the first reading of list and releases")
        self.narrator.say(
            f"The list holds {len(invented_parties())} parties (invented, all called EXAMPLE), the Treasury's page "
            f"{len(self.facts.earlier_releases)} releases. They are put on record, and nobody is told: nothing has "
            "changed yet. From now on each source is asked every 2 seconds (in earnest every 60), and a list that "
            "has lost too many parties would be held back (limits are set for this small list)."
        )

    async def _release(self, number: int) -> None:
        self.narrator.step(number, "The Treasury announces an action", self._time())
        self.sources.publish_release()
        said, mail, seconds = await self._arrival("the Treasury's announcement")
        known = self._is_listed(number)
        self.narrator.say(
            f"{seconds:.1f} seconds later it is in the chat room and in the mailbox. "
            + (
                "It joins what the list showed: whom of them it names is said."
                if known
                else "Whom it hits, only the list says for certain; the list is watched closely from now on."
            )
        )
        self._show(said, _head(mail))

    async def _list(self, number: int) -> None:
        self.narrator.step(
            number, "OFAC publishes the list with the parties of this action", self._time()
        )
        self.sources.publish_list()
        said, mail, seconds = await self._arrival("the changes of the list")
        self.narrator.say(
            f"{seconds:.1f} seconds later the new list has been compared with the one on record, field by field, "
            "and one alert tells of everything that changed, and which of it was announced:"
        )
        self._show(said, f"{_head(mail)}\n\n{abridged(mail.text)}", ", as a text client shows it")
        self.narrator.say(f"The mail in a browser, with its table: {mail.html_file.as_uri()}")
        self.narrator.say(f"The mail as it was sent:               {mail.file}")

    async def _action(self, number: int) -> None:
        self.narrator.step(number, "OFAC publishes a page about the action", self._time())
        self.sources.publish_action()
        said, mail, seconds = await self._arrival("OFAC's action page")
        self.narrator.say(
            f"{seconds:.1f} seconds later the page has been read: it lists the parties in a text form of its own. "
            + (
                "They are compared with those that the list shows."
                if self._is_listed(number)
                else "It is a witness, not the list: blocking is told when the list shows it."
            )
        )
        self._show(said, _head(mail))

    async def _dossier(self, line: Line, number: int) -> None:
        """Once the last signal has been told, everything that belongs together is on record as one case."""
        self.narrator.step(number, "The dossier: release, page and list as one", self._time())
        id, account = await asyncio.to_thread(_only_dossier, line)
        self.narrator.show("Dossier", abridged(in_full(id, account, UTC)))
        address = f"{self.configuration.public_url}/alerts/{self._last_alert}"
        self.narrator.say(f"The last alert's page, with receipts:   {address}")

    def _is_listed(self, number: int) -> bool:
        """Whether the list was published before the act of this number."""
        return "list" in self.order[: number - 2]

    def _show(self, said: Said, mail: str, how: str = "") -> None:
        self.narrator.show("Chat room", _in_full(said))
        self.narrator.show(f"{_IN_THE_MAILBOX}{how}", mail)

    def _conclude(self, stay: bool, number: int) -> None:
        self.narrator.step(number, "What to do next")
        self.narrator.say(
            f"{in_earnest(Path(__file__).parents[2]):21}  watches the real list and releases; alerts go to the terminal"
        )
        self.narrator.say(
            "docs/configuration.md  how to have them in your own chat, mail or case system"
        )
        self.narrator.say("")
        self.narrator.say(
            "What was real: the 16 parties, the release's title, and the service. The release's text and the title "
            "of OFAC's page are our own words. On that day 3 more parties were listed, named by the State "
            "Department; this copy lacks them."
        )
        if stay:
            self.narrator.say("")
            self.narrator.say("The pages are served until Ctrl-C.")

    async def _arrival(self, what: str) -> tuple[Said, Mail, float]:
        """The next message of each channel, and how many seconds both took."""
        since = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                said, mail = await asyncio.gather(self.chat.said.get(), self.mailbox.mails.get())
        except TimeoutError:
            raise NothingArrived(f"{what} in chat and mail") from None
        self._last_alert = str(mail.message["X-Alert-Id"])
        return said, mail, time.monotonic() - since

    def _time(self) -> str:
        return f"{self.clock.now():%d %B %Y, %H:%M:%S} UTC"


async def _until(happened: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not await asyncio.to_thread(happened):  # noqa: ASYNC110 - only the database knows
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise NothingArrived(what) from None


def _has_been_read(line: Line) -> bool:
    with line.database.read() as connection:
        states = [feed_states.state(connection, feed) for feed in (LIST, RELEASES, ACTIONS)]
    return all(state is not None and state.first_read_at is not None for state in states)


def _only_dossier(line: Line) -> tuple[str, Account]:
    with line.database.read() as connection:
        (row,) = dossiers.waiting(connection, BEFORE_EVERYTHING)
        return row.id, dossiers.account_of(row)


def in_earnest(root: Path) -> str:
    """How the service is started where this code lies in ``root``: a checkout has a Makefile, an installed wheel has none."""
    return "make run" if (root / "Makefile").is_file() else "sanctions-monitor run"


_IN_THE_MAILBOX = f"Mailbox of {RECIPIENT}"


def abridged(text: str) -> str:
    """A mail's text without the third to the last of the parties in it, if there are more than three."""
    lines = text.splitlines()
    numbered = [place for place, line in enumerate(lines) if re.match(r" ?\d+\. ", line)]
    after = [place for place, line in enumerate(lines) if re.fullmatch(r"-{3,}", line)]
    end = next((place - 1 for place in after if numbered and place > numbered[-1]), None)
    if len(numbered) <= 3 or end is None:
        return text
    left_out = f"    … and {len(numbered) - 2} more, laid out in the same way …"
    return "\n".join([*lines[: numbered[2]], left_out, "", *lines[end:]])


def _head(mail: Mail) -> str:
    names = ("From", "Date", "Subject")
    # Folding leaves white space of its own.
    return "\n".join(f"{name}: {' '.join(str(mail.message[name]).split())}" for name in names)


def _in_full(said: Said) -> str:
    return f"{said.title}\n\n{said.text}" if said.title else said.text
