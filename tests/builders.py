"""Values for tests that say only what the test is about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.core.alert import Alert, DossierFacts, IncidentFacts, alert_id
from monitor.core.canonical import in_order
from monitor.core.checks import Checked
from monitor.core.classify import change_json, classify
from monitor.core.diff import Added, Amended, Change, Removed, differing_fields
from monitor.core.digest import schedule
from monitor.core.gathered import DigestFacts, Gathered, Kept, alert_of
from monitor.core.moves import Sibling
from monitor.core.telling import as_told

Document = dict[str, Any]

FIRST_SEEN = datetime(2024, 12, 16, 15, 2, 11, tzinfo=UTC)
NOT_BEFORE = datetime(2024, 12, 16, 14, 58, 3, tzinfo=UTC)


def a_party(**given: Any) -> Document:
    """A canonical document of an individual; ``name`` may be ``"LAST, First"``, a field that is None is left out."""
    document: Document = {
        "type": "individual",
        "name": {"last": "DOE", "first": "John"},
        "programs": ["DPRK4"],
        **given,
    }
    if isinstance(document["name"], str):
        last, _, first = document["name"].partition(", ")
        document["name"] = {"last": last, "first": first} if first else {"last": last}
    for field, value in document.items():
        if isinstance(value, list):
            document[field] = in_order(value)
    return {field: value for field, value in document.items() if value not in (None, [], {}, "")}


def an_identifier(type: str, number: str, **given: str) -> dict[str, str]:
    """A paper, a number or a footnote."""
    return {"type": type, "number": number, **given}


def an_added(key: str = "1", **party: Any) -> Added:
    """A party that was not there before."""
    return Added(key, a_party(**party))


def a_removed(key: str = "2", **party: Any) -> Removed:
    """A party that is there no longer."""
    return Removed(key, a_party(**party))


def an_amended(key: str = "3", *, old: Document | None = None, **new: Any) -> Amended:
    """A party of which the fields in ``new`` changed; ``old`` is the document before, a plain party if it is not said."""
    before = old if old is not None else a_party()
    after = a_party(**{**before, **new})
    return Amended(key, before, after, differing_fields(before, after))


def as_json(*changes: Change, feed: str = "ofac-sdn") -> tuple[dict[str, Any], ...]:
    """The contract's objects of some changes, sorted by key."""
    described = [change_json(feed, change, classify(change)) for change in changes]
    return tuple(sorted(described, key=lambda each: str(each["key"])))


def told(
    *changes: Change,
    feed: str = "ofac-sdn",
    blocking: bool = True,
    siblings: Sequence[Sibling] = (),
    carriers: Mapping[str, int] | None = None,
) -> tuple[dict[str, Any], ...]:
    """Some changes as people are told of them, given what else is known; a tag that is not in ``carriers`` is on no record."""
    return as_told(
        as_json(*changes, feed=feed),
        at=FIRST_SEEN,
        blocking=blocking,
        siblings=siblings,
        carriers=lambda tag: (carriers or {}).get(tag, 0),
    )


def an_alert(*changes: Change, **given: Any) -> Alert:
    """An alert about changes of the SDN list, or whatever ``given`` makes of it."""
    values: dict[str, Any] = {
        "id": alert_id("change", "ofac-sdn", "1"),
        "kind": "change",
        "feed": "ofac-sdn",
        "feed_title": "the SDN list",
        "authority": "OFAC",
        "severity": "high",
        "first_seen": FIRST_SEEN,
        "not_before": NOT_BEFORE,
        "changes": as_json(*changes),
        "snapshot_sha256": "ab" * 32,
        "published": "12/16/2024",
        "record_count": 19_391,
    }
    return Alert(**{**values, **given})


def a_release(**given: Any) -> dict[str, Any]:
    """A publication as an alert holds it."""
    return {
        "witness": "release",
        "authority": "Treasury",
        "key": "jy2751",
        "title": "Treasury Sanctions Key Facilitators",
        "url": "https://home.treasury.gov/news/press-releases/jy2751",
        "date": "2024-12-16",
        "stated": "2024-12-16T15:30:00Z",
        "action": None,
        **given,
    }


