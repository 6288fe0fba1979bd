"""What a configuration file and the environment become, and what is said about a wrong one."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.base import Guard
from monitor.config import Configuration, ConfigurationError, Listen, Secret, load
from monitor.core.route import Escalate, Route

Read = Callable[..., Configuration]
Refusal = Callable[..., str]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a configuration file with this text, and this environment."""

    def read(text: str = "", **environment: str) -> Configuration:
        file = tmp_path / "sanctions-monitor.yaml"
        file.write_text(text, "utf-8")
        return load(file, environment)

    return read


@pytest.fixture
def refusal(read: Read) -> Refusal:
    """The sentence with which such a configuration is refused."""

    def refusal(text: str = "", **environment: str) -> str:
        with pytest.raises(ConfigurationError) as caught:
            read(text, **environment)
        sentence = str(caught.value)
        assert "\n" not in sentence
        return sentence

    return refusal


def test_everything_has_a_default() -> None:
    configuration = load(None, {})

    assert configuration.listen == Listen("127.0.0.1", 8080)
    assert configuration.public_url == "http://127.0.0.1:8080"
    assert configuration.database == "sqlite:///data/sanctions-monitor.db"
    assert configuration.zone == "UTC"
    assert configuration.routes == ()
    assert configuration.feeds["ofac-sdn"].enabled
    assert configuration.feeds["ofac-sdn"].guard == Guard(5000, 0.05, 0.25)


def test_the_default_user_agent_is_one_that_the_list_service_accepts() -> None:
    agent = load(None, {}).user_agent

    assert agent.startswith("Mozilla/5.0 ")
    assert len(agent) >= 40


def test_an_empty_file_is_the_defaults(read: Read) -> None:
    assert read("").feeds == load(None, {}).feeds


def test_a_key_without_a_value_is_its_default(read: Read) -> None:
    assert read("database_url:\nfeeds:\n  ofac-sdn:\n").database_url is None


def test_a_feed_keeps_the_defaults_of_what_is_not_set(read: Read) -> None:
    guard = read("feeds: {ofac-sdn: {guard: {max_removed: 7%}}}").feeds["ofac-sdn"].guard

    assert guard == Guard(5000, max_removed=0.07, max_added=0.25)


def test_the_limits_of_a_guard_may_be_zero(read: Read) -> None:
    guard = (
        read("feeds: {ofac-sdn: {guard: {max_removed: 0%, min_records: 0}}}")
        .feeds["ofac-sdn"]
        .guard
    )

    assert guard == Guard(0, max_removed=0, max_added=0.25)


def test_a_feed_can_be_switched_off(read: Read) -> None:
    assert not read("feeds: {ofac-sdn: {enabled: false}}").feeds["ofac-sdn"].enabled


def test_the_public_url_follows_the_address_that_is_listened_on(read: Read) -> None:
    assert read("listen: 0.0.0.0:9000").public_url == "http://127.0.0.1:9000"
    assert read('listen: "[::1]:9000"').public_url == "http://[::1]:9000"


def test_postgresql_is_taken_for_our_driver(read: Read) -> None:
    configuration = read("database_url: postgresql://user:secret@db/monitor")

    assert configuration.database == "postgresql+psycopg://user:secret@db/monitor"


def test_a_message_that_fails_is_given_up_after_a_day_or_as_configured(read: Read) -> None:
    assert read("").give_up_after == timedelta(days=1)
    assert read("give_up_after: 3h").give_up_after == timedelta(hours=3)


def test_a_route_names_what_it_selects_and_where_it_goes(read: Read) -> None:
    (route,) = read(
        "channels: {desk: {url: json://x}}\nroutes: [{when: {severity: high}, send: desk}]"
    ).routes

    assert isinstance(route, Route)
    assert route.send == ("desk",)


# --- variables, files and the environment ---------------------------------------------------------------------------


def test_variables_are_filled_in(read: Read) -> None:
    configuration = read(
        "zone: ${ZONE}\ndata_dir: ${DIR:-/var/x}/y\nuser_agent: $${ZONE}", ZONE="Europe/Vienna"
    )

    assert configuration.zone == "Europe/Vienna"
    assert configuration.data_dir == Path("/var/x/y")
    assert configuration.user_agent == "${ZONE}"


def test_a_variable_that_is_not_set_is_named(refusal: Refusal) -> None:
    sentence = refusal("channels:\n  desk:\n    url: ${SLACK_URL}")

    assert "line 3: channels.desk.url: the environment variable SLACK_URL is not set" in sentence


