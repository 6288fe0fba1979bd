"""``acknowledge``: by whom, of which alert, and what is refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.cli.main import run
from monitor.store.database import Database, sqlite_url
from monitor.store.migrate import upgrade
from monitor.store.tables import ACKNOWLEDGEMENTS, EVENTS, REQUESTS
from tests.journeys.sources import BASELINE, OTHERS, WITH_DOE, a_list, an_entry
from tests.small_watch import SmallWatch

Command = Callable[..., tuple[int, str, str]]

AMENDED = a_list(*OTHERS, an_entry(48220, "DOE", "John", remarks="Gender Male. Director."))


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallWatch]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    database = Database.open(sqlite_url(tmp_path / "data" / "sanctions-monitor.db"))
    upgrade(database)
    watch = SmallWatch(database, tmp_path)
    watch.publish(BASELINE)
    yield watch
    database.close()


@pytest.fixture
def command(watch: SmallWatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command on that database; returns its exit code, output and what it said on stderr."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return command


def test_it_is_recorded_with_who_and_the_note(watch: SmallWatch, command: Command) -> None:
    alert = watch.publish(WITH_DOE)

    done = command("acknowledge", alert, "--by", " J.  Doe ", "--note", "no accounts")

    assert done == (0, f"Alert {alert} is acknowledged by J. Doe.\n", "")
    with watch.database.read() as connection:
        row = connection.execute(select(ACKNOWLEDGEMENTS)).one()
        request = connection.execute(select(REQUESTS)).one()
        kinds = connection.execute(select(EVENTS.c.kind).order_by(EVENTS.c.id)).scalars().all()
    assert (row.alert_id, row.by, row.note) == (alert, "J. Doe", "no accounts")
    assert [each["key"] for each in json.loads(row.revisions)] == ["48220"]
    assert (request.verb, request.subject) == ("acknowledge", alert)
    assert kinds[-3:] == ["request.made", "alert.acknowledged", "request.performed"]


def test_a_name_that_would_steer_a_screen_is_written_out(
    watch: SmallWatch, command: Command
) -> None:
    alert = watch.publish(WITH_DOE)

    done = command("acknowledge", alert, "--by", "Eve\x1b[2J")

    assert done == (0, f"Alert {alert} is acknowledged by Eve⟨U+001B⟩[2J.\n", "")


@pytest.mark.parametrize("length", [6, 25])
def test_the_beginning_of_the_id_will_do(watch: SmallWatch, command: Command, length: int) -> None:
    alert = watch.publish(WITH_DOE)

    code, out, _ = command("acknowledge", alert[:length].upper(), "--by", "J. Doe")

    assert (code, alert in out) == (0, True)


def test_what_has_changed_by_then_is_said(watch: SmallWatch, command: Command) -> None:
    alert, changed = watch.publish(WITH_DOE), watch.publish(AMENDED)

    code, out, _ = command("acknowledge", alert, "--by", "J. Doe")

    assert code == 0
    assert f"as it was; 48220 of ofac-sdn has changed since, see alert {changed}" in out


def test_the_listing_tells_who_has_and_what_has_changed_since(
    watch: SmallWatch, command: Command
) -> None:
    alert = watch.publish(WITH_DOE)
    command("acknowledge", alert, "--by", "J. Doe", "--note", "no accounts")
    (row,) = map(json.loads, command("alerts")[1].splitlines())
    assert (row["acknowledged_by"], row["note"]) == ("J. Doe", "no accounts")
    assert row["changed_since"] is None

    changed = watch.publish(AMENDED)

    newer, older = map(json.loads, command("alerts")[1].splitlines())
    assert newer["acknowledged_by"] is None
    assert older["changed_since"] == {"feed": "ofac-sdn", "key": "48220", "alert": changed}
    assert "by J. Doe; 48220 has changed since" in command("alerts", "--format", "table")[1]
    assert command("alerts", "--format", "csv")[1].count("J. Doe") == 1


def test_what_nobody_has_acknowledged_is_listed_alone(watch: SmallWatch, command: Command) -> None:
    alert = watch.publish(WITH_DOE)
    command("acknowledge", alert, "--by", "J. Doe")
    changed = watch.publish(AMENDED)  # asks for what was acknowledged before, too

    _, out, _ = command("alerts", "--unacknowledged")

    assert [json.loads(line)["id"] for line in out.splitlines()] == [changed]
    command("acknowledge", changed, "--by", "J. Doe")
    assert command("alerts", "--unacknowledged")[1] == ""


@pytest.mark.parametrize("id", ["b" * 26, "b" * 6, "b%____", "\udcff" * 6])
def test_an_alert_that_there_is_not_is_exit_code_1(
    watch: SmallWatch, command: Command, id: str
) -> None:
    watch.publish(WITH_DOE)

    code, out, err = command("acknowledge", id, "--by", "J. Doe")

    assert (code, out) == (1, "")
    assert err.startswith("There is no alert ")
    with watch.database.read() as connection:
        assert not connection.execute(select(REQUESTS)).all()


def test_a_beginning_of_several_ids_is_refused_with_them(
    watch: SmallWatch, command: Command
) -> None:
    alert = watch.publish(WITH_DOE)
    twin = alert[:8] + "2" * 18
    row = watch.row(alert)._mapping
    with watch.database.write() as connection:
        from monitor.store.tables import ALERTS

        connection.execute(ALERTS.insert().values({**row, "id": twin}))

    code, _, err = command("acknowledge", alert[:8], "--by", "J. Doe")

    assert code == 1
    assert alert in err and twin in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["aaaaa", "--by", "J. Doe"], "at least 6 characters"),
        (["aaaaaa"], "--by"),
        (["aaaaaa", "--by", "  "], "--by must name"),
        (["aaaaaa", "--by", "x" * 201], "--by must name"),
    ],
)
def test_wrong_usage_is_exit_code_2(command: Command, arguments: list[str], said: str) -> None:
    code, out, err = command("acknowledge", *arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_where_nothing_is_on_record_there_is_nothing_to_acknowledge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(["acknowledge", "a" * 26, "--by", "J. Doe"]) == 1
    assert "Nothing is on record yet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