def a_case(*lines: str, **given: Any) -> DossierFacts:
    """What an alert says of a dossier: the sentences that are told, and an account of nothing but what is given."""
    account = {
        "day": "2024-12-16",
        "title": "",
        "parties": [],
        "unlisted": [],
        "releases": [],
        "actions": [],
        "change_files": [],
        "notices": [],
        "licences": [],
        "versions": [],
    }
    return DossierFacts(id="case1", lines=lines, account={**account, **given})


def an_incident(**given: Any) -> Alert:
    """An alert about our own watch; the values are those of its IncidentFacts."""
    values: dict[str, Any] = {
        "id": 7,
        "kind": "blocked",
        "subject": "ofac-sdn",
        "state": "opened",
        "summary": "the SDN list has not been readable for 40 minutes (since 14:20 UTC)",
        "detail": "The server answers 403 (blocked). What we hold is the list of 16 Dec 2024. Polling goes on.",
        "what_to_do": "See docs/operations.md#blocked",
        "since": datetime(2024, 12, 16, 14, 20, tzinfo=UTC),
        "until": None,
    }
    facts = IncidentFacts(**{**values, **given})
    return an_alert(kind="incident", incident=facts, snapshot_sha256=None, published=None)


WEEKLY = schedule("weekly tuesday 07:00")


def kept(**given: Any) -> Kept:
    """How a feed was watched: the SDN list for a week, of whose checks none failed, or whatever ``given`` makes of it.

    ``polls``, ``good`` and ``longest_gap`` are those of its checks.
    """
    polls = given.pop("polls", 10_077)
    checked = Checked(
        polls=polls,
        good=given.pop("good", polls),
        last_good_at=given.pop("last_good_at", datetime(2026, 11, 24, 6, 59, tzinfo=UTC)),
        longest_gap=given.pop("longest_gap", timedelta(minutes=2, seconds=10)),
    )
    values: dict[str, Any] = {
        "feed": "ofac-sdn",
        "title": "the SDN list",
        "authority": "OFAC",
        "checked": checked,
        "interval": timedelta(minutes=1),
        "published": "11/13/2026",
        "records": 19_391,
    }
    return Kept(**{**values, **given})


def kept_releases(**given: Any) -> Kept:
    """The same of the Treasury's releases."""
    values = {"feed": "treasury-press-releases", "title": "the Treasury's press releases"}
    stream = {"authority": "Treasury", "witness": "release", "published": None, "records": None}
    return kept(**{**values, **stream, **given})


def a_digest(*alerts: Alert, **given: Any) -> Alert:
    """A digest of some alerts for the channel ``desk``, told whole; the values are those of its DigestFacts."""
    values: dict[str, Any] = {
        "schedule": WEEKLY,
        "since": datetime(2026, 11, 17, 7, tzinfo=UTC),
        "until": datetime(2026, 11, 24, 7, tzinfo=UTC),
        "gathered": tuple(
            Gathered(
                id=alert.id,
                title=alert.id,
                severity=alert.severity,
                at=alert.first_seen,
                alert=alert,
                changes=alert.changes,
            )
            for alert in alerts
        ),
        "kept": (kept(), kept_releases(news=3)),
    }
    return alert_of("desk", DigestFacts(**{**values, **given}))


def the_action_of_december(shared_data: Path) -> Iterable[Added]:
    """The 16 additions of 16 December 2024 whose facts are at hand, as documents."""
    from feeds import by_id  # the adapter is what makes documents of the file
    from feeds.records import read_register
    from monitor.core.canonical import party_document

    path = shared_data / "seed_2024-12-16" / "sdn_added_RECONSTRUCTED.xml"
    adapter: Any = by_id("ofac-sdn")
    with path.open("rb") as file:
        for party in read_register(adapter, file):
            yield Added(party.key, party_document(party))
