"""Each chat service in its own language, spoken by a real server: what is sent to it, and what its errors mean."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests

from monitor.core.outcome import Accepted, Failed
from monitor.core.render import render
from monitor.core.route import everything
from monitor.deliver.channels.apprise import AppriseChannel
from tests.builders import a_removed, an_added, an_alert
from tests.deliver.fakes import an_outgoing
from tests.servers import Answer, WebhookReceiver

HOOK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
BOT = "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/#desk"
DISCORD = "discord://1234567890/abcdefghijklmnop"
TEAMS = "workflows://prod-1.eastus.logic.azure.com:443/abcdefab/signature1234567890abcdef"
TELEGRAM = "tgram://123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi/12345"
NTFY = "ntfys://ntfy.example.org/s3cret-topic"
SECRETS = (
    "TIiajkdnlazkcOXr",
    "4ddbc191d40ee098",
    "abcdefghijklmnop",
    "signature1234",
    "ABCDEFGHIJK",
    "s3cret",
)


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WebhookReceiver]:
    """Stands in the place of every service: whatever Apprise sends anywhere arrives here."""
    async with WebhookReceiver() as receiver:
        here = urlsplit(receiver.url)
        send = requests.Session.send

        def send_here(session: Any, request: Any, **given: Any) -> Any:
            parts = urlsplit(request.url)
            request.url = urlunsplit((here.scheme, here.netloc, parts.path, parts.query, ""))
            return send(session, request, **given)

        monkeypatch.setattr(requests.Session, "send", send_here)
        yield receiver


async def answered(
    receiver: WebhookReceiver, url: str, status: int, body: Any, *, times: int = 1, **given: Any
) -> Accepted | Failed:
    written = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    receiver.answers.extend([Answer(status, body=written)] * times)
    channel = AppriseChannel("desk", url)
    (recipient,) = channel.profile.recipients
    return await channel.send(an_outgoing(recipient=recipient, **given))


REFUSED = [
    (HOOK, 403, "invalid_token"),
    (HOOK, 404, "channel_not_found"),
    (HOOK, 400, "invalid_payload"),
    (BOT, 200, {"ok": False, "error": "invalid_auth"}),
    (BOT, 200, {"ok": False, "error": "not_in_channel"}),
    (BOT, 200, {"ok": False, "error": "is_archived"}),
    (DISCORD, 404, {"message": "Unknown Webhook", "code": 10015}),
    (DISCORD, 401, {"message": "Invalid Webhook Token", "code": 50027}),
    (DISCORD, 400, {"message": "Invalid Form Body", "code": 50035}),
    (TEAMS, 400, {"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "off"}}),
    (TEAMS, 404, {"error": {"code": "WorkflowNotFound", "message": "gone"}}),
    (TEAMS, 401, {"error": {"code": "DirectApiAuthorizationRequired", "message": "sig"}}),
    (TELEGRAM, 400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}),
    (TELEGRAM, 403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}),
    (NTFY, 403, {"code": 40301, "http": 403, "error": "forbidden"}),
    (NTFY, 401, {"code": 40101, "http": 401, "error": "unauthorized"}),
]  # fmt: skip

FOR_NOW = [
    (HOOK, 500, "rollup_error", None),
    (HOOK, 429, "ratelimited", None),
    (BOT, 200, {"ok": False, "error": "ratelimited"}, None),
    (BOT, 200, {"ok": False, "error": "internal_error"}, None),
    (BOT, 200, {"ok": False, "error": "a_word_of_next_year"}, None),
    (DISCORD, 429, {"message": "You are being rate limited.", "retry_after": 64.5, "global": False}, 64.5),
    (DISCORD, 502, "<html>Bad Gateway</html>", None),
    (TEAMS, 429, {"error": {"code": "429", "message": "Rate limit is exceeded. Try again in 28 seconds."}}, 28),
    (TEAMS, 504, {"error": {"code": "GatewayTimeout"}}, None),
    (TELEGRAM, 429, {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 7",
                     "parameters": {"retry_after": 7}}, 7),
    (NTFY, 429, {"code": 42901, "http": 429, "error": "limit reached: too many requests"}, None),
    (NTFY, 507, {"code": 50701, "http": 507, "error": "cannot publish"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("url", "status", "body"), REFUSED)
async def test_a_refusal_for_good_is_final_and_says_the_services_own_word(
    receiver: WebhookReceiver, url: str, status: int, body: Any
) -> None:
    outcome = await answered(receiver, url, status, body)

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (True, False)
    assert outcome.detail.startswith(f"the service answered HTTP {status}: ")
    assert not any(secret in outcome.detail for secret in SECRETS)


@pytest.mark.parametrize(("url", "status", "body", "pause"), FOR_NOW)
async def test_a_refusal_for_now_is_tried_again_and_not_before_the_pause_it_asks_for(
    receiver: WebhookReceiver, url: str, status: int, body: Any, pause: float | None
) -> None:
    outcome = await answered(receiver, url, status, body, times=2)

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown, outcome.disable) == (False, False, False)
    assert outcome.retry_after == (None if pause is None else timedelta(seconds=pause))


async def test_an_archived_room_asks_never_to_be_called_again(receiver: WebhookReceiver) -> None:
    outcome = await answered(receiver, HOOK, 410, "channel_is_archived")

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.disable) == (True, True)


@pytest.mark.parametrize("url", [HOOK, BOT, DISCORD, TEAMS, TELEGRAM, NTFY])
async def test_a_service_that_hangs_up_leaves_the_outcome_unknown(
    receiver: WebhookReceiver, url: str
) -> None:
    receiver.answers.append(Answer(None))
    channel = AppriseChannel("desk", url)
    (recipient,) = channel.profile.recipients

    outcome = await channel.send(an_outgoing(recipient=recipient))

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (False, True)


async def test_a_word_inside_of_a_message_explains_no_failure(receiver: WebhookReceiver) -> None:
    text = 'OFAC: 1\n\nRe: {"error": "invalid_auth"} chat not found, retry_after: 999'

    outcome = await answered(receiver, BOT, 200, {"ok": False, "error": "fatal_error"}, text=text)

    assert outcome == Failed("the service answered HTTP 200: fatal_error")


async def test_discord_is_not_waited_for_in_a_thread_that_outlasts_us(
    receiver: WebhookReceiver,
) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
    receiver.answers.extend([Answer(204, headers), Answer(204)])
    channel = AppriseChannel("desk", DISCORD, timeout=timedelta(seconds=5))

    outcomes = [await channel.send(an_outgoing()) for _ in range(2)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


# --- what is sent ---------------------------------------------------------------------------------------------------


async def sent(receiver: WebhookReceiver, url: str, answer: Answer, format: Any = None) -> Any:
    receiver.answers.append(answer)
    alert = an_alert(
        an_added("1", name="DOE & @everyone", type="entity"),
        a_removed("2", name="<!channel> <at>Boss</at> :100:"),
    )
    channel = AppriseChannel("desk", url, format=format)
    (message,) = render(alert, everything(alert, "desk"), channel.profile, "https://x.example", UTC)
    outcome = await channel.send(
        an_outgoing(
            recipient=channel.profile.recipients[0],
            subject=message.subject,
            text=message.text,
            may_be_repeat=True,
        )
    )
    assert isinstance(outcome, Accepted)
    (request,) = receiver.requests
    return request.json(), message


async def test_slack_gets_blocks_in_its_own_markup_and_a_line_for_notifications(
    receiver: WebhookReceiver,
) -> None:
    payload, message = await sent(receiver, HOOK, Answer(200, body=b"ok"))

    (attachment,) = payload["attachments"]
    header, section, *_ = attachment["blocks"]
    assert header["text"]["text"] == attachment["fallback"] == message.subject
    assert section["text"]["type"] == "mrkdwn"
    assert section["text"]["text"].startswith(message.text)
    assert "*DOE &amp; @\u200beveryone*" in section["text"]["text"]
    assert "<!channel>" not in json.dumps(payload)
    assert "may be a repeat" in section["text"]["text"]


async def test_discord_gets_text_that_may_mention_nobody(receiver: WebhookReceiver) -> None:
    payload, message = await sent(receiver, DISCORD, Answer(204))

    assert payload["content"].startswith(message.text)
    assert payload["content"].startswith(f"**{message.subject}**")
    assert payload["allowed_mentions"] == {"parse": []}
    assert "embeds" not in payload
    assert "@everyone" not in payload["content"]


async def test_discord_gets_no_embeds_that_repeat_mentions_and_pings_whom_the_url_names(
    receiver: WebhookReceiver,
) -> None:
    payload, _ = await sent(receiver, f"{DISCORD}?format=markdown&ping=<@42>", Answer(204))

    assert "embeds" not in payload
    assert payload["allowed_mentions"] == {"parse": [], "users": ["42"], "roles": []}


async def test_teams_gets_a_card_whose_heading_is_not_cut_and_that_mentions_nobody(
    receiver: WebhookReceiver,
) -> None:
    payload, message = await sent(receiver, TEAMS, Answer(202))

    content = payload["attachments"][0]["content"]
    (block,) = content["body"]
    assert block["wrap"] is True
    assert block["text"].startswith(f"**{message.subject}**\n\n")
    assert "entities" not in content["msteams"]


async def test_as_text_slack_has_nothing_bold(receiver: WebhookReceiver) -> None:
    payload, _ = await sent(receiver, HOOK, Answer(200, body=b"ok"), "text")

    assert "*" not in payload["attachments"][0]["blocks"][1]["text"]["text"]


async def test_a_message_from_before_the_layouts_has_its_heading_all_the_same(
    receiver: WebhookReceiver,
) -> None:
    receiver.answers.append(Answer(204))
    await AppriseChannel("desk", DISCORD).send(an_outgoing(subject="OFAC: 1", text="DOE"))

    assert receiver.requests[0].json()["content"] == "**OFAC: 1**\nDOE"


# --- several targets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "recipients"),
    [
        (f"{HOOK}/#a/#b", ("#a", "#b")),
        (f"{BOT}?to=ops", ("#desk", "ops")),
        (f"{HOOK}/?to=a,b", ("a", "b")),
        (f"{TELEGRAM}/-6789", ("12345", "-6789")),
        (f"{NTFY}/another", ("1", "2")),
        (HOOK, ("",)),
        (DISCORD, ("",)),
    ],
)
def test_each_target_of_a_url_is_a_recipient_whose_name_is_no_secret(
    url: str, recipients: tuple[str, ...]
) -> None:
    channel = AppriseChannel("desk", url)

    assert channel.profile.recipients == recipients
    assert channel.profile.undivided == 1


async def test_one_target_is_sent_to_and_no_other(receiver: WebhookReceiver) -> None:
    receiver.answers.append(Answer(200, body=b"ok"))
    channel = AppriseChannel("desk", f"{HOOK}/#a/#b")

    outcome = await channel.send(an_outgoing(recipient="#b"))

    assert isinstance(outcome, Accepted)
    assert [request.json()["channel"] for request in receiver.requests] == ["#b"]


async def test_what_was_promised_to_the_whole_url_goes_to_all_of_it(
    receiver: WebhookReceiver,
) -> None:
    receiver.answers.extend([Answer(200, body=b"ok"), Answer(404, body=b"channel_not_found")])

    outcome = await AppriseChannel("desk", f"{HOOK}/#a/#b").send(an_outgoing(recipient=""))

    assert len(receiver.requests) == 2
    assert isinstance(outcome, Failed) and outcome.unknown


async def test_a_target_that_is_gone_from_the_url_is_not_guessed_at(
    receiver: WebhookReceiver,
) -> None:
    outcome = await AppriseChannel("desk", f"{HOOK}/#a/#b").send(an_outgoing(recipient="#gone"))

    assert isinstance(outcome, Failed) and outcome.permanent
    assert receiver.requests == []


async def test_one_room_that_is_gone_does_not_silence_the_others(
    receiver: WebhookReceiver,
) -> None:
    receiver.answers.append(Answer(410, body=b"channel_is_archived"))

    outcome = await AppriseChannel("desk", f"{HOOK}/#a/#b").send(an_outgoing(recipient="#a"))

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.disable) == (True, False)


def test_targets_that_apprise_does_not_tell_apart_are_one_recipient_and_that_is_known() -> None:
    profile = AppriseChannel("desk", "ifttt://s3cretWebHook@event1/event2").profile

    assert (profile.recipients, profile.undivided) == (("",), 2)


def test_a_retry_in_a_url_is_no_target() -> None:
    profile = AppriseChannel("desk", "json://localhost/x?retry=3").profile

    assert (profile.recipients, profile.undivided) == (("",), 1)
