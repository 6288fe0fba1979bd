"""Log lines: one shape for ours and the libraries', and never a secret in one."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from monitor.config import Secret
from monitor.logs import LogFormat, configure_logs

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sanctions"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def logged(format: LogFormat = "text", *secrets: str) -> io.StringIO:
    stream = io.StringIO()
    configure_logs(format, [Secret(secret) for secret in secrets], stream)
    return stream


def test_our_lines_and_those_of_libraries_have_one_shape_in_json() -> None:
    stream = logged("json")

    structlog.get_logger("monitor.poller").info("polled", feed="ofac-sdn", records=19391)
    logging.getLogger("apscheduler.executors").warning("missed by %s", "1 s")

    ours, theirs = map(json.loads, stream.getvalue().splitlines())
    assert (ours["message"], ours["feed"], ours["records"]) == ("polled", "ofac-sdn", 19391)
    assert theirs["message"] == "missed by 1 s"
    assert ours.keys() - {"feed", "records"} == theirs.keys()
    assert (ours["level"], theirs["logger"]) == ("info", "apscheduler.executors")


def test_text_is_one_plain_line_where_there_is_no_terminal() -> None:
    stream = logged("text")

    structlog.get_logger("monitor").info("polled", feed="ofac-sdn")

    assert "\x1b" not in stream.getvalue()
    assert "polled" in stream.getvalue()
    assert "feed=ofac-sdn" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (SLACK, SLACK),
        (
            SLACK,
            "POST https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ failed",
        ),
        ("mailtos://user:pa%21ssword@mail.example.org", "login with pa!ssword refused"),
        ("mailtos://user:pa%21ssword@mail.example.org", "login with pa%21ssword refused"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "webhook 4174216298 is gone"),
        ("https://cases.example.org/hook?key=verylongkey", "GET /hook?key=verylongkey"),
        ("json://cases.example.org/?+X-Token=verylongtoken", "header verylongtoken"),
        ("whsec_c2VjcmV0LW9mLXRoZQ==", "signed with c2VjcmV0LW9mLXRoZQ=="),
        ("mailto://u:pw@x.org", "the password pw"),
    ],
)
@pytest.mark.parametrize("format", ["text", "json"])
def test_no_piece_of_a_secret_reaches_a_line(format: LogFormat, secret: str, said: str) -> None:
    stream = logged(format, secret)

    logging.getLogger("aiohttp.client").error("it said: %s", said)
    structlog.get_logger("monitor").warning("it said", what={"deep": [said]})
    try:
        raise RuntimeError(said)
    except RuntimeError:
        structlog.get_logger("monitor").exception("broken")

    written = stream.getvalue()
    assert "broken" in written
    for word in (
        "TIiajkdnlazkcOXrIdevi7FQ",
        "pa!ssword",
        "pa%21ssword",
        "4174216298",
        "verylong",
        "c2VjcmV0",
        " pw",
    ):
        assert word not in written


def test_a_server_that_mail_goes_through_may_be_named() -> None:
    stream = logged(
        "text",
        "mailtos://user:password@mail.example.org?smtp=smtp.example.org&to=officer@example.org",
    )

    structlog.get_logger("monitor").warning("smtp.example.org did not answer")

    assert "smtp.example.org did not answer" in stream.getvalue()


@pytest.mark.parametrize("name", ["apprise", "urllib3.connectionpool", "monitor.poller"])
def test_debug_lines_are_not_shown(name: str) -> None:
    stream = logged("text")
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        logger.debug("POST https://hooks.slack.com/services/T1/B2/XYZ")
    finally:
        logger.setLevel(level)

    assert stream.getvalue() == ""


def test_the_last_configuration_counts_and_lines_are_written_once() -> None:
    first, second = logged("text"), logged("json")

    structlog.get_logger("monitor").info("once")

    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1
