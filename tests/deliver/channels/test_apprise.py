import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels import UnusableChannel, build_channel
from monitor.deliver.channels.apprise import AppriseChannel
from monitor.deliver.channels.reasons import classify
from tests.deliver.fakes import an_outgoing
from tests.servers import Answer, WebhookReceiver

TOKEN = "t0ken-that-nobody-may-see"


def a_channel(receiver: Any, parameters: str = "", **given: Any) -> AppriseChannel:
    return AppriseChannel("desk", f"json://127.0.0.1:{receiver.port}/{TOKEN}{parameters}", **given)


async def answered(answer: Answer, parameters: str = "", **given: Any) -> Accepted | Failed:
    async with WebhookReceiver() as receiver:
        receiver.answers.append(answer)
        return await a_channel(receiver, parameters, **given).send(an_outgoing())


async def test_subject_and_text_arrive_and_the_subject_only_once() -> None:
    async with WebhookReceiver() as receiver:
        outcome = await a_channel(receiver).send(an_outgoing())

    (request,) = receiver.requests
    assert isinstance(outcome, Accepted)
    assert request.json()["title"] == "OFAC: 16 designated"
    assert request.json()["message"] == "Individuals: CHOE, Chol Ryong"


async def test_a_repeat_says_that_it_may_be_one() -> None:
    async with WebhookReceiver() as receiver:
        await a_channel(receiver).send(an_outgoing(may_be_repeat=True))

    message = receiver.requests[0].json()["message"]
    assert "may be a repeat" in message
    assert an_outgoing().alert_id in message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_a_refusal_of_the_message_is_permanent(status: int) -> None:
    outcome = await answered(Answer(status))

    assert outcome == Failed(f"the service answered HTTP {status}", permanent=True)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_trouble_is_tried_again(status: int) -> None:
    assert await answered(Answer(status)) == Failed(f"the service answered HTTP {status}")


async def test_a_pause_that_the_answer_asks_for_is_passed_on() -> None:
    discords = Answer(429, body=json.dumps({"message": "rate", "retry_after": 12.5}).encode())

    outcome = await answered(discords)

    assert isinstance(outcome, Failed)
    assert outcome.retry_after == timedelta(seconds=12.5)


async def test_a_read_that_timed_out_leaves_the_outcome_unknown() -> None:
    outcome = await answered(Answer(after=2), "?rto=0.2")

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (False, True)


async def test_a_connection_that_breaks_leaves_the_outcome_unknown() -> None:
    outcome = await answered(Answer(status=None))

    assert isinstance(outcome, Failed)
    assert outcome.unknown


async def test_a_service_that_is_down_has_certainly_got_nothing() -> None:
    async with WebhookReceiver() as receiver:
        pass

    outcome = await a_channel(receiver).send(an_outgoing())

    assert outcome == Failed("cannot connect to the service")


async def test_a_send_that_takes_too_long_is_given_up_and_not_doubled() -> None:
    async with WebhookReceiver() as receiver:
        receiver.answers.append(Answer(after=1))
        channel = a_channel(receiver, timeout=timedelta(seconds=0.1))
        first = await channel.send(an_outgoing())
        second = await channel.send(an_outgoing(attempt=2, may_be_repeat=True))

    assert isinstance(first, Failed) and first.unknown
    assert isinstance(second, Failed) and second.unknown
    assert len(receiver.requests) == 1


async def test_the_loop_is_free_while_a_service_is_slow() -> None:
    async with WebhookReceiver() as receiver:
        receiver.answers.append(Answer(after=0.3))
        sending = asyncio.create_task(a_channel(receiver).send(an_outgoing()))
        await receiver.wait_for(1)

        assert not sending.done()
        assert isinstance(await sending, Accepted)


