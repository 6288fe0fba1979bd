"""What kind of release it is: does it announce a designation, a delisting, something else about sanctions, or none of it.

Rules in order, the first that fits; their phrases with the reasons stand in :mod:`.rules`, and how they were measured in
``docs/releases.md``. The class is a label for people. The list decides: who was added or removed is in its changes, and a release may
be both (of September 2022 one designates somebody and takes eleven off).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.core.releases import rules
from monitor.core.releases.rules import found_in
from monitor.core.titles import actions_of_day, sanctions_word, verb_against_somebody

Label = Literal["designation", "delisting", "sanctions-other", "not-sanctions"]
Confidence = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class ReleaseClass:
    """A release's label, how sure it is and why, in plain words.

    ``actions`` are the ids of OFAC's actions of its day (±1) that it links to.
    """

    label: Label
    confidence: Confidence
    because: str
    actions: tuple[str, ...] = ()


def classify_release(title: str, text: str, links: Sequence[str], date: str) -> ReleaseClass:
    """The class of a release by its title, text and links; ``date`` is its day (YYYY-MM-DD).

    While its own page has not been read (``text`` is empty), the title alone decides, with low confidence.
    """
    actions = actions_of_day(links, date)
    removal, other = _delists(title), found_in(rules.IS_SOMETHING_ELSE, title)
    if not text.strip():
        return _by_title(title, removal, other, actions)
    linked = "it links to OFAC's action of the day" if actions else ""
    act = found_in(rules.ACTS, text)
    blocks = found_in(rules.BLOCKS, text)
    speaks = found_in(rules.SPEAKS_OF_SANCTIONS, text)
    said = f"it says “{act or blocks}”"
    if removal and (actions or speaks):
        return ReleaseClass("delisting", "high", f"its title says “{removal}”", actions)
    if other and (actions or speaks):
        doubt: Confidence = "low" if actions and act else "high"
        return ReleaseClass("sanctions-other", doubt, f"its title says “{other}”", actions)
    if actions and (act or blocks):
        return ReleaseClass("designation", "high", f"{said} and {linked}", actions)
    if act and blocks:
        because = f"{said} and “{blocks}”, but links to no action of OFAC of the day"
        return ReleaseClass("designation", "low", because)
    if actions:
        because = f"{linked}, but does not say that somebody is designated"
        return ReleaseClass("sanctions-other", "low", because, actions)
    return _unrelated(title, act)


def _delists(title: str) -> str | None:
    return None if found_in(rules.IS_NO_ACT, title) else found_in(rules.DELISTS, title)


def _by_title(
    title: str, removal: str | None, other: str | None, actions: tuple[str, ...]
) -> ReleaseClass:
    def by(label: Label, word: str) -> ReleaseClass:
        because = f"its title says “{word}”; its text has not been read yet"
        return ReleaseClass(label, "low", because, actions)

    if removal:
        return by("delisting", removal)
    word = sanctions_word(title)
    if other and (word or found_in(rules.SPEAKS_OF_SANCTIONS, title)):
        return by("sanctions-other", other)
    if word and not other and not found_in(rules.IS_NO_ACT, title):
        act = found_in(rules.ACTS_BY_TITLE, title) or verb_against_somebody(title)
        return by("designation", act) if act else by("sanctions-other", word)
    because = "its title does not speak of sanctions; its text has not been read yet"
    return ReleaseClass("not-sanctions", "low", because, actions)


def _unrelated(title: str, act: str | None) -> ReleaseClass:
    because = "it links to no action of OFAC of the day"
    if act:
        because += f" and does not say that property is blocked, though it says “{act}”"
    doubt: Confidence = "low" if act or sanctions_word(title) else "high"
    return ReleaseClass("not-sanctions", doubt, because)
