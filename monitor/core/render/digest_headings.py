"""The subject of a digest: its days, and the numbers of what was gathered; or that nothing was, and that the watch was kept."""

from collections import Counter

from monitor.core.alert import Alert
from monitor.core.digest import days_in_words
from monitor.core.gathered import DigestFacts, chapters, others
from monitor.core.render.kept import quiet_headings
from monitor.core.told_as_one import groups
from monitor.core.words import counted, listed


def digest_headings(digest: DigestFacts) -> list[str]:
    """The wordings of a digest's subject, the fullest first."""
    if not digest.gathered:
        return quiet_headings(digest)
    days = days_in_words(digest.since, digest.until, digest.schedule.zone_info)
    names = list(
        dict.fromkeys(
            each.alert.authority
            for each in digest.gathered
            if each.alert and not each.alert.incident and each.alert.authority
        )
    )
    who = f"{listed(names)} digest" if 0 < len(names) <= 2 else "Digest"
    numbers = ", ".join(_numbers(digest))
    return [f"{who}, {days}: {numbers}", f"Digest, {days}: {numbers}", f"Digest: {numbers}"]


def _numbers(digest: DigestFacts) -> list[str]:
    """``["5 designated", "1 delisted", "2 publications", "1 incident"]``."""
    numbers: Counter[str] = Counter()
    for chapter in chapters(digest.gathered):
        said, (coming, going) = groups(chapter.changes), _verbs(chapter.alert)
        numbers[coming] += len(said.added)
        numbers[going] += len(said.removed)
        numbers["amended"] += len(said.amended)
        numbers["moved or re-listed"] += len(said.moved) + len(said.renumbered)
    rest = others(digest.gathered)
    incidents = {each.alert.incident.id for each in rest if each.alert and each.alert.incident}
    releases = [each for each in rest if not (each.alert and each.alert.incident)]
    words = [f"{number:,} {verb}" for verb, number in numbers.items() if number]
    words += [counted(len(releases), "publication")] if releases else []
    return words + ([counted(len(incidents), "incident")] if incidents else [])


def _verbs(alert: Alert) -> tuple[str, str]:
    if alert.blocking:
        return "designated", "delisted"
    return f"added to {alert.feed_title}", f"removed from {alert.feed_title}"
