"""A source that serves something else than its list: a named failure in plain words, and nothing on record changes."""

from datetime import timedelta

import pytest

from monitor.core.watch import PATIENCE
from tests.ofac_xml import sdn_xml
from tests.poller.bench import LIST, MINUTE, SDN, START, Bench, on_both, twenty_parties
from tests.servers import (
    Challenge,
    CutGzip,
    CutShort,
    CutUnannounced,
    Endless,
    GzipBomb,
    HangUp,
    Misbehaviour,
    Raw,
    Redirect,
    Stall,
    Status,
)

WHOLE = sdn_xml(twenty_parties() | {"105": {"type": "entity", "name": {"last": "CHANGED LLC"}}})

BOMB = b"""<?xml version="1.0"?><!DOCTYPE sdnList [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<sdnList><sdnEntry><uid>1</uid><lastName>&c;</lastName><sdnType>Entity</sdnType></sdnEntry></sdnList>"""

EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE sdnList [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<sdnList><sdnEntry><uid>1</uid><lastName>&secret;</lastName><sdnType>Entity</sdnType></sdnEntry></sdnList>"""

MAINTENANCE = b"<!doctype html><html><body>Down for maintenance</body></html>"


def repeated_uid() -> bytes:
    return WHOLE.replace(b"<uid>106</uid>", b"<uid>107</uid>")


def without_a_name() -> bytes:
    return WHOLE.replace(b"<lastName>CHANGED LLC</lastName>", b"")


CONTENTS: dict[str, tuple[bytes, str, str]] = {
    "a page in the list's place": (MAINTENANCE, "unexpected_content", "expected XML"),
    "another list": (b"<?xml version='1.0'?><other/>", "unexpected_content", "sdnList"),
    "no XML": (b'{"error": "maintenance"}', "unexpected_content", "expected XML"),
    "half of the XML": (WHOLE[: len(WHOLE) // 2], "truncated", "not whole"),
    "an end in a tag": (WHOLE[:-4], "truncated", "not whole"),
    "white space": (b" \n " * 9, "unexpected_content", "expected XML"),
    "an entity bomb": (BOMB, "forbidden_markup", "DOCTYPE"),
    "an external entity": (EXTERNAL, "forbidden_markup", "DOCTYPE"),
    "a repeated uid": (repeated_uid(), "repeated_key", "'107'"),
    "a party without a name": (without_a_name(), "shape_changed", "lastName"),
}


@pytest.mark.parametrize("what", CONTENTS)
async def test_a_bad_list_is_a_failure_in_plain_words_and_changes_nothing(
    bench: Bench, what: str
) -> None:
    content, reason, words = CONTENTS[what]
    parties = await bench.baseline()
    bench.serve(content)
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert (outcome.result, outcome.reason, outcome.failures) == ("failed", reason, 1)
    assert words in outcome.sentence
    incident = bench.incident(reason)
    assert incident.summary.startswith("the SDN list cannot be read: ")
    assert incident.summary.endswith(f"({reason}), since 24 Nov 2026 12:02 UTC")
    assert words in incident.detail
    assert "checked last at 24 Nov 2026 12:01 UTC" in incident.detail
    assert "Polling goes on" in incident.detail
    assert incident.what_to_do == f"See docs/operations.md#{reason}"
    assert "Traceback" not in incident.detail
    assert "root:" not in incident.detail
    assert [event.kind for event in bench.events()][1:] == ["incident.opened", "poll.failed"]

    bench.serve(parties)
    await bench.poll()
    assert bench.open_incidents() == []
    assert bench.incident(reason).closed_by == "it can be read again"
    assert bench.in_force() == parties
    assert bench.told() == []


ANSWERS: dict[str, tuple[Misbehaviour, str]] = {
    "nothing": (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "truncated"),
    "a gzip bomb of zeros": (GzipBomb(), "unexpected_content"),
    "an endless body": (Endless(), "too_large"),
    "two gigabytes": (Endless(announce=2_000_000_000), "too_large"),
    "a challenge page": (Challenge(), "blocked"),
    "a redirect elsewhere": (Redirect("https://example.org/SDN.XML"), "forbidden_redirect"),
    "nothing there": (Status(404), "not_found"),
    "half of what was announced": (CutShort(WHOLE), "truncated"),
    "half, unannounced": (CutUnannounced(WHOLE), "truncated"),
    "half of a gzip body": (CutGzip(WHOLE), "truncated"),
    "no answer": (HangUp(), "unreachable"),
    "silence": (Stall(), "stalled"),
}


@pytest.mark.parametrize("what", ANSWERS)
async def test_a_bad_answer_changes_nothing_and_the_next_good_poll_ends_it(
    bench: Bench, what: str
) -> None:
    how, reason = ANSWERS[what]
    parties = await bench.baseline()
    bench.source.misbehave(LIST, how)
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert (outcome.result, outcome.reason) == ("failed", reason)
    assert bench.left_behind == []
    (event,) = bench.events("poll.failed")
    assert event.subject == SDN
    assert event.payload == {
        "reason": reason,
        "detail": outcome.sentence,
        "failures": 1,
        "since": "2026-11-24T12:02:00.000000Z",
    }
    bench.serve(parties)
    assert (await bench.poll()).result == "unchanged"
    assert bench.open_incidents() == []
    assert bench.feed().failures == 0


async def test_a_gzip_bomb_in_the_lists_clothes_is_not_expanded(bench: Bench) -> None:
    await bench.baseline()
    bench.serve(WHOLE + b" " * 3_000_000, gzip=True)
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert (outcome.reason, outcome.failures) == ("too_large", 1)
    assert bench.open_incidents() == [("too_large", SDN)]


# --- what passes by itself, and what does not


@on_both
async def test_the_third_transient_failure_in_a_row_is_an_incident(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.source.misbehave(LIST, Status(503, retry_after="120"))
    for failures in range(1, PATIENCE):
        outcome = await bench.poll()
        assert (outcome.failures, outcome.retry_after) == (failures, timedelta(seconds=120))
        assert bench.open_incidents() == []
    await bench.poll()
    assert bench.open_incidents() == [("server_error", SDN)]
    assert "(server_error), since 24 Nov 2026 12:02 UTC" in bench.incident("server_error").summary

    await bench.poll()
    assert bench.incident("server_error").times == 2, "counted, not opened again"
    bench.serve(parties)
    await bench.poll()
    kinds = [event.kind for event in bench.events()]
    assert kinds.count("incident.opened") == kinds.count("incident.closed") == 1
    assert kinds.count("poll.failed") == 4
    bench.verify()


async def test_one_refusal_disturbs_nobody_and_three_do(bench: Bench) -> None:
    await bench.baseline()
    bench.source.misbehave(LIST, Status(403))
    await bench.poll()
    await bench.poll()
    assert bench.open_incidents() == []
    outcome = await bench.poll()

    assert outcome.reason == "blocked"
    assert bench.open_incidents() == [("blocked", SDN)]
    assert "user_agent" in bench.incident("blocked").detail


async def test_a_success_in_between_begins_the_count_anew(bench: Bench) -> None:
    parties = await bench.baseline()
    for _ in range(3):
        bench.source.misbehave(LIST, Status(503))
        await bench.poll()
        await bench.poll()
        bench.serve(parties)
        await bench.poll()

    assert bench.events("incident") == []


async def test_a_source_that_fails_from_the_first_poll_says_so(bench: Bench) -> None:
    bench.serve(MAINTENANCE)
    await bench.poll()

    assert "It has never been read." in bench.incident("unexpected_content").detail
    bench.serve(twenty_parties())
    assert (await bench.poll()).result == "baseline"


async def test_a_failure_keeps_what_was_known_of_the_feed(bench: Bench) -> None:
    await bench.baseline()
    before = bench.feed()
    bench.source.misbehave(LIST, Status(503))
    await bench.poll()

    after = bench.feed()
    assert (after.snapshot_id, after.etag, after.last_success_at) == (
        before.snapshot_id,
        before.etag,
        before.last_success_at,
    )
    assert (after.failures, after.failing_since) == (1, START + 2 * MINUTE)


async def test_a_list_that_cannot_be_read_is_kept_for_whoever_looks_into_it(bench: Bench) -> None:
    await bench.baseline()
    bench.serve(repeated_uid())
    await bench.poll()

    kept = list(bench.archive.path("").parent.parent.rglob("*.zst"))
    assert len(kept) == 2


async def test_an_unreadable_list_does_not_end_what_is_held(bench: Bench) -> None:
    """A later failure of something else clears nothing."""
    parties = await bench.baseline()
    bench.serve(dict(list(parties.items())[:10]))
    await bench.poll()
    bench.serve(MAINTENANCE)
    await bench.poll()

    assert bench.open_incidents() == [("held", SDN), ("unexpected_content", SDN)]
    assert bench.states() == ["accepted", "held"]


async def test_a_source_that_fails_in_ever_other_ways_is_one_incident(bench: Bench) -> None:
    await bench.baseline()
    bench.serve(MAINTENANCE)
    await bench.poll()
    bench.serve(WHOLE[:-20])
    await bench.poll()
    bench.source.misbehave(LIST, Status(404), times=1)
    await bench.poll()

    assert len(bench.open_incidents()) == 1
    incident = bench.incident("unexpected_content")
    assert (incident.times, incident.opened_at) == (3, START + 2 * MINUTE)
    assert incident.summary == (
        "the SDN list cannot be read: it answers 404 (not_found), since 24 Nov 2026 12:02 UTC"
    )
    assert "nothing at this address" in incident.detail
    assert incident.what_to_do.endswith("#not_found")
    bench.serve(twenty_parties())
    await bench.poll()
    assert [event.kind for event in bench.events("incident")] == [
        "incident.opened",
        "incident.closed",
    ]


async def test_what_passes_by_itself_is_told_with_the_moment_that_it_began(bench: Bench) -> None:
    await bench.baseline()
    bench.source.misbehave(LIST, Status(503), times=3)
    for _ in range(3):
        await bench.poll()

    (opened,) = bench.events("incident.opened")
    assert opened.payload["opened_at"] == "2026-11-24T12:02:00.000000Z"
    assert opened.payload["summary"].endswith(
        "it answers 503 (server_error), since 24 Nov 2026 12:02 UTC"
    )
