"""Whatever the alert and the limits: every part fits, nobody is forgotten, no identifier is broken."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.channel import ChannelProfile
from monitor.core.moves import Sibling, Stay
from monitor.core.render import render
from monitor.core.render.fill import TOO_LONG
from monitor.core.route import everything
from tests.builders import (
    FIRST_SEEN,
    a_party,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_identifier,
    told,
)

URL = "https://monitor.example.org"
MORE = re.compile(r"and ([\d,]+) more")

words = st.text(alphabet="ABCDEFGHIJ'-&<>*_ ", min_size=1, max_size=60).map(
    lambda text: " ".join(text.split()) or "X"
)
numbers = st.text(alphabet="0123456789abcdef", min_size=8, max_size=95)
currencies = st.sampled_from(["Digital Currency Address - XBT", "Passport", "Tax ID No."])


@st.composite
def changes(draw: st.DrawFn) -> list[Any]:
    """Up to forty changes of all kinds; each party's name ends in its key, so that it can be found again."""
    made: list[Any] = []
    for key in range(draw(st.integers(1, 40))):
        name = f"{draw(words)} #{key}#"
        identifier = an_identifier(draw(currencies), f"{draw(numbers)}z{key}z")
        kind = draw(st.sampled_from(["added", "removed", "amended"]))
        if kind == "added":
            made.append(an_added(str(key), name=name, identifiers=[identifier]))
        elif kind == "removed":
            made.append(a_removed(str(key), name=name))
        else:
            made.append(an_amended(str(key), old=a_party(name=name), identifiers=[identifier]))
    return made


@settings(max_examples=150, deadline=None)
@given(
    changes=changes(),
    body=st.none() | st.integers(160, 6_000),
    title=st.none() | st.integers(60, 250),
    format=st.sampled_from(["text", "markdown", "html"]),
)
def test_every_part_fits_and_every_party_is_shown_or_counted(
    changes: list[Any], body: int | None, title: int | None, format: Any
) -> None:
    alert = an_alert(*changes)
    profile = ChannelProfile("desk", "apprise", format, title, body, ("",))

    messages = render(alert, everything(alert, "desk"), profile, URL, _utc())

    bodies = [message.html if format == "html" else message.text for message in messages]
    assert all(body is None or len(text or "") <= body for text in bodies)
    assert all(title is None or len(message.subject) <= title for message in messages)
    assert [message.part for message in messages] == list(range(1, len(messages) + 1))
    assert body is None or body > 1_100 or len(messages) == 1
    together = "\n".join(f"{message.subject}\n{message.text}" for message in messages).replace(
        "\\", ""
    )
    shown = sum(f"#{change.key}#" in together for change in changes)
    counted = sum(int(number.replace(",", "")) for number in MORE.findall(messages[-1].text)[:1])
    assert shown + counted >= len(changes)
    assert counted == 0 or shown + counted == len(changes)


@settings(max_examples=60, deadline=None)
@given(
    numbers=st.tuples(*[st.integers(0, 12)] * 4),
    body=st.none() | st.integers(160, 6_000),
    title=st.none() | st.integers(60, 250),
)
def test_who_moved_or_got_a_new_number_is_shown_or_counted_too(
    numbers: tuple[int, ...], body: int | None, title: int | None
) -> None:
    moved, still_on, renumbered, added = numbers
    names = iter(f"SOMEBODY #{key}#" for key in range(100))
    moving = [a_removed(f"m{key}", name=next(names)) for key in range(moved)]
    staying = [a_removed(f"s{key}", name=next(names)) for key in range(still_on)]
    both: list[Any] = []
    for key in range(renumbered):
        party: Any = {"name": next(names), "dates_of_birth": [{"date": "1962"}]}
        both += [a_removed(f"o{key}", **party), an_added(f"n{key}", **party)]
    coming = [an_added(f"a{key}", name=next(names)) for key in range(added)]
    came = Stay(FIRST_SEEN, None, False, 5, None)
    was = Stay(FIRST_SEEN, None, True, 1, None)
    other = Sibling(
        feed="other",
        title="the other list",
        blocking=False,
        checked=FIRST_SEEN,
        stays={each.key: [came] for each in moving} | {each.key: [was] for each in staying},
    )
    alert = an_alert(changes=told(*moving, *staying, *both, *coming, siblings=[other]))
    if not alert.changes:
        return
    profile = ChannelProfile("desk", "apprise", "text", title, body, ("",))

    messages = render(alert, everything(alert, "desk"), profile, URL, _utc())

    assert all(body is None or len(message.text) <= body for message in messages)
    assert all(title is None or len(message.subject) <= title for message in messages)
    together = "\n".join(f"{message.subject}\n{message.text}" for message in messages)
    shown = sum(f"#{key}#" in together for key in range(100))
    foot = [each for message in messages[-1:] for each in MORE.findall(message.text)]
    counted = int(foot[-1].replace(",", "")) if foot and body is not None else 0
    assert shown + counted >= sum(numbers)


@settings(max_examples=150, deadline=None)
@given(changes=changes(), body=st.integers(160, 3_000))
def test_no_identifier_is_ever_broken(changes: list[Any], body: int) -> None:
    alert = an_alert(*changes)
    profile = ChannelProfile("desk", "apprise", "text", 250, body, ("",))

    for message in render(alert, everything(alert, "desk"), profile, URL, _utc()):
        for change in changes:
            whole = [
                identifier["number"]
                for document in (getattr(change, "document", None), getattr(change, "new", None))
                for identifier in (document or {}).get("identifiers", ())
            ]
            for number in whole:
                text = f"{message.subject}\n{message.text}"
                beginning = number[:8]
                # Wherever the first eight characters stand at a value's beginning, all of it stands.
                assert text.count(f" {beginning}") <= sum(
                    text.count(f" {other}") for other in _starting_with(changes, beginning)
                )


def test_a_line_that_is_longer_than_a_whole_part_is_said_to_be_left_out() -> None:
    alert = an_alert(an_amended("1", title="T" * 3_000, remarks="short"))
    profile = ChannelProfile("desk", "apprise", "text", 250, 2_000, ("",))

    messages = render(alert, everything(alert, "desk"), profile, URL, _utc())

    together = "".join(message.text for message in messages)
    assert TOO_LONG in together
    assert '+ remark "short"' in together


def test_a_name_that_could_fill_half_a_message_gives_way_to_its_number() -> None:
    names = [an_added(str(key), name="N" * 120 + str(key)) for key in range(9)]
    profile = ChannelProfile("desk", "apprise", "text", 60, 200, ("",))

    (message,) = render(
        an_alert(*names), everything(an_alert(*names), "desk"), profile, URL, _utc()
    )

    assert "uid 0 (a name of 121 characters)" in message.text


def _starting_with(changes: list[Any], beginning: str) -> set[str]:
    return {
        identifier["number"]
        for change in changes
        for document in (getattr(change, "document", None), getattr(change, "new", None))
        for identifier in (document or {}).get("identifiers", ())
        if identifier["number"].startswith(beginning)
    }


def _utc() -> Any:
    from datetime import UTC

    return UTC
