"""``check-config``: what would be sent where, in sentences, and where nothing would be."""

from collections.abc import Callable
from pathlib import Path

import pytest

from feeds import discover
from monitor.cli.main import run

Check = Callable[..., tuple[int, str, str]]

CHANNELS = """
channels:
  desk: {url: "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sanctions"}
  officers: {url: "mailtos://user:geheim@example.org?to=a@example.org,b@example.org"}
  case-system: {webhook: "https://cases.example.org/hook/geheim", secret: whsec_Z2VoZWltZ2VoZWltZ2VoZWltZ2VoZWlt}
"""
COMPLETE = (
    CHANNELS
    + """
routes:
  - when: {severity: [high, medium]}
    send: [desk, officers, case-system]
  - when: {category: [remarks, title], not: {feed: ofac-consolidated}}
    send: officers
  - when: {severity: low}
    send: officers
"""
)


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Checks a configuration with this text; returns exit code, output and what was said on stderr."""
    monkeypatch.chdir(tmp_path)

    def check(text: str | None = None) -> tuple[int, str, str]:
        if text is not None:
            (tmp_path / "sanctions-monitor.yaml").write_text(text, "utf-8")
        code = run(["check-config"])
        out, err = capsys.readouterr()
        return code, out, err

    return check


def test_without_a_file_alerts_go_to_the_terminal(check: Check, tmp_path: Path) -> None:
    code, out, err = check()

    assert (code, err) == (0, "")
    assert "None: alerts are printed on the terminal." in out
    assert "None: everything goes to the terminal." in out
    assert "ofac-sdn: every 60 s from sanctionslistservice.ofac.treas.gov." in out
    assert "fewer than 5,000 parties, with more than 5 percent of them gone" in out
    assert "Warning" not in out
    assert list(tmp_path.iterdir()) == []


def test_channels_and_routes_are_sentences(check: Check) -> None:
    code, out, _ = check(COMPLETE + "public_url: https://watch.example.org\n")

    assert code == 0
    assert "desk: chat as markdown for Slack, " in out
    assert "officers: mail as html to 2 recipients" in out
    assert "case-system: a signed webhook" in out
    assert "1. Everything of high or medium severity → desk, officers and case-system." in out
    assert "2. Changes in remarks or title unless from ofac-consolidated → officers." in out
    assert "An incident that no route matches goes to desk, officers and case-system." in out
    assert "Warning" not in out


def test_who_is_told_when_nobody_acknowledges_is_said(check: Check) -> None:
    _, out, _ = check(
        """
