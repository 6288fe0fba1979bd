"""How the watch was kept, in words: what stands in a digest in which there is nothing else, and below one in which there is.

The absence of news is said only together with the checks that it rests on, and never where the watch had gaps.
"""

from collections.abc import Sequence
from datetime import timedelta, tzinfo

from monitor.core.digest import days_in_words
from monitor.core.gathered import DigestFacts, Kept, Trouble
from monitor.core.words import counted, joined, listed, moment_words, plural, span_words, stated_day

_NOUNS = {"release": "release", "action": "action page", "change_file": "change file"}
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def quiet_headings(digest: DigestFacts) -> list[str]:
    """The wordings of the subject of a digest for which nothing was gathered, the fullest first."""
    days = days_in_words(digest.since, digest.until, digest.schedule.zone_info)
    if not digest.kept:
        return [f"Watch: nothing of this digest was watched, {days}", "Watch: nothing was watched"]
    lists = [each for each in digest.kept if each.is_list]
    who = f"{authorities(lists or digest.kept)}:"
    if digest.is_of_incidents:
        who, what = "Watch:", "no incidents"
    elif any(each.news for each in lists) or any(each.about_sanctions for each in digest.kept):
        what = "nothing for this digest"
    else:
        what = "no changes" if lists else "no releases about sanctions"
    if digest.is_kept:
        return [f"{who} {what}, {days}", f"{who} {what}"]
    return [
        f"{who} the watch was not kept throughout, {days}: {what} that we know of",
        f"{who} the watch was not kept throughout, {days}",
        f"{who} watch not kept throughout",
    ]


def quiet_lines(digest: DigestFacts, zone: tzinfo) -> list[str]:
    """What a digest says for which nothing was gathered."""
    changes = sum(each.news for each in digest.kept if each.is_list)
    lines = [
        digest.because,
        *watch_lines(digest),
        f"{counted(changes, 'change')} of {listed([each.title for each in digest.kept if each.is_list and each.news])}"
        f" {'was' if changes == 1 else 'were'} seen, and {'is' if changes == 1 else 'are'} not for this digest."
        if changes
        else "",
        *gaps(digest, zone),
        *troubles(digest.troubles, zone),
        period(digest, zone),
    ]
    return [line for line in lines if line]


def period(digest: DigestFacts, zone: tzinfo) -> str:
    """``From 17 Nov 2026 12:00 UTC (07:00 EST) to …``: exactly what a digest is about."""
    return f"From {moment_words(digest.since, zone)} to {moment_words(digest.until, zone)}."


def watch_lines(digest: DigestFacts) -> list[str]:
    """``10,077 checks, the longest gap 2 minutes 10 seconds; list of 13 Nov 2026, 19,391 parties; 3 Treasury releases, none …``."""
    lists = [each for each in digest.kept if each.is_list]
    streams = [each for each in digest.kept if not each.is_list]
    if len(lists) == 1 and all(each.is_whole and not each.checked.failed for each in streams):
        (only,) = lists
        return [f"{joined([checks(only), held(only), *map(brought, streams)], '; ')}."]
    return [
        f"{each.title[:1].upper()}{each.title[1:]}: "
        f"{joined([checks(each), held(each) if each.is_list else brought(each)], '; ')}."
        for each in (*lists, *streams)
    ]


def checks(kept: Kept) -> str:
    """``10,077 checks, 3 of them failed, the longest gap 2 minutes 10 seconds``."""
    checked = kept.checked
    if not checked.polls:
        return "not checked at all"
    failed = f", {checked.failed:,} of them failed" if checked.failed else ""
    return f"{counted(checked.polls, 'check')}{failed}, the longest gap {gap_words(checked.longest_gap)}"


def held(kept: Kept) -> str:
    """``list of 13 Nov 2026, 19,391 parties``."""
    if kept.records is None:
        return "no list is in force"
    day = stated_day(kept.published or "", american=kept.authority == "OFAC")
    return f"list{f' of {day}' if day else ''}, {counted(kept.records, 'party')}"


def brought(kept: Kept) -> str:
    """``3 Treasury releases, none about sanctions``."""
    noun = f"{kept.authority} {_NOUNS.get(kept.witness, 'notice')}".strip()
    words = counted(kept.news, noun) if kept.news else f"no {plural(noun)}"
    if kept.witness != "release" or not kept.news:
        return words
    about = {0: "none ", kept.news: "" if kept.news == 1 else "all "}
    return f"{words}, {about.get(kept.about_sanctions, f'{kept.about_sanctions:,} of them ')}about sanctions"


def gaps(digest: DigestFacts, zone: tzinfo) -> list[str]:
    """Which feeds were not watched throughout, and what follows."""
    lines = []
    for kept in digest.kept:
        if kept.is_whole:
            continue
        last = kept.checked.last_good_at
        is_over = last is not None and digest.until - last < kept.checked.longest_gap
        when = f", {moment_words(last, zone)} was the last time" if last and not is_over else ""
        lines.append(
            f"Not kept throughout: {kept.title} was not read for {gap_words(kept.checked.longest_gap)}{when}. "
            + (
                "What was published meanwhile was seen when it was read again."
                if is_over
                else "What was published since is not known to us yet."
            )
        )
    return lines


def troubles(found: Sequence[Trouble], zone: tzinfo) -> list[str]:
    """The incidents of the period, those that are open first."""
    return [
        f"Open since {moment_words(each.since, zone)}: {each.summary}."
        for each in found
        if each.until is None
    ] + [
        f"Over since {moment_words(each.until, zone)}: {each.summary}."
        for each in found
        if each.until is not None
    ]


def authorities(kept: Sequence[Kept]) -> str:
    """``OFAC``; ``OFAC and Treasury``."""
    return listed(list(dict.fromkeys(each.authority for each in kept)))


def gap_words(span: timedelta) -> str:
    """``2 minutes 10 seconds``: below an hour, to the second."""
    if not _MINUTE <= span < _HOUR:
        return span_words(span)
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    rest = f" {counted(seconds, 'second')}" if seconds else ""
    return f"{counted(minutes, 'minute')}{rest}"
