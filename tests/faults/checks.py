"""What must hold when a life is over, whatever was done to it.

Nothing is asked of the product's own reckoning where it can be known from outside: what was published is known (``history``), and so
is what each receiver took. A receiver that applies what it was told to the first list must hold the list that is served.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Literal

from sqlalchemy import select

from monitor.core.canonical import COLLECTIONS, encode, in_order
from monitor.core.told_as_one import MASS_EDIT
from monitor.store.tables import ALERTS, DELIVERIES, EVENTS, SNAPSHOTS
from tests.faults.history import Version, changed
from tests.faults.life import Life
from tests.faults.receivers import Posted
from tests.faults.service import AUDITOR, OFFICER, SECRETS
from tests.mailbox import Received

Documents = dict[str, dict[str, Any]]
Kind = Literal["lost", "invented", "wrong"]

REPEAT = re.compile(r"This may be a repeat: an earlier sending of alert \w+ was not confirmed\.")
_TOKEN = re.compile(r"\b[PV]\d{6}\b")


@dataclass(frozen=True)
class Finding:
    """Something that does not hold: a change that somebody did not hear of, one that never was, or whatever else."""

    kind: Kind
    sentence: str


@dataclass
class Told:
    """What was counted on the way."""

    changes: int = 0
    alerts: int = 0
    deliveries: int = 0
    messages: int = 0
    repeats: int = 0


@dataclass(frozen=True)
class Message:
    """An alert as a program took it."""

    id: str
    body: bytes
    data: Mapping[str, Any]


def check(life: Life, verified: str | None) -> tuple[list[Finding], Told]:
    """Everything that does not hold. ``verified`` is what ``verify`` complained of, None when it was content."""
    told = Told()
    findings = [Finding("wrong", sentence) for sentence in life.complaints]
    if verified is not None:
        findings.append(Finding("wrong", f"verify: {verified}"))
    record = _Record(life)
    told.alerts, told.deliveries = len(record.order), len(record.deliveries)
    told.changes = record.changes_told
    programs = {
        "everything": [Message(each.id, each.body, each.data) for each in _taken(life.hook.posted)],
        "people": [Message(each.id, each.body, each.data) for each in _taken(life.other.posted)],
        "file": list(_lines(life.installation.received_lines())),
    }
    for name, messages in programs.items():
        told.messages += len(messages)
        told.repeats += len(messages) - len({each.id for each in messages})
        findings += _program(life, record, name, messages)
    for posts, name in ((life.hook.posted, "everything"), (life.other.posted, "people")):
        findings += _requests(posts, name)
    findings += _file_ids(life)
    for recipient in (OFFICER, AUDITOR):
        mails = [each for each in life.post.messages if each.recipients == [recipient]]
        told.messages += len(mails)
        told.repeats += len(mails) - len({each.mail["Message-ID"] for each in mails})
        findings += _reader(life, record, recipient, mails)
    findings += _incidents(life, record)
    findings += _receipts(life, record)
    findings += _deaths(life)
    findings += _log(life)
    return findings, told


# --- what is on record ------------------------------------------------------------------------------------------------


class _Record:
    """The order of events, which no clock tells here, and what was promised to whom."""

    def __init__(self, life: Life) -> None:
        its = life.installation
        alerts = its.rows(select(ALERTS).order_by(ALERTS.c.event_id))
        self.order = {row.id: row.event_id for row in alerts}
        snapshots = {row.id: row for row in its.rows(select(SNAPSHOTS))}
        self.snapshot_of = {
            row.id: snapshots[row.snapshot_id].sha256 for row in alerts if row.snapshot_id
        }
        accepted = its.rows(
            select(EVENTS.c.kind, EVENTS.c.payload)
            .where(
                EVENTS.c.feed == "ofac-sdn",
                EVENTS.c.kind.in_(("snapshot.baseline", "snapshot.accepted")),
            )
            .order_by(EVENTS.c.id)
        )
        self.accepted = [_sha256_in(row.payload) for row in accepted]
        self.deliveries = its.rows(select(DELIVERIES).order_by(DELIVERIES.c.id))
        self.changes_told = sum(
            row.added + row.removed + row.amended
            for row in snapshots.values()
            if row.state == "accepted" and row.id in {each.snapshot_id for each in alerts}
        )
        self.promised: dict[str, set[str]] = defaultdict(set)
        self.wire: dict[tuple[str, str], str] = {}
        for row in self.deliveries:
            self.promised[f"{row.channel} {row.recipient}".strip()].add(row.alert_id)
            self.wire[row.channel, row.alert_id] = row.wire or ""


def _sha256_in(payload: str) -> str:
    found = re.search(r'"sha256":"([0-9a-f]{64})"', payload)
    return found[1] if found else ""


# --- programs: what they were told, applied ---------------------------------------------------------------------------


def _program(
    life: Life, record: _Record, name: str, messages: Sequence[Message]
) -> Iterator[Finding]:
    """One receiver that reads the changes themselves."""
    first: dict[str, Message] = {}
    for message in messages:
        earlier = first.setdefault(message.id, message)
        if message.body != earlier.body:
            yield Finding("wrong", f"{name}: a repeat of {message.id} is another message")
        if message.id not in record.promised[name]:
            yield Finding("invented", f"{name}: {message.id} was never promised to it")
    for id in record.promised[name] - first.keys():
        yield Finding("lost", f"{name}: alert {id} never came")
    ordered = sorted(first.values(), key=lambda each: record.order.get(each.id, 0))
    people_only = name == "people"
    yield from _applied(life, record, name, ordered, people_only=people_only)
    yield from _releases(life, name, ordered, expected=not people_only)


def _applied(
    life: Life, record: _Record, name: str, ordered: Sequence[Message], *, people_only: bool
) -> Iterator[Finding]:
    versions = life.sources.history.by_sha256()
    if not record.accepted:
        yield Finding("lost", "no list was ever read")
        return
    state = in_canonical_order(versions[record.accepted[0]].documents(people_only=people_only))
    seen: set[str] = set()
    for message in ordered:
        if message.data["kind"] != "change":
            continue
        sha256 = message.data["evidence"]["snapshot"]
        if sha256 not in versions:
            yield Finding("invented", f"{name}: {message.id} tells of a list that was never served")
            continue
        if sha256 in seen:
            yield Finding(
                "wrong", f"{name}: one version is told under two ids, {message.id} is one"
            )
        seen.add(sha256)
        yield from (
            Finding("invented", f"{name}: {message.id}: {sentence}")
            for sentence in apply(state, message.data["changes"])
        )
        expected = in_canonical_order(versions[sha256].documents(people_only=people_only))
        yield from _differences(f"{name}: after {message.id}", state, expected)
        state = expected  # what is wrong is told once, not with every later alert again
    newest = in_canonical_order(life.sources.history.newest.documents(people_only=people_only))
    yield from _differences(f"{name}: at the end", state, newest)


def apply(state: Documents, changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Apply the contract's changes to ``state``; each that was not made from it is a sentence."""
    for change in changes:
        key = change["key"]
        if change["kind"] == "added":
            if key in state:
                yield f"{key} is added, and was there"
            state[key] = change["party"]
        elif key not in state:
            yield f"{key} is {change['kind']}, and was not there"
        elif change["kind"] == "removed":
            if state.pop(key) != change["party"]:
                yield f"{key} is removed as it was not"
        else:
            yield from _amend(state, key, change["fields"])


