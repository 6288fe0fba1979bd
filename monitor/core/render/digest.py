"""A digest in the words that its alerts would have had: list by list, then publications, then what concerns the watch itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from monitor.core.gathered import Chapter, DigestFacts, Gathered, chapters, others
from monitor.core.render import closing, kept
from monitor.core.render.fill import Item, Paragraph, line
from monitor.core.render.headings import headings
from monitor.core.render.people import FEW, people
from monitor.core.told_as_one import groups
from monitor.core.words import counted, joined, moment_words


def digest_paragraphs(
    digest: DigestFacts, *, in_full: bool, room: int | None, zone: tzinfo
) -> list[Paragraph]:
    """A digest for a chat: what can be left out where there is little room weighs more."""
    told = [line(digest.because, weight=1)] if digest.because else []
    for chapter in chapters(digest.gathered):
        told += _chapter(chapter, in_full=in_full, room=room, zone=zone)
    told += [
        Paragraph((Item(other_words(each, zone, in_full=in_full), 1),), apart=in_full)
        for each in others(digest.gathered)
    ]
    watch = [
        *((text, 1) for text in kept.gaps(digest, zone)),
        *((text, 1) for text in kept.troubles(digest.troubles, zone)),
        *((text, 4) for text in kept.watch_lines(digest)),
        (kept.period(digest, zone), 4),
    ]
    lines = [line(text, weight=weight) for text, weight in watch]
    return [*told, replace(lines[0], apart=True), *lines[1:]]


def _chapter(chapter: Chapter, *, in_full: bool, room: int | None, zone: tzinfo) -> list[Paragraph]:
    # Of a single party the title says who it is.
    weight = 0 if len(chapter.changes) == 1 else 1
    title = line(chapter_title(chapter), apart=True, weight=weight)
    told = people(chapter.alert, chapter.changes, in_full=in_full, room=room)
    around = [
        line(text, weight=weight)
        for text, weight in chapter_lines(chapter, zone, is_listed=not in_full)
    ]
    if around and any(each.apart for each in told):
        around[0] = replace(around[0], apart=True)
    return [title, *told, *around]


def chapter_lines(
    chapter: Chapter, zone: tzinfo, *, is_listed: bool = True
) -> list[tuple[str, int]]:
    """What is said of a list's changes beside the parties, and how soon each line may be left out.

    ``is_listed`` says that parties are names alone, so that their grounds are said here.
    """
    alert, changes = chapter.alert, chapter.changes
    said = groups(changes)
    added, removed = (
        some if is_listed or len(some) > FEW else [] for some in (said.added, said.removed)
    )
    among_others = len(removed) < len(changes)
    left_out = sum(each.others for each in chapter.told_in)
    lines = [
        *((text, 2) for text in closing.witnesses(alert)),
        (closing.ground(added), 2),
        (closing.former_ground(removed, alert.listed_since, among_others=among_others), 2),
        *((text, 1) for text in closing.renumbered(alert, changes)),
        *((text, 1) for text in closing.elsewhere(alert, changes, zone)),
        (closing.read_before(alert, changes), 1),
        *((text, 3) for text in closing.announcements(alert)),
        *((text, 1) for text in closing.consequences(alert, changes)),
        (f"{counted(left_out, 'other change')} of the same list not in this digest.", 3)
        if left_out
        else ("", 0),
        (f"First seen {_seen(chapter.told_in, zone)}.", 4),
    ]
    return [(text, weight) for text, weight in lines if text]


def chapter_title(chapter: Chapter) -> str:
    """``OFAC: 5 designated (…), 1 delisted``."""
    return headings(chapter.alert, chapter.changes)[0]


def _title(each: Gathered) -> str:
    return headings(each.alert, ())[0] if each.alert else each.title


def _seen(told_in: Sequence[Gathered], zone: tzinfo) -> str:
    """``18 Nov 2026 15:02 UTC (alert …) · 20 Nov 2026 …``."""
    return joined(
        f"{moment_words(each.alert.first_seen if each.alert else each.at, zone)}, alert {each.id}"
        for each in told_in
    )


def other_words(each: Gathered, zone: tzinfo, *, in_full: bool = True) -> str:
    """A publication, an addition to a case or an incident: its title, and in full what is said below it."""
    if not in_full:
        return _title(each)
    lines: list[str] = []
    if each.alert and each.alert.incident:
        lines = closing.of_incident(each.alert, zone)
    elif each.alert and each.alert.publication:
        lines = [*closing.of_publication(each.alert), closing.seen(each.alert, zone)]
    at = f"{moment_words(each.at, zone)}, alert {each.id}"
    return "\n".join([_title(each), *(text for text in lines if text), at])