channels: {desk: {url: json://x}, phone: {url: json://y}}
routes:
  - when: {severity: high}
    send: desk
    escalate: {after: 30m, send: phone}
  - when: {severity: [high, medium]}
    send: desk
    escalate: {after: 2h, send: [phone, desk]}
  - send: desk
    escalate: {after: 1d, send: phone}
"""
    )

    assert (
        "1. Everything of high severity → desk; what nobody acknowledges within 30 minutes also → phone."
        in out
    )
    assert "→ desk; what nobody acknowledges within 2 hours also → phone and desk." in out
    assert (
        "3. Everything → desk; what of high severity nobody acknowledges within 24 hours also → phone."
        in out
    )
    assert "no route sends to phone" not in out


def test_no_secret_is_shown(check: Check) -> None:
    _, out, err = check(COMPLETE)

    for secret in ("geheim", "T1JJ3T3L2", "TIiajkdnlazkcOXrIdevi7FQ", "Z2VoZWlt", "example.org?to"):
        assert secret not in out + err


def test_what_no_route_takes_is_a_warning(check: Check) -> None:
    _, out, _ = check(
        CHANNELS
        + """
routes:
  - when: {severity: high, not: {party_type: vessel}}
    send: desk
  - when: {category: [remarks, title]}
    send: officers
"""
    )

    assert (
        "Warning: no route takes some changes of high severity, such as delisting of one vessel on"
        in out
    )
    assert (
        "Warning: no route takes most changes of medium severity, such as those in program," in out
    )
    assert "Warning: no route takes changes of low severity in program, alias," in out
    assert "Warning: no route takes publications of treasury-press-releases; nobody is told." in out
    assert "Warning: no route takes publications of ofac-recent-actions; nobody is told." in out
    for never_told_by_itself in ("ofac-changes", "federal-register-ofac"):
        assert f"publications of {never_told_by_itself}" not in out
    assert "publications of ofac-changes" not in out, "nobody is ever told of a change file"
    assert "Warning: no route sends to case-system;" in out


def test_a_route_that_asks_for_a_program_leaves_a_gap(check: Check) -> None:
    _, out, _ = check(CHANNELS + "routes: [{when: {program: DPRK4}, send: desk}]")

    assert "1. Changes under DPRK4 → desk." in out
    assert "no route takes changes of high severity;" not in out
    assert (
        "no route takes some changes of high severity, those of a program or a country that no route asks for;"
        in out
    )


@pytest.mark.parametrize("when", ["{severity: high, category: alias}", "{category: alias}"])
def test_a_route_that_takes_some_is_not_passed_over(check: Check, when: str) -> None:
    _, out, _ = check(CHANNELS + f"routes: [{{when: {when}, send: desk}}]")

    assert "no route takes changes of high severity;" not in out
    assert (
        "most changes of high severity, such as those in designation, delisting or digital_currency;"
        in out
    )


def test_what_no_route_takes_any_of_is_said_so(check: Check) -> None:
    _, out, _ = check(CHANNELS + "routes: [{when: {severity: low}, send: desk}]")

    assert "Warning: no route takes changes of high severity; nobody is told." in out


def test_a_route_for_a_feed_that_is_switched_off_is_named(check: Check) -> None:
    _, out, _ = check(
        COMPLETE.replace("routes:", "routes:\n  - {when: {feed: ofac-consolidated}, send: desk}")
        + "feeds: {ofac-consolidated: {enabled: false}}\n"
    )

    assert (
        "Warning: route 1 asks for ofac-consolidated, which is switched off; nothing comes from there."
        in out
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CHANNELS, "links in alerts lead to this machine only"),
        ("channels: {desk: {url: json://x}}", "desk is the only channel; nobody hears"),
        ("listen: 0.0.0.0:8080", "pages are refused to other machines as no token is set"),
        ("user_agent: curl/8", "ofac-consolidated and ofac-sdn would be blocked"),
        (
            f"feeds: {{{', '.join(f'{feed}: {{enabled: false}}' for feed in discover())}}}",
            "every feed is switched off",
        ),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(check: Check, text: str, said: str) -> None:
    code, out, _ = check(text)

    assert code == 0
    assert any(line.startswith("Warning: ") and said in line for line in out.splitlines())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("intervall: 60s", "sanctions-monitor.yaml, line 1: intervall: unknown key"),
        ("channels: {desk: {url: 'nosuchservice://geheim/x'}}", "channel desk: "),
        ("channels: {m: {url: 'mailtos://u:geheim@example.org', format: markdown}}", "channel m: "),
    ],
)
def test_a_mistake_is_exit_code_2_and_one_sentence(check: Check, text: str, said: str) -> None:
    code, out, err = check(text)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert "geheim" not in err


def test_how_a_channel_is_spared_and_what_it_writes_is_said(check: Check) -> None:
    _, out, _ = check(
        "zone: Europe/Vienna\n"
        "channels:\n"
        "  desk: {url: json://localhost, language: de, max_per_minute: 20, quiet_hours: 22:00-07:00}\n"
        "  log: {file: ./alerts.jsonl}\n"
    )

    assert (
        "days as in de; at most 20 messages a minute; quiet 22:00-07:00 Europe/Vienna but for high:"
        " what comes then is sent at the end" in out
    )
    assert "log: JSON Lines at the end of alerts.jsonl\n" in out


def test_targets_that_are_told_as_one_and_a_directory_that_is_not_there_are_warnings(
    check: Check,
) -> None:
    _, out, _ = check(
        "channels:\n"
        "  phones: {url: 'ifttt://s3cretWebHook@event1/event2'}\n"
        "  log: {file: ./nowhere/alerts.jsonl}\n"
        "  rooms: {url: 'slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a/#b'}\n"
    )

    assert "Warning: the 2 targets in the URL of phones are told as one" in out
    assert "Warning: the directory of the file of log does not exist" in out
    assert "rooms: chat as markdown for Slack, 2,840 characters at most, to 2 recipients\n" in out
    assert "s3cret" not in out


def test_a_digest_is_said_in_words(check: Check) -> None:
    _, out, _ = check(
        CHANNELS
        + """
zone: Europe/London
routes:
  - {send: [desk, case-system]}
  - {when: {severity: low}, send: officers, digest: weekly friday 16:00}
"""
    )

    assert (
        "2. Everything of low severity → officers, gathered in a digest, each Friday at 16:00 (Europe/London)."
        in out
    )
