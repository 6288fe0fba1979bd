import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.clock import Clock, SystemClock
from monitor.core.channel import Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels import UnusableChannel, build_channel
from monitor.deliver.channels.webhook import WebhookChannel
from tests.deliver.fakes import NOW, FakeClock, an_outgoing
from tests.servers import Answer, WebhookReceiver

OLD = "whsec_b2xkZXIgc2VjcmV0IG9mIDI0IGJ5dGVz"
NEW = "whsec_bmV3ZXIgc2VjcmV0IG9mIDI0IGJ5dGVz"


async def deliver(
    receiver: WebhookReceiver,
    *,
    path: str = "/hook",
    clock: Clock | None = None,
    timeout: float = 30,
    outgoing: Outgoing | None = None,
    secrets: Sequence[str] = (),
) -> Accepted | Failed:
    channel = WebhookChannel(
        "case-system",
        receiver.url + path,
        secrets=secrets,
        clock=clock or FakeClock(),
        timeout=aiohttp.ClientTimeout(total=timeout),
    )
    try:
        return await channel.send(outgoing or an_outgoing())
    finally:
        await channel.close()


async def answered(answer: Answer, **given: Any) -> Accepted | Failed:
    async with WebhookReceiver() as receiver:
        receiver.answers.append(answer)
        return await deliver(receiver, **given)


async def test_the_wire_form_arrives_byte_for_byte_as_a_cloud_event() -> None:
    wire = json.dumps({"specversion": "1.0", "data": {"text": "CH’OE, 최철룡"}}, ensure_ascii=False)
    async with WebhookReceiver() as receiver:
        outcome = await deliver(receiver, outgoing=an_outgoing(wire=wire))

    (request,) = receiver.requests
    assert request.body == wire.encode()
    assert request.headers["Content-Type"].startswith("application/cloudevents+json")
    assert outcome == Accepted("HTTP 204 No Content")


@pytest.mark.parametrize("secret", [OLD, NEW])
async def test_the_public_library_verifies_the_signature_with_either_secret(secret: str) -> None:
    async with WebhookReceiver() as receiver:
        await deliver(receiver, clock=SystemClock(), secrets=[OLD, NEW])

    (request,) = receiver.requests
    Webhook(secret).verify(request.body, dict(request.headers))
    assert request.headers["webhook-id"] == an_outgoing().alert_id


async def test_a_body_that_was_touched_on_the_way_is_not_verified() -> None:
    async with WebhookReceiver() as receiver:
        await deliver(receiver, clock=SystemClock(), secrets=[NEW])

    (request,) = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(request.body + b" ", dict(request.headers))


async def test_a_repeat_carries_the_same_id_and_the_same_body() -> None:
    async with WebhookReceiver() as receiver:
        await deliver(receiver)
        await deliver(receiver, outgoing=an_outgoing(attempt=2, may_be_repeat=True))

    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


async def test_a_receiver_that_is_gone_for_good_disables_the_channel() -> None:
    outcome = await answered(Answer(410))

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.disable) == (True, True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_of_the_message_is_permanent(status: int) -> None:
    outcome = await answered(Answer(status))

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.disable, outcome.unknown) == (True, False, False)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_a_passing_trouble_is_tried_again(status: int) -> None:
    outcome = await answered(Answer(status))

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (False, False)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wish_for_a_pause_is_passed_on_in_seconds_or_as_a_date(status: int) -> None:
    in_an_hour = format_datetime(NOW + timedelta(hours=1), usegmt=True)

    seconds = await answered(Answer(status, headers={"Retry-After": "120"}))
    date = await answered(Answer(status, headers={"Retry-After": in_an_hour}))
    nonsense = await answered(Answer(status, headers={"Retry-After": "soon"}))

    pauses = [getattr(outcome, "retry_after", "none") for outcome in (seconds, date, nonsense)]
    assert pauses == [timedelta(minutes=2), timedelta(hours=1), None]


async def test_a_redirect_is_not_followed() -> None:
    async with WebhookReceiver() as receiver:
        receiver.answers.append(Answer(307, headers={"Location": f"{receiver.url}/elsewhere"}))
        outcome = await deliver(receiver)

    assert isinstance(outcome, Failed)
    assert [request.path for request in receiver.requests] == ["/hook"]


async def test_a_time_out_leaves_the_outcome_unknown() -> None:
    outcome = await answered(Answer(after=5), timeout=0.2)

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (False, True)


async def test_a_connection_that_breaks_before_the_answer_leaves_the_outcome_unknown() -> None:
    outcome = await answered(Answer(status=None))

    assert isinstance(outcome, Failed)
    assert outcome.unknown


async def test_a_receiver_that_is_down_has_certainly_got_nothing() -> None:
    async with WebhookReceiver() as receiver:
        pass
    outcome = await deliver(receiver)

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (False, False)


async def test_what_the_receiver_said_is_kept_without_the_address_or_the_secret() -> None:
    said = f"no such hook /hook/tok3n-tok3n?key=s3cretkey {NEW}".encode()

    outcome = await answered(
        Answer(404, body=said), path="/hook/tok3n-tok3n?key=s3cretkey", secrets=[NEW]
    )

    assert "no such hook" in outcome.detail
    for secret in ("tok3n-tok3n", "s3cretkey", NEW.removeprefix("whsec_"), "127.0.0.1"):
        assert secret not in outcome.detail


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/t0ken-t0ken",
        "ftp://example.org/t0ken-t0ken",
        "t0ken-t0ken",
        "https://",
        "http://10.0.0.1/t0ken-t0ken",
        "https://[t0ken-t0ken",
    ],
)
def test_an_address_that_is_not_https_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(UnusableChannel) as refused:
        build_channel("case-system", webhook=address)

    assert str(refused.value).startswith("channel case-system: ")
    assert "t0ken" not in str(refused.value)


def test_a_secret_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(UnusableChannel) as refused:
        build_channel("case-system", webhook="https://example.org/x", secrets=["whsec_pässword"])

    assert "pässword" not in str(refused.value)


async def test_the_timestamp_is_that_of_the_attempt() -> None:
    async with WebhookReceiver() as receiver:
        await deliver(receiver, clock=FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))

    assert receiver.requests[0].headers["webhook-timestamp"] == "1767225600"
