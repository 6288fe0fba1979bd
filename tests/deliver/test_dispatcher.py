import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from monitor.core.outcome import Failed
from monitor.deliver.channels.base import Channel
from monitor.deliver.channels.mail import MailChannel
from monitor.deliver.channels.webhook import WebhookChannel
from monitor.deliver.dispatcher import Dispatcher
from monitor.store import deliveries, events
from monitor.store.database import Database, sqlite_url
from monitor.store.tables import DELIVERIES, Table
from tests.deliver.fakes import NOW, FakeChannel, FakeClock
from tests.mailbox import Mailbox
from tests.servers import Answer, WebhookReceiver

MINUTE = timedelta(minutes=1)


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


def a_dispatcher(database: Database, clock: FakeClock, *channels: Channel) -> Dispatcher:
    return Dispatcher(database, channels, clock=clock, random=Random(1), worker_id="one")


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