def test_a_secret_can_be_the_content_of_a_file(read: Read, tmp_path: Path) -> None:
    (tmp_path / "slack").write_text("slack://TokenA/TokenB/TokenC\n")

    configuration = read(f"channels: {{desk: {{url: 'file:{tmp_path / 'slack'}'}}}}")

    assert configuration.channels["desk"].url == Secret("slack://TokenA/TokenB/TokenC")


def test_a_secret_file_that_is_not_there_is_named(refusal: Refusal) -> None:
    assert (
        "channels.desk.url is (a secret): the file /nowhere that it names cannot be read"
        in refusal("channels: {desk: {url: 'file:/nowhere'}}")
    )


def test_the_environment_wins_over_the_file(read: Read) -> None:
    configuration = read(
        "feeds: {ofac-sdn: {interval: 60s}}", SANCTIONS_MONITOR__FEEDS__OFAC_SDN__INTERVAL="5m"
    )

    assert configuration.feeds["ofac-sdn"].interval == timedelta(minutes=5)


def test_the_environment_sets_what_the_file_does_not_hold(read: Read) -> None:
    configuration = read(
        "",
        SANCTIONS_MONITOR__FEEDS__OFAC_SDN__GUARD__MAX_REMOVED="10%",
        SANCTIONS_MONITOR__FEEDS__OFAC_SDN__ENABLED="false",
        SANCTIONS_MONITOR__CHANNELS__CASE_SYSTEM__WEBHOOK="https://cases.example.org/x",
        SANCTIONS_MONITOR__CHANNELS__CASE_SYSTEM__SECRET="whsec_c2VjcmV0LW9mLXRoZS1qb3VybmV5cy10ZXN0",
    )

    assert configuration.feeds["ofac-sdn"].guard == Guard(5000, 0.1, 0.25)
    assert not configuration.feeds["ofac-sdn"].enabled
    assert (
        configuration.channels["case-system"].secrets[0].reveal()
        == "whsec_c2VjcmV0LW9mLXRoZS1qb3VybmV5cy10ZXN0"
    )


def test_the_environment_finds_a_channel_by_its_name_in_the_file(read: Read) -> None:
    configuration = read(
        "channels: {Case_System-2: {url: json://old/x}}",
        SANCTIONS_MONITOR__CHANNELS__CASE_SYSTEM_2__URL="json://new/x",
    )

    assert configuration.channels["Case_System-2"].url == Secret("json://new/x")


def test_a_route_names_who_else_is_told_when_nobody_acknowledges(read: Read) -> None:
    (route,) = read(
        "channels: {desk: {url: json://x}, phone: {url: json://y}}\n"
        "routes: [{send: desk, escalate: {after: 1h30m, send: phone}}]"
    ).routes

    assert route.escalate == Escalate(timedelta(minutes=90), ("phone",))


def test_the_environment_reaches_into_a_route(read: Read) -> None:
    configuration = read(
        "channels: {a: {url: json://a/x}, b: {url: json://b/x}}\nroutes: [{send: a}]",
        SANCTIONS_MONITOR__ROUTES__1__SEND="b",
    )

    assert configuration.routes[0].send == ("b",)


def test_a_mistake_in_the_environment_names_the_variable(refusal: Refusal) -> None:
    assert (
        refusal("", SANCTIONS_MONITOR__FEEDS__OFAC_SDN__INTERVAL="soon")
        == "environment variable SANCTIONS_MONITOR__FEEDS__OFAC_SDN__INTERVAL: feeds.ofac-sdn.interval is"
        ' "soon": expected a duration such as 60s, 5m or 1h'
    )


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("SANCTIONS_MONITOR__FEEDS", "names a group of settings"),
        ("SANCTIONS_MONITOR__LISTEN__PORT", "LISTEN holds a single value"),
        ("SANCTIONS_MONITOR__FEEDS__OFAC_SDM__URL", 'did you mean "ofac-sdn"?'),
        ("SANCTIONS_MONITOR__LISTENS", 'did you mean "listen"?'),
        ("SANCTIONS_MONITOR__ROUTES__2__SEND", "expected a number from 1 to 1"),
        ("SANCTIONS_MONITOR____LISTEN", "two underscores"),
    ],
)
def test_a_variable_that_leads_nowhere_is_refused(
    refusal: Refusal, variable: str, said: str
) -> None:
    text = "listen: 127.0.0.1:1\nfeeds: {ofac-sdn: {}}\nchannels: {a: {url: json://a/x}}\nroutes: [{send: a}]"

    sentence = refusal(text, **{variable: "x"})

    assert variable in sentence
    assert said in sentence


