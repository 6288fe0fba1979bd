import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from monitor.core.outcome import Failed
from monitor.core.pace import Pace, QuietHours
from monitor.deliver.channels.base import Channel
from monitor.deliver.channels.mail import MailChannel
from monitor.deliver.channels.webhook import WebhookChannel
from monitor.deliver.dispatcher import Dispatcher
from monitor.store import claims, deliveries, events
from monitor.store.database import Database, sqlite_url
from monitor.store.tables import DELIVERIES, Table
from tests.deliver.fakes import NOW, FakeChannel, FakeClock
from tests.mailbox import Mailbox
from tests.servers import Answer, WebhookReceiver

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(sqlite_url(tmp_path / "watch.db"))
    Table.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Running:
    """A dispatcher's loops in the background."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.stopping, self.wake = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(
            dispatcher.run(self.stopping, self.wake, grace=timedelta(seconds=0.2))
        )

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.wait_for(self.task, 5)


@pytest.fixture
async def start() -> AsyncIterator[Any]:
    started: list[Running] = []

    def starter(dispatcher: Dispatcher) -> Running:
        started.append(Running(dispatcher))
        return started[-1]

    yield starter
    for running in started:
        await running.stop()


def a_dispatcher(
    database: Database, clock: FakeClock, *channels: Channel, **given: Any
) -> Dispatcher:
    return Dispatcher(database, channels, clock=clock, random=Random(1), worker_id="one", **given)


def add(database: Database, alert: str, channel: str = "desk", **given: Any) -> None:
    values: dict[str, Any] = {
        "alert_id": alert,
        "channel": channel,
        "recipient": "",
        "part": 1,
        "parts": 1,
        "severity": "high",
        "state": "due",
        "subject": f"subject of {alert}",
        "text": f"text of {alert}",
        "wire": "{}",
        "created_at": NOW,
        "first_seen_at": NOW,
        "next_attempt_at": NOW,
        "attempts": 0,
        "detail": "",
    }
    with database.write() as connection:
        connection.execute(insert(DELIVERIES).values(**{**values, **given}))


def states(database: Database) -> dict[str, str]:
    with database.read() as connection:
        rows = connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.id))
        return {f"{row.alert_id}/{row.channel}/{row.part}": row.state for row in rows}


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_turn_delivers_everything_that_is_due(database: Database, clock: FakeClock) -> None:
    desk, officers = FakeChannel("desk"), FakeChannel("officers")
    add(database, "a", "desk")
    add(database, "b", "desk")
    add(database, "a", "officers")

    following = await a_dispatcher(database, clock, desk, officers).turn()

    assert [sent.alert_id for sent in desk.sent] == ["a", "b"]
    assert [sent.text for sent in officers.sent] == ["text of a"]
    assert set(states(database).values()) == {"accepted"}
    assert following is None


async def test_a_failed_send_is_due_again_later_and_a_turn_says_when(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", Failed("HTTP 503", retry_after=5 * MINUTE))
    dispatcher = a_dispatcher(database, clock, desk)
    add(database, "a")

    assert await dispatcher.turn() == NOW + 5 * MINUTE
    await dispatcher.turn()
    assert len(desk.sent) == 1

    clock.move(5 * MINUTE)
    assert await dispatcher.turn() is None
    assert [sent.attempt for sent in desk.sent] == [1, 2]


async def test_a_permanent_refusal_is_dead_and_does_not_hold_up_the_next(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", Failed("550", permanent=True))
    add(database, "a")
    add(database, "b")

    await a_dispatcher(database, clock, desk).turn()

    assert states(database) == {"a/desk/1": "dead", "b/desk/1": "accepted"}


async def test_a_channel_that_raises_is_a_failure_with_unknown_outcome_and_no_text(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", RuntimeError("https://example.org/t0ken"))
    dispatcher = a_dispatcher(database, clock, desk)
    add(database, "a")

    await dispatcher.turn()
    clock.move(MINUTE)
    await dispatcher.turn()

    assert [sent.may_be_repeat for sent in desk.sent] == [False, True]
    with database.read() as connection:
        rows = connection.execute(select(DELIVERIES.c.detail)).scalars().all()
        assert "t0ken" not in str(rows) + str([e.payload for e in events.after(connection, 0)])


async def test_a_send_without_end_is_cut_off_and_tried_again(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk")
    desk.block = asyncio.Event()
    add(database, "a")
    dispatcher = Dispatcher(
        database,
        [desk],
        clock=clock,
        random=Random(1),
        worker_id="one",
        send_limit=timedelta(seconds=0.05),
    )

    following = await dispatcher.turn()

    assert following is not None
    assert states(database) == {"a/desk/1": "due"}


async def test_the_parts_of_an_alert_arrive_in_order_even_when_the_first_is_retried(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", Failed("HTTP 503"))
    dispatcher = a_dispatcher(database, clock, desk)
    add(database, "a", part=1, parts=2)
    add(database, "a", part=2, parts=2)

    await dispatcher.turn()
    clock.move(MINUTE)
    await dispatcher.turn()

    assert [sent.part for sent in desk.sent] == [1, 1, 2]


async def test_a_hanging_channel_delays_no_other(
    database: Database, clock: FakeClock, start: Any
) -> None:
    hanging, desk = FakeChannel("hanging"), FakeChannel("desk")
    hanging.block = asyncio.Event()
    add(database, "a", "hanging")
    running = start(a_dispatcher(database, clock, hanging, desk))
    await until(lambda: hanging.sent)

    for alert in ("b", "c"):
        add(database, alert, "desk")
        running.wake.set()
        await until(lambda alert=alert: states(database)[f"{alert}/desk/1"] == "accepted")

    assert states(database)["a/hanging/1"] == "claimed"


async def test_a_retry_is_made_when_its_time_has_come_without_being_woken(
    database: Database, clock: FakeClock, start: Any
) -> None:
    desk = FakeChannel("desk", Failed("HTTP 503"))
    add(database, "a")
    start(a_dispatcher(database, clock, desk))
    await until(lambda: states(database) == {"a/desk/1": "due"} and clock._sleepers)

    clock.move(MINUTE)

    await until(lambda: states(database) == {"a/desk/1": "accepted"})


async def test_what_is_in_hand_is_finished_before_the_service_stops(
    database: Database, clock: FakeClock, start: Any
) -> None:
    desk = FakeChannel("desk")
    desk.block = asyncio.Event()
    add(database, "a")
    add(database, "b")
    running = start(a_dispatcher(database, clock, desk))
    await until(lambda: desk.sent)

    running.stopping.set()
    desk.block.set()
    await asyncio.wait_for(running.task, 5)

    assert states(database) == {"a/desk/1": "accepted", "b/desk/1": "due"}


async def test_what_cannot_be_finished_in_time_is_sent_again_when_its_lease_runs_out(
    database: Database, clock: FakeClock, start: Any
) -> None:
    desk = FakeChannel("desk")
    desk.block = asyncio.Event()
    add(database, "a")
    running = start(a_dispatcher(database, clock, desk))
    await until(lambda: desk.sent)
    await running.stop()
    assert states(database) == {"a/desk/1": "claimed"}

    clock.move(timedelta(minutes=3))
    restarted = FakeChannel("desk")
    await a_dispatcher(database, clock, restarted).turn()

    (sent,) = restarted.sent
    assert (sent.alert_id, sent.may_be_repeat, sent.attempt) == ("a", True, 2)


async def test_a_receipt_that_cannot_be_written_at_first_is_written_later_and_nothing_is_sent_twice(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FakeChannel("desk")
    add(database, "a")
    write, troubles = deliveries.record_accepted, [OperationalError("", {}, Exception("locked"))]

    def record_accepted(*given: Any, **named: Any) -> None:
        if troubles:
            raise troubles.pop()
        write(*given, **named)

    monkeypatch.setattr(deliveries, "record_accepted", record_accepted)
    turning = asyncio.create_task(a_dispatcher(database, clock, desk).turn())
    await until(lambda: clock._sleepers)
    clock.move(timedelta(seconds=1))
    await asyncio.wait_for(turning, 5)

    assert states(database) == {"a/desk/1": "accepted"}
    assert len(desk.sent) == 1


NIGHT = QuietHours(time(13), time(9), ZoneInfo("UTC"), frozenset({"high"}))
"""From an hour after NOW until the next morning."""


async def test_in_quiet_hours_what_is_excepted_goes_and_the_rest_in_the_morning(
    database: Database, clock: FakeClock, start: Any
) -> None:
    desk = FakeChannel("desk")
    clock.move(2 * HOUR)
    add(database, "a", severity="medium")
    add(database, "b", severity="high")
    start(a_dispatcher(database, clock, desk, paces={"desk": Pace(quiet=NIGHT)}))
    await until(lambda: states(database)["b/desk/1"] == "accepted" and clock._sleepers)
    assert [sent.alert_id for sent in desk.sent] == ["b"]

    clock.move(19 * HOUR)

    await until(lambda: states(database)["a/desk/1"] == "accepted")


async def test_a_night_of_quiet_hours_does_not_age_a_delivery_that_failed_before(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", Failed("HTTP 503"), Failed("HTTP 503"))
    pace = {"desk": Pace(quiet=NIGHT)}
    dispatcher = a_dispatcher(database, clock, desk, paces=pace, give_up_after=2 * HOUR)
    clock.move(59 * MINUTE)
    add(database, "a", severity="medium")
    await dispatcher.turn()

    clock.move(20 * HOUR + MINUTE)
    following = await dispatcher.turn()

    assert len(desk.sent) == 2
    assert states(database) == {"a/desk/1": "due"}
    assert following is not None and following < clock.now() + MINUTE


async def test_what_is_given_up_after_the_configured_age_is_dead(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", *[Failed("HTTP 503")] * 9)
    dispatcher = a_dispatcher(database, clock, desk, give_up_after=5 * MINUTE)
    add(database, "a")

    following = await dispatcher.turn()
    while following:
        assert following <= NOW + 5 * MINUTE
        clock.move(following - clock.now())
        following = await dispatcher.turn()

    assert clock.now() == NOW + 5 * MINUTE
    assert states(database) == {"a/desk/1": "dead"}


async def test_a_turn_sends_as_many_as_the_pace_allows_and_says_when_the_next_may_go(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk")
    for alert in "abc":
        add(database, alert)
    paces = {"desk": Pace(max_per_minute=2)}

    assert await a_dispatcher(database, clock, desk, paces=paces).turn() == NOW + MINUTE
    assert len(desk.sent) == 2
    restarted = a_dispatcher(database, clock, desk, paces=paces)
    assert await restarted.turn() == NOW + MINUTE, "a restart does not forget"
    assert len(desk.sent) == 2

    clock.move(MINUTE)
    assert await restarted.turn() is None
    assert len(desk.sent) == 3


async def test_a_channel_that_is_asked_to_wait_makes_no_other_wait(
    database: Database, clock: FakeClock
) -> None:
    desk = FakeChannel("desk", Failed("HTTP 429", retry_after=5 * MINUTE))
    officers = FakeChannel("officers")
    for alert in "abc":
        add(database, alert, "desk")
        add(database, alert, "officers")

    following = await a_dispatcher(database, clock, desk, officers).turn()

    assert following == NOW + 5 * MINUTE
    assert [len(channel.sent) for channel in (desk, officers)] == [1, 3]


async def test_nothing_is_asked_again_and_again_while_a_channel_waits(
    database: Database, clock: FakeClock, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    look = claims.next_due

    def counted(*given: Any, **named: Any) -> Any:
        looks.append(given)
        return look(*given, **named)

    monkeypatch.setattr(claims, "next_due", counted)
    asked, paced, quiet = FakeChannel("asked", Failed("429", retry_after=HOUR)), "paced", "quiet"
    for alert in "ab":
        for channel in ("asked", paced, quiet):
            add(database, alert, channel, severity="low")
    paces = {paced: Pace(max_per_minute=1), quiet: Pace(quiet=replace(NIGHT, begins=time(11)))}
    channels = [asked, FakeChannel(paced), FakeChannel(quiet)]
    start(a_dispatcher(database, clock, *channels, paces=paces))
    await until(lambda: len(channels[0].sent) == len(channels[1].sent) == 1)
    await until(lambda: len(clock._sleepers) == len(channels))

    before = len(looks)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(looks) == before
    assert not channels[2].sent


async def test_one_receipt_that_cannot_be_written_spoils_none_of_those_written_with_it(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = [FakeChannel(f"channel-{n}") for n in range(5)]
    for channel in channels:
        add(database, "a", channel.name)
    write, troubles = deliveries.record_accepted, [IntegrityError("", {}, Exception("not so"))]

    def record_accepted(connection: Any, claimed: Any, *given: Any, **named: Any) -> None:
        write(connection, claimed, *given, **named)
        if claimed.channel == "channel-3" and troubles:
            raise troubles.pop()

    monkeypatch.setattr(deliveries, "record_accepted", record_accepted)
    turning = asyncio.create_task(a_dispatcher(database, clock, *channels).turn())
    await until(lambda: clock._sleepers)
    await until(lambda: list(states(database).values()).count("accepted") == 4)
    clock.move(timedelta(seconds=1))
    await asyncio.wait_for(turning, 5)

    assert set(states(database).values()) == {"accepted"}
    with database.read() as connection:
        assert len(events.after(connection, 0)) == 5


async def test_closing_closes_every_channel(database: Database, clock: FakeClock) -> None:
    desk, officers = FakeChannel("desk"), FakeChannel("officers")

    await a_dispatcher(database, clock, desk, officers).close()

    assert desk.closed and officers.closed


async def test_mail_and_webhook_receive_the_same_alert_and_each_recipient_once(
    database: Database, clock: FakeClock
) -> None:
    async with Mailbox() as mailbox, WebhookReceiver() as receiver:
        mailbox.refuse_recipient("late@example.org", "450 4.2.0 greylisted")
        receiver.answers.append(Answer(503))
        mail = MailChannel("officers", mailbox.url("now@example.org", "late@example.org"))
        webhook = WebhookChannel("case-system", receiver.url, clock=clock)
        dispatcher = a_dispatcher(database, clock, mail, webhook)
        for recipient in mail.profile.recipients:
            add(database, "a", "officers", recipient=recipient)
        add(database, "a", "case-system")

        await dispatcher.turn()
        mailbox.accept_recipient("late@example.org")
        clock.move(MINUTE)
        await dispatcher.turn()
        await dispatcher.close()

    assert [message.recipients for message in mailbox.messages] == [
        ["now@example.org"],
        ["late@example.org"],
    ]
    assert [request.headers["webhook-id"] for request in receiver.requests] == ["a", "a"]
    assert set(states(database).values()) == {"accepted"}