def _amend(state: Documents, key: str, fields: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    document = dict(state[key])
    for each in fields:
        name = each["field"]
        held = document.pop(name, [])
        values = list(held) if name in COLLECTIONS else [held] if held else []
        for value in each["before"]:
            if value not in values:
                yield f"{key}: {name} loses {value!r}, which it had not"
            else:
                values.remove(value)
        values += each["after"]
        if values:
            document[name] = in_order(values) if name in COLLECTIONS else values[0]
    state[key] = document


def in_canonical_order(documents: Mapping[str, dict[str, Any]]) -> Documents:
    """Collections are multisets: they are compared in one fixed order."""
    return {
        key: {
            name: in_order(value) if name in COLLECTIONS else value
            for name, value in document.items()
        }
        for key, document in documents.items()
    }


def _differences(where: str, state: Documents, expected: Documents) -> Iterator[Finding]:
    for key in sorted(changed(state, expected)):
        kind: Kind = "lost" if key in expected else "invented"
        yield Finding(
            kind,
            f"{where}: {key} is {encode(state.get(key)).decode()} to it, "
            f"and {encode(expected.get(key)).decode()} on the list",
        )


def _releases(
    life: Life, name: str, ordered: Sequence[Message], *, expected: bool
) -> Iterator[Finding]:
    told = Counter(
        publication["key"]
        for message in ordered
        if message.data["kind"] in ("publication", "dossier")
        for publication in message.data["publications"]
    )
    published = {id for id, _ in life.sources.releases} - life.baseline
    for id in sorted(told.keys() - (published if expected else set())):
        yield Finding("invented", f"{name}: is told of the release {id}")
    for id in sorted(published - told.keys() if expected else ()):
        yield Finding("lost", f"{name}: is never told of the release {id}")


# --- ids --------------------------------------------------------------------------------------------------------------


def _taken(posted: Iterable[Posted]) -> Iterator[Posted]:
    return (each for each in posted if each.taken)


def _requests(posted: Sequence[Posted], name: str) -> Iterator[Finding]:
    """Also of what was not taken: under one id comes one body, and each is signed."""
    bodies: dict[str, bytes] = {}
    for each in posted:
        if not each.is_signed:
            yield Finding("wrong", f"{name}: {each.id} has no signature of ours")
        if bodies.setdefault(each.id, each.body) != each.body:
            yield Finding("wrong", f"{name}: {each.id} came with two bodies")
        if each.data["alert"] != each.id:
            yield Finding("wrong", f"{name}: {each.id} holds the alert {each.data['alert']}")


def _lines(lines: Iterable[dict[str, Any]]) -> Iterator[Message]:
    """The file's messages; what says that it may be a repeat is no part of one."""
    for line in lines:
        event = {name: value for name, value in line.items() if name != "mayberepeat"}
        yield Message(event["id"], encode(event), event["data"])


def _file_ids(life: Life) -> Iterator[Finding]:
    for line in life.installation.received_lines():
        if line["id"] != line["data"]["alert"]:
            yield Finding("wrong", f"file: {line['id']} holds the alert {line['data']['alert']}")


# --- readers: what a mail says ----------------------------------------------------------------------------------------


def _reader(
    life: Life, record: _Record, recipient: str, mails: Sequence[Received]
) -> Iterator[Finding]:
    """One recipient of mail: every repeat has its first id and says so, and what changed can be read."""
    name = f"officers {recipient}"
    by_id: dict[str, EmailMessage] = {}
    by_alert: dict[str, dict[str, str]] = defaultdict(dict)
    for each in mails:
        mail = each.mail
        id, alert, text = mail["Message-ID"], str(mail["X-Alert-Id"]), _text(each)
        first = by_id.setdefault(id, mail)
        if (first["Subject"], first["To"]) != (mail["Subject"], mail["To"]):
            yield Finding("wrong", f"{name}: a repeat of {id} is another message")
        if by_alert[alert].setdefault(id, text) != text:
            yield Finding("wrong", f"{name}: a repeat of {id} has another text")
        if alert not in record.promised[name]:
            yield Finding("invented", f"{name}: {alert} was never promised")
    for alert in record.promised[name] - by_alert.keys():
        yield Finding("lost", f"{name}: alert {alert} never came")
    parts = Counter(
        row.alert_id
        for row in record.deliveries
        if (row.channel, row.recipient) == ("officers", recipient)
    )
    for alert, texts in by_alert.items():
        if len(texts) != parts[alert]:
            yield Finding(
                "wrong", f"{name}: {alert} came under {len(texts)} ids, not {parts[alert]}"
            )
    texts = {alert: "\n".join(theirs.values()) for alert, theirs in by_alert.items()}
    yield from _read(life, record, name, texts)


def _text(mail: Received) -> str:
    """The text without the note that it may be a repeat, however its lines are broken, and the tables that are attached."""
    tables = [
        part.get_payload(decode=True) or b""
        for part in mail.mail.iter_attachments()
        if part.get_content_type() == "text/csv"
    ]
    text = REPEAT.sub("", " ".join(mail.part("plain").split())).strip()
    return "\n".join([text, *(bytes(table).decode("utf-8") for table in tables)])


def _read(life: Life, record: _Record, name: str, texts: Mapping[str, str]) -> Iterator[Finding]:
    """Between one version that was told and the next, every party that changed is named, with what it has now."""
    versions = life.sources.history.by_sha256()
    if not record.accepted:
        return
    before = versions[record.accepted[0]]
    for alert in sorted(record.snapshot_of, key=record.order.__getitem__):
        after = versions[record.snapshot_of[alert]]
        words = frozenset(_TOKEN.findall(texts.get(alert, "")))
        must, may = _tokens(before, after)
        for token in sorted(must - words):
            yield Finding("lost", f"{name}: the mail of {alert} does not say {token}")
        for token in sorted(words - may):
            yield Finding("invented", f"{name}: the mail of {alert} says {token}")
        before = after
    if before is not life.sources.history.newest and set(
        changed(before.documents(), life.sources.history.newest.documents())
    ):
        yield Finding("lost", f"{name}: the newest version was not told")


def _tokens(before: Version, after: Version) -> tuple[frozenset[str], frozenset[str]]:
    """What a mail about the step from the one to the other must say, and what it may."""
    must: set[str] = set()
    may: set[str] = set()
    olds, news = before.documents(), after.documents()
    keys = list(changed(olds, news))
    edits = {key: _edit(olds[key], news[key]) for key in keys if key in olds and key in news}
    alike = Counter(edits.values())
    for key in keys:
        old, new = before.parties.get(int(key)), after.parties.get(int(key))
        tokens = [each.tokens if each else frozenset() for each in (old, new)]
        may |= tokens[0] | tokens[1]
        if key in edits and alike[edits[key]] >= MASS_EDIT:
            continue  # so many alike are told in one line
        if party := new or old:
            must.add(party.name)
        if key in edits:
            must |= tokens[1] - tokens[0]
    return frozenset(must), frozenset(may)


def _edit(old: Mapping[str, Any], new: Mapping[str, Any]) -> bytes:
    """What left and what came, field by field."""
    return encode(
        [
            [name, _without(old.get(name), new.get(name)), _without(new.get(name), old.get(name))]
            for name in sorted(changed(old, new))
        ]
    )


def _without(values: Any, others: Any) -> list[Any]:
    some, rest = (
        each if isinstance(each, list) else [each] if each else [] for each in (values, others)
    )
    return [value for value in some if value not in rest]


# --- incidents, receipts, deaths, and the log ------------------------------------------------------------------------------------


def _incidents(life: Life, record: _Record) -> Iterator[Finding]:
    """Whatever is said of an incident is promised to everybody, as the routes want it."""
    made = {event: alert for alert, event in record.order.items()}
    statement = select(EVENTS.c.id, EVENTS.c.kind, EVENTS.c.subject)
    for row in life.installation.rows(statement.where(EVENTS.c.kind.like("incident.%"))):
        alert = made.get(row.id)
        for name, promised in record.promised.items():
            if alert is None or alert not in promised:
                yield Finding("lost", f"{name}: {row.kind} of {row.subject} is not promised to it")


def _receipts(life: Life, record: _Record) -> Iterator[Finding]:
    """At the end everything that was promised is accepted, and whoever accepted it had taken it."""
    took: dict[str, set[str]] = {
        "everything": {each.id for each in _taken(life.hook.posted)},
        "people": {each.id for each in _taken(life.other.posted)},
        "file": {line["id"] for line in life.installation.received_lines()},
        "officers": set(),
    }
    mailed = {(each.recipients[0], str(each.mail["X-Alert-Id"])) for each in life.post.messages}
    for row in record.deliveries:
        what = f"delivery {row.id} of {row.alert_id} to {row.channel} {row.recipient}"
        if row.state != "accepted":
            yield Finding("lost", f"{what} is {row.state}")
        elif row.alert_id not in took[row.channel] and (row.recipient, row.alert_id) not in mailed:
            yield Finding("lost", f"{what} has a receipt, and never came")


def _deaths(life: Life) -> Iterator[Finding]:
    """No delivery died without an incident about its channel being open; it is told like any alert."""
    open_about: set[str] = set()
    statement = select(EVENTS).where(
        EVENTS.c.kind.in_(("incident.opened", "incident.closed", "delivery.dead"))
    )
    for row in life.installation.rows(statement.order_by(EVENTS.c.id)):
        channel = re.search(r'"channel":"([^"]*)"', row.payload)
        if row.kind == "delivery.dead":
            if channel and channel[1] not in open_about:
                yield Finding("wrong", f"a delivery to {channel[1]} died, and nobody was told")
        elif '"kind":"delivery_dead"' in row.payload:
            (open_about.add if row.kind == "incident.opened" else open_about.discard)(row.subject)


_KNOWN = re.compile(
    r"^(sqlalchemy\.exc\.(OperationalError|InterfaceError|InternalError|PendingRollbackError|"
    r"DBAPIError|InvalidatePoolError)|sqlite3\.OperationalError|psycopg\.(errors\.\w+|\w+Error)|"
    r"OSError: \[Errno 28\])"
)


def _log(life: Life) -> Iterator[Finding]:
    """No secret in it; and no traceback, except of a database or a disk in a life in which that was the trouble."""
    text = life.installation.log.read_text("utf-8", "replace")
    yield from (Finding("wrong", "the log holds a secret") for secret in SECRETS if secret in text)
    is_troubled = any(step.machine for step in life.script.steps)
    for last in _ends_of_tracebacks(text):
        if not (is_troubled and _KNOWN.match(last)):
            yield Finding("wrong", f"a traceback in the log: {last[:200]}")


def _ends_of_tracebacks(text: str) -> Iterator[str]:
    """The line that names the error, of each traceback."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.lstrip().startswith("Traceback (most recent call last)"):
            rest = (
                each
                for each in lines[number + 1 :]
                if each and not each.startswith((" ", "|", "+"))
            )
            yield next(rest, "(cut off)")