def test_two_channels_that_one_variable_may_mean_are_told_apart_by_nobody(refusal: Refusal) -> None:
    sentence = refusal(
        "channels: {a-b: {url: json://a/x}, a_b: {url: json://b/x}}",
        SANCTIONS_MONITOR__CHANNELS__A_B__URL="json://c/x",
    )

    assert "it may mean a-b or a_b" in sentence


# --- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret", ["not base64!", "whsec_x", "whsec_", "''", "whsec_YQ==", f"whsec_{'YWFh' * 22}"]
)
def test_a_secret_that_nothing_can_be_signed_with_is_refused(refusal: Refusal, secret: str) -> None:
    sentence = refusal(f"channels: {{c: {{webhook: 'https://x.example', secret: {secret}}}}}")

    assert "channels.c.secret is (a secret): expected" in sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("intervall: 60s", 'intervall: unknown key "intervall"; expected channels, data_dir'),
        ("listenn: x", 'unknown key "listenn"; did you mean "listen"?'),
        (
            "feeds: {ofac-sdm: {}}",
            'feeds.ofac-sdm: unknown feed "ofac-sdm"; did you mean "ofac-sdn"?',
        ),
        ("feeds: {ofac-sdn: {intervall: 5m}}", 'did you mean "interval"?'),
        ("give_up_after: 30s", 'give_up_after is "30s": expected a time from 1m to 30d'),
        ("give_up_after: 31d", "expected a time from 1m to 30d"),
        (
            "feeds: {ofac-sdn: {interval: 60}}",
            'feeds.ofac-sdn.interval is "60": expected a duration',
        ),
        ("feeds: {ofac-sdn: {interval: 2s}}", "expected 10s or more"),
        ("feeds: {ofac-sdn: {interval: 0s}}", "expected a duration"),
        ("feeds: {ofac-sdn: {interval: 1d1s}}", 'interval is "1d1s": expected 1d or less'),
        (
            "feeds: {ofac-sdn: {url: 'https://a:b@example.org/x'}}",
            'url is "https://***@example.org/x": expected an address without user and password',
        ),
        ("feeds: {ofac-sdn: {url: 'https://192.168.1.5/x'}}", "expected a public address"),
        ("feeds: {ofac-sdn: {url: 'https://[fd00::1]/x'}}", "expected a public address"),
        ("feeds: {ofac-sdn: {url: 'https://169.254.169.254/'}}", "expected a public address"),
        ("token: a", "token is (a secret): expected at least 16 characters"),
        ("feeds: {ofac-sdn: {url: http://example.org/x}}", "expected an https:// address"),
        ("feeds: {ofac-sdn: {enabled: maybe}}", 'is "maybe": expected true or false'),
        ("feeds: {ofac-sdn: {guard: {max_removed: 5}}}", "expected a percentage"),
        ("feeds: {ofac-sdn: {guard: {max_removed: 101%}}}", "expected a percentage"),
        ("feeds: {ofac-sdn: {guard: {min_records: -1}}}", "expected a whole number"),
        ("feeds: {ofac-sdn: {guard: {max_remove: 5%}}}", 'did you mean "max_removed"?'),
        ("feeds: [ofac-sdn]", "feeds: expected settings below it"),
        ("listen: 8080", 'listen is "8080": expected host:port'),
        ("listen: 127.0.0.1:99999", "a port up to 65535"),
        ("listen: ::1:80", "expected host:port"),
        ("zone: Mars/Base", 'zone is "Mars/Base": expected a time zone'),
        ("zone: ../../etc/passwd", "expected a time zone"),
        ("public_url: ftp://x", "expected an address that links can start with"),
        (
            "database_url: mysql://u:geheim@h/d",
            "database_url is (a secret): expected postgresql://",
        ),
        ("data_dir: 5", "expected text; put it into quotes"),
        (
            "channels: {desk: {}}",
            "channels.desk: expected either url (people), webhook (programs) or file (JSON Lines)",
        ),
        (
            "channels: {desk: {url: nonsense}}",
            "channels.desk.url is (a secret): expected an Apprise URL",
        ),
        ("channels: {desk: {url: json://x, format: pdf}}", "expected text, html or markdown"),
        ("channels: {cases: {webhook: https://x.example}}", "a webhook needs a secret"),
        (
            "channels: {cases: {webhook: http://x.example, secret: s}}",
            "is (a secret): expected an https://",
        ),
        ("channels: {'a b': {url: json://x}}", "expected a channel's name"),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: b}]",
            'routes[1].send is "b": unknown channel; expected a',
        ),
        ("routes: [{send: b}]", "no channel is configured"),
        ("routes: {send: b}", "routes is a group of settings: expected a list"),
        ("channels: {a: {url: json://x}}\nroutes: [{when: {}}]", "routes[1]: expected send"),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, when: {severity: hihg}}]",
            'did you mean "high"?',
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, when: {category: [alias, remark]}}]",
            '"remarks"?',
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, when: {not: {feed: ofac}}}]",
            "routes[1].when.not.feed",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, when: {country: NO}}]",
            "put it into quotes",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, when: {kind: []}}]",
            "expected a value or a list",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, digest: dayly 07:00}]",
            'did you mean "daily"?',
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, digest: weekly mondey 07:00}]",
            'did you mean "monday"?',
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, digest: daily 07:10}]",
            "expected a full quarter of an hour",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, digest: 7}]",
            "expected text",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, escalate: {after: 30m, send: b}}]",
            'routes[1].escalate.send is "b": unknown channel',
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, escalate: {after: 30, send: a}}]",
            'routes[1].escalate.after is "30": expected a duration',
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, escalate: {send: a}}]",
            "routes[1].escalate: expected after: with the time",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, escalate: {after: 30m}}]",
            "routes[1].escalate: expected send",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, escalate: 30m}]",
            "routes[1].escalate: expected settings below it",
        ),
        (
            "channels: {a: {url: json://x}}\nroutes: [{send: a, escalate: {afer: 30m, send: a}}]",
            'did you mean "after"?',
        ),
        ("just text", "expected settings"),
        ("a: [", "it is not valid YAML"),
        ("zone: UTC\nzone: UTC", "zone: the key stands twice"),
        ("zone: !!python/object/apply:os.system ['true']", "it is not valid YAML"),
    ],
)
def test_a_mistake_gets_one_sentence(refusal: Refusal, text: str, said: str) -> None:
    assert said in refusal(text)


