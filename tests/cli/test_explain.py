"""``check-config --explain``: where what stands in a file would go, why, and who would get nothing."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.main import run
from monitor.core.render import wire
from tests.builders import (
    a_release,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_incident,
    as_json,
)
from tests.journeys.sources import OTHERS, WITH_DOE, a_list, an_entry

Explain = Callable[..., tuple[int, str, str]]

CONFIGURATION = """
zone: Europe/London
channels:
  desk: {url: "ntfys://ntfy.example.org/sanctions"}
  officers: {url: "mailtos://user:geheim@example.org?to=a@example.org"}
  phone: {url: "ntfys://ntfy.example.org/on-call"}
routes:
  - when: {severity: high}
    send: desk
    escalate: {after: 30m, send: phone}
  - when: {category: [title, designation]}
    send: officers
    digest: weekly friday 16:00
"""


@pytest.fixture
def explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Explain:
    """Explains a file with this content by a configuration; returns exit code, output and what was said on stderr."""
    monkeypatch.chdir(tmp_path)

    def explain(
        content: str | bytes, *arguments: str, configuration: str = CONFIGURATION
    ) -> tuple[int, str, str]:
        (tmp_path / "sanctions-monitor.yaml").write_text(configuration, "utf-8")
        file = tmp_path / "file"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        code = run(["check-config", "--explain", "file", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return explain


def lines(*changes: Any) -> str:
    return "".join(f"{json.dumps(change)}\n" for change in as_json(*changes))


def test_each_change_is_explained(explain: Explain) -> None:
    code, out, err = explain(
        lines(
            an_added("1", name="DOE, John"),
            an_amended("2", title="General"),
            an_amended("3", remarks="x"),
        )
    )

    assert (code, err) == (0, "")
    assert out == (
        "file: 3 changes.\n"
        "\n"
        "ofac-sdn 1, added: DOE, John (individual); designation, high\n"
        "  desk: at once, by route 1 (Everything of high severity).\n"
        "  officers: in the digest each Friday at 16:00 (Europe/London), by route 2 (Changes in title or designation).\n"
        "  phone: when nobody acknowledges it within 30 minutes, by route 1 (Everything of high severity).\n"
        "ofac-sdn 2, amended: DOE, John (individual); title, low\n"
        "  officers: in the digest each Friday at 16:00 (Europe/London), by route 2 (Changes in title or designation).\n"
        "ofac-sdn 3, amended: DOE, John (individual); remarks, low\n"
        "  Nobody is told: no route takes it.\n"
        "\n"
        "Nobody is told of 1 of 3.\n"
    )


@pytest.mark.parametrize("indent", [None, 2])
def test_one_change_may_be_a_file(explain: Explain, indent: int | None) -> None:
    (change,) = as_json(a_removed("7"))

    code, out, _ = explain(json.dumps(change, indent=indent))

    assert code == 0
    assert "ofac-sdn 7, removed: DOE, John (individual); delisting, high\n  desk: at once" in out
    assert "Nothing of this goes to officers." in out


def test_without_routes_everything_goes_everywhere(explain: Explain) -> None:
    _, out, _ = explain(lines(an_added("1")), configuration="")

    assert "  the terminal: at once, as no route says otherwise.\n" in out
    assert out.endswith(
        "Every channel is told of some of this, and everything is told to somebody.\n"
    )


def test_an_alert_is_explained_change_by_change(explain: Explain) -> None:
    alert = an_alert(an_added("1"), an_amended("2", title="General"))

    _, out, _ = explain(wire(alert, "https://watch.example.org"))

    assert out.startswith("file: an alert of kind change, with 2 changes.\n")
    assert "ofac-sdn 2, amended" in out


@pytest.mark.parametrize(
    ("kind", "alert"),
    [
        ("incident", an_incident()),
        (
            "publication",
            an_alert(kind="publication", feed="treasury-press-releases", publication=a_release()),
        ),
    ],
)
def test_an_alert_without_changes_is_explained_whole(
    explain: Explain, kind: str, alert: Any
) -> None:
    routes = f"routes: [{{when: {{kind: {kind}, feed: {alert.feed}}}, send: phone}}]"
    configuration = CONFIGURATION.partition("routes:")[0] + routes

    _, out, _ = explain(wire(alert, "https://x.example.org"), configuration=configuration)

    assert f"file: an alert of kind {kind}.\n" in out
    assert f"\n{kind} of high severity: " in out
    assert "  phone: at once, by route 1" in out


def test_the_lines_of_a_file_channel_are_alerts(explain: Explain) -> None:
    alerts = [an_alert(an_added("1")), an_incident()]

    _, out, _ = explain("\n".join(wire(alert, "https://x.example.org") for alert in alerts))

    assert out.startswith("file: 2 alerts, with 1 change.\n")


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_a_list_is_explained_as_if_each_party_were_added(
    explain: Explain, pack: Callable[[str], bytes]
) -> None:
    code, out, err = explain(pack(WITH_DOE))

    assert (code, err) == (0, "")
    assert out.startswith(
        "file: taken for a version of ofac-sdn (--feed names another list), of which 11 parties would be added.\n"
    )
    assert "ofac-sdn 48220, added: DOE, John (individual); designation, high\n" in out


def test_a_list_may_be_named(explain: Explain) -> None:
    code, out, _ = explain(WITH_DOE, "--feed", "ofac-consolidated")

    assert (code, out.partition(",")[0]) == (0, "file: taken for a version of ofac-consolidated")


def test_many_are_counted_by_where_they_go(explain: Explain) -> None:
    persons = [an_entry(1000 + n, f"PERSON {n}", "Jane") for n in range(20)]
    configuration = CONFIGURATION.partition("routes:")[0] + (
        "routes: [{when: {party_type: individual}, send: desk, digest: daily 07:00}]"
    )

    _, out, _ = explain(a_list(*OTHERS, *persons), configuration=configuration)

    assert (
        "20 changes, such as ofac-sdn 1000, added: PERSON 0, Jane (individual); designation, high\n"
        "  desk: in the digest daily at 07:00 (Europe/London), by route 1"
        " (Changes of a party that is individual).\n"
        "10 changes, such as ofac-sdn 100, added: OTHER COMPANY 100 (entity); designation, high\n"
        "  Nobody is told: no route takes it.\n"
        "\n"
        "Nobody is told of 10 of 30.\n"
        "Nothing of this goes to officers or phone.\n"
    ) in out


def test_that_countries_are_known_in_part_is_said(explain: Explain) -> None:
    configuration = CONFIGURATION + "  - {when: {not: {country: Iran}}, send: desk}\n"

    _, amended, _ = explain(lines(an_amended("2", title="x")), configuration=configuration)
    _, added, _ = explain(lines(an_added("2")), configuration=configuration)

    assert "Of amended parties only those countries are known" in amended
    assert "Of amended parties" not in added


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; expected changes"),
        (b"hello", "is of another kind; expected changes"),
        (b'{"feed": "ofac-sdn"}', "object 1 is no change, as it has no key, kind, categories"),
        (b'{"feed": 1', "line 1 is not JSON"),
        (lines(an_added()).encode() + b"{oops", "line 2 is not JSON"),
        (b"[1]", "object 1 is no change"),
        (b'{"specversion": "1.0", "data": {}}', "none that this service sends"),
        (
            b'{"specversion": "1.0", "data": {"kind": "change", "severity": "high", "changes": [], "changes_count": 1204}}',
            "holds none of its 1,204 changes",
        ),
        (
            lines(an_added()).replace('"severity": "high"', '"severity": 3').encode(),
            "object 1 is no change as",
        ),
        (b"<html><body>hello</body></html>", "name the list with --feed"),
        (gzip.compress(WITH_DOE.encode())[:-20], "compressed, and damaged or cut short"),
        (WITH_DOE[:-40].encode(), "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    explain: Explain, content: bytes, sentence: str
) -> None:
    code, out, err = explain(content)

    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_one_sentence(
    explain: Explain, capsys: pytest.CaptureFixture[str]
) -> None:
    explain(b"")

    assert run(["check-config", "--explain", "missing"]) == 2
    assert "missing cannot be read: No such file" in capsys.readouterr().err
    assert run(["check-config", "--feed", "ofac-sdn"]) == 2
    assert "name the file with --explain" in capsys.readouterr().err


def test_a_name_cannot_steer_the_terminal(explain: Explain) -> None:
    _, out, _ = explain(lines(an_added("1", name="EVIL\x1b[2J")))

    assert "\x1b" not in out
