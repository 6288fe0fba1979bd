"""The programmes under which OFAC lists, in plain words.

The table (``programs.csv``) holds facts about tags: a short name for messages, a full one, what a heading says it is about, the
countries, whether it is a mere marker, the tag that it replaced under a new name, and how sure we are. About seven new tags
appear a year: an unknown one is shown as it is and never stops anything.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Program:
    """One programme tag. ``about`` is what a heading says ("North Korea"), "" where the tag alone does not tell.

    A ``is_marker`` tag says that foreign banks are at risk, not why a party is listed. ``replaces`` is the older tag of the same
    ground, which OFAC renamed in place.
    """

    tag: str
    short: str
    name: str
    about: str = ""
    countries: tuple[str, ...] = ()
    is_marker: bool = False
    replaces: str = ""
    confidence: str = ""

    @property
    def words(self) -> str:
        """``North Korea: industries [DPRK4]``; of an unknown tag only ``[TAG]``."""
        return f"{self.short} [{self.tag}]" if self.short else f"[{self.tag}]"


def program(tag: str) -> Program:
    """What is known about a tag; of an unknown one just the tag."""
    return _table().get(tag) or Program(tag, short="", name=tag)


def counted(tags: Iterable[str]) -> str:
    """``North Korea: industries [DPRK4] 7 · …``: the tags in plain words with how often each occurs, the commonest first."""
    numbers = Counter(tags)
    ordered = sorted(numbers, key=lambda tag: (-numbers[tag], program(tag).words))
    return " · ".join(f"{program(tag).words} {numbers[tag]:,}" for tag in ordered)


def about(parties: Iterable[Iterable[str]]) -> list[str]:
    """What a heading says that parties with these tags are about (``["North Korea", "Russia"]``), the commonest first.

    A party counts once for each subject, whatever the number of its tags; markers do not count.
    """
    numbers: Counter[str] = Counter()
    for tags in parties:
        known = map(program, tags)
        numbers.update({each.about for each in known if each.about and not each.is_marker})
    return sorted(numbers, key=lambda word: (-numbers[word], word))


@lru_cache(maxsize=1)
def _table() -> dict[str, Program]:
    text = files("monitor.core").joinpath("programs.csv").read_text(encoding="utf-8")
    return {
        row["tag"]: Program(
            tag=row["tag"],
            short=row["short"],
            name=row["name"],
            about=row["about"],
            countries=tuple(filter(None, row["countries"].split(";"))),
            is_marker=row["marker"] == "yes",
            replaces=row["replaces"],
            confidence=row["confidence"],
        )
        for row in csv.DictReader(text.splitlines())
    }