def test_a_mistake_is_found_by_its_line(refusal: Refusal, tmp_path: Path) -> None:
    sentence = refusal("zone: UTC\nfeeds:\n  ofac-sdn:\n    interval: 1 minute\n")

    assert sentence == (
        f'{tmp_path}/sanctions-monitor.yaml, line 4: feeds.ofac-sdn.interval is "1 minute":'
        " expected a duration such as 60s, 5m or 1h"
    )


def test_no_error_shows_a_secret(refusal: Refusal) -> None:
    for text in (
        "channels: {desk: {url: 'geheim geheim'}}",
        "channels: {c: {webhook: 'http://geheim.example/x', secret: geheim}}",
        "channels: {c: {url: json://geheim, secret: geheim}}",
        "channels: {c: {url: json://geheim, token: geheim}}",
        "channels: {c: {webhook: https://x.example, secret: [geheim, 5]}}",
        "token: [geheim]",
        "token: geheim",
        "feeds: {ofac-sdn: {url: 'https://geheim:geheim@example.org/x'}}",
        "feeds: {ofac-sdn: {url: 'https://a:ge/heim@example.org/x'}}",
        "feeds: {ofac-sdn: {url: 'ftp://geheim@example.org/x'}}",
        "public_url: 'ftp://a:geheim@example.org/x'",
    ):
        assert "geheim" not in refusal(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: it cannot be read"):
        load(tmp_path / "nowhere.yaml", {})


def test_a_secret_is_not_shown_by_accident(read: Read) -> None:
    configuration = read(
        "token: geheim-and-long-enough\ndatabase_url: postgresql://u:geheim@h/d\nchannels: {a: {url: json://geheim}}"
    )

    assert "geheim" not in repr(configuration)
    assert "geheim" not in f"{configuration.token} {configuration.channels}"
    assert {secret.reveal() for secret in configuration.secrets} >= {
        "geheim",
        "json://geheim",
        "geheim-and-long-enough",
    }


def test_pages_are_asked_for_by_the_name_that_is_listened_on_and_the_one_in_links(
    read: Read,
) -> None:
    configuration = read("public_url: https://Watch.example.org/x\nlisten: 127.0.0.1:80\n")

    assert configuration.hosts == {"watch.example.org", "127.0.0.1"}


def test_a_digest_is_told_by_the_readers_clock_unless_it_names_another(read: Read) -> None:
    routes = read(
        "zone: Europe/London\nchannels: {a: {url: json://x}}\nroutes:\n"
        "  - {send: a, digest: daily 07:00}\n"
        "  - {send: a, digest: weekly friday 16:30 America/New_York}\n"
        "  - {send: a}\n"
    ).routes

    assert [route.digest and route.digest.text for route in routes] == [
        "daily 07:00 Europe/London",
        "weekly friday 16:30 America/New_York",
        None,
    ]
