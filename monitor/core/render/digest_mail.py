"""A digest as a mail: the tables that its alerts would have had, one list after the other, and how the watch was kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from monitor.core.alert import Alert
from monitor.core.gathered import Chapter, DigestFacts, Gathered, chapters, others
from monitor.core.render import kept
from monitor.core.render.digest import chapter_lines, chapter_title, other_words
from monitor.core.render.headings import headings
from monitor.core.render.mail_content import Mail, Section, mail_content
from monitor.core.render.message import link_of
from monitor.core.route import Selection
from monitor.core.told_as_one import Changed
from monitor.core.words import counted, listed

Piece = tuple[Chapter, Changed] | Gathered
"""What a mail may be divided into: a change, or an alert that tells of none."""


def pieces(digest: DigestFacts) -> list[Piece]:
    """Everything that a digest tells, in the order in which it is told."""
    found: list[Piece] = [
        (chapter, change) for chapter in chapters(digest.gathered) for change in chapter.changes
    ]
    return [*found, *others(digest.gathered)]


def digest_content(
    alert: Alert,
    digest: DigestFacts,
    selection: Selection,
    shown: Sequence[Piece],
    public_url: str,
    zone: tzinfo,
) -> Mail:
    """The mail that tells of those pieces."""
    by_chapter: dict[int, tuple[Chapter, list[Changed]]] = {}
    rest: list[Gathered] = []
    for piece in shown:
        if isinstance(piece, Gathered):
            rest.append(piece)
        else:
            chapter, change = piece
            by_chapter.setdefault(id(chapter), (chapter, []))[1].append(change)
    parts = [
        (
            chapter,
            mail_content(
                chapter.alert,
                replace(selection, changes=chapter.changes),
                changes,
                0,
                public_url,
                zone,
            ),
        )
        for chapter, changes in by_chapter.values()
    ]
    several = len(parts) > 1
    consequences = [line for _, part in parts for line in part.consequences]
    return Mail(
        heading=headings(alert, selection.changes)[0],
        lead=_lead(digest, [chapter for chapter, _ in parts], rest, zone),
        sections=[
            _named(section, chapter.alert.feed_title if several else "")
            for chapter, part in parts
            for section in part.sections
        ],
        mass_edits=[edit for _, part in parts for edit in part.mass_edits],
        amendments=[each for _, part in parts for each in part.amendments],
        witnesses=list(dict.fromkeys(line for _, part in parts for line in part.witnesses)),
        also_applies=list(dict.fromkeys(line for _, part in parts for line in part.also_applies)),
        consequences=list(dict.fromkeys(consequences)),
        evidence=_evidence(digest, zone),
        reason=_reason(digest, selection),
        link=link_of(alert, public_url),
        alert_id=alert.id,
    )


def _lead(
    digest: DigestFacts, told: Sequence[Chapter], rest: Sequence[Gathered], zone: tzinfo
) -> list[str]:
    if not digest.gathered:
        return kept.quiet_lines(digest, zone)
    lines = [digest.because] if digest.because else []
    for chapter in told:
        # What follows has a place of its own, and the tables say the grounds.
        follows = {text for text, weight in chapter_lines(chapter, zone) if weight == 1}
        lines.append(chapter_title(chapter))
        lines += [text for text, _ in chapter_lines(chapter, zone) if text not in follows]
    for each in rest:
        lines += other_words(each, zone).split("\n")
    return [*lines, *kept.gaps(digest, zone), *kept.troubles(digest.troubles, zone)]


def _named(section: Section, title: str) -> Section:
    if not title:
        return section
    return replace(section, heading=f"{title[:1].upper()}{title[1:]}: {section.heading}")


def _evidence(digest: DigestFacts, zone: tzinfo) -> list[tuple[str, str]]:
    facts = [("Period", kept.period(digest, zone))]
    facts += [("Watched", text) for text in kept.watch_lines(digest)]
    if digest.gathered:
        facts.append(("Gathered", counted(len(digest.gathered), "alert")))
    return facts


def _reason(digest: DigestFacts, selection: Selection) -> str:
    numbers = [str(number + 1) for number in selection.routes]
    if not numbers:
        because = (
            "what was gathered for a digest that is configured no longer goes to every channel"
        )
        return f"You receive this because {because}."
    noun, verb = ("route", "gathers") if len(numbers) == 1 else ("routes", "gather")
    return (
        f"You receive this because {noun} {listed(numbers)} of the configuration {verb} it for a digest of the channel "
        f'{selection.channel}, {digest.schedule.words}. Whoever runs the service can change that under "routes".'
    )