@pytest.mark.parametrize("parameters", ["?optional=yes", "?redirect=yes", "?retry=3"])
async def test_a_url_cannot_turn_a_failure_into_a_success_or_a_silent_repeat(
    parameters: str,
) -> None:
    async with WebhookReceiver() as receiver:
        elsewhere = f"{receiver.url}/elsewhere"
        receiver.answers.append(Answer(302, headers={"Location": elsewhere}))
        outcome = await a_channel(receiver, parameters).send(an_outgoing())

    assert isinstance(outcome, Failed)
    assert len(receiver.requests) == 1


async def test_a_text_over_the_limit_is_split_and_not_cut() -> None:
    text = "\n".join(f"line {n} of a very long list" for n in range(3000))
    async with WebhookReceiver() as receiver:
        outcome = await a_channel(receiver, "?overflow=truncate").send(an_outgoing(text=text))

    messages = " ".join(request.json()["message"] for request in receiver.requests)
    assert isinstance(outcome, Accepted)
    assert len(receiver.requests) > 1
    assert all(f"line {n} of" in messages for n in range(3000))


async def test_no_line_of_any_log_and_no_outcome_holds_the_token(
    capfd: pytest.CaptureFixture[str], everything_logged: io.StringIO
) -> None:
    outcome = await answered(Answer(500, body=f"unknown hook {TOKEN}".encode()))
    logging.getLogger("urllib3").warning("this line is here to show that lines are seen")

    printed = "".join(capfd.readouterr())
    assert isinstance(outcome, Failed)
    assert "to show that lines are seen" in everything_logged.getvalue()
    assert TOKEN not in everything_logged.getvalue() + printed + outcome.detail


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What a log at DEBUG would hold. Not pytest's own, which listens to loggers that are closed to all others."""
    text = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(text)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


PAYLOAD = "JSON Payload: {'message': 'error=404 (550, b'5.1.1 Connection refused'}"


def test_an_alert_that_speaks_of_errors_does_not_explain_its_own_failure() -> None:
    refused = classify([("DEBUG", PAYLOAD), ("WARNING", "Failed: Server Error, error=502.")])
    silent = classify(
        [
            ("DEBUG", PAYLOAD),
            ("WARNING", "A Connection error occurred sending JSON notification."),
            ("DEBUG", "Socket Exception: HTTPConnectionPool: Read timed out."),
        ]
    )

    assert refused == Failed("the service answered HTTP 502")
    assert silent == Failed("no answer from the service", unknown=True)


def test_a_failure_without_a_reason_is_tried_again() -> None:
    assert classify([("WARNING", "it did not work")]).permanent is False


def test_one_refusal_among_several_targets_leaves_open_who_has_it() -> None:
    failed = classify([("WARNING", "error=400.")], several_targets=True)

    assert failed.unknown


@pytest.mark.parametrize(
    ("url", "total"),
    [
        ("discord://1234567890/abcdefghijklmnop", 2_000),
        ("tgram://123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi/12345", 4_096),
        ("workflows://prod-1.eastus.logic.azure.com:443/abcdefab/signature1234567890abcdef", 1_000),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", 3_000),
    ],
)
def test_what_the_renderer_may_write_fits_the_service_with_room_for_a_note(
    url: str, total: int
) -> None:
    profile = build_channel("desk", url=url).profile

    assert profile.title_limit is not None and profile.body_limit is not None
    assert (
        total * 0.6
        < profile.body_limit
        <= total
        - len(
            "\n\nThis may be a repeat: an earlier sending of alert "
            + "x" * 26
            + " was not confirmed."
        )
    )


@pytest.mark.parametrize(
    "url",
    ["slack://t0ken", "t0ken", "wrong://t0ken/t0ken", "mailto://", "://t0ken", "json://"],
)
def test_a_url_that_apprise_cannot_use_is_refused_without_repeating_it(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnusableChannel) as refused:
        build_channel("desk", url=url)

    assert str(refused.value).startswith("channel desk: ")
    assert "t0ken" not in str(refused.value) + "".join(capfd.readouterr())
