import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from email.header import decode_header, make_header
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from monitor.alerting.writer import Writer, put_on_record
from monitor.core.alert import Alert
from monitor.core.outcome import Accepted, Failed
from monitor.core.route import everything
from monitor.deliver.channels import UnusableChannel, build_channel
from monitor.deliver.channels.envelope import Sender, build_mail
from monitor.deliver.channels.mail import MailChannel
from monitor.deliver.dispatcher import Dispatcher
from monitor.store import events
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from tests.builders import an_added, an_alert
from tests.deliver.fakes import NOW, FakeClock, an_outgoing
from tests.mailbox import Mailbox, Received

DESK = "desk@example.org"
HTML = "<html><body><p>16 designated</p></body></html>"


async def sent(mailbox: Mailbox, **given: Any) -> Accepted | Failed:
    channel = MailChannel("officers", mailbox.url(DESK), timeout=timedelta(seconds=0.5))
    return await channel.send(an_outgoing(**{"recipient": DESK, "html": HTML, **given}))


async def received(**given: Any) -> Received:
    async with Mailbox() as mailbox:
        outcome = await sent(mailbox, **given)
    assert isinstance(outcome, Accepted)
    return mailbox.messages[0]


async def test_text_and_html_both_arrive_as_they_were_written() -> None:
    text = "OFAC: 1 amended\n\n+ a.k.a. \"CH'OE, Ch'ŏl-ryong\" · 최철룡\n" + "x" * 1200 + "\n.\n"

    message = await received(text=text)

    assert message.mail.get_content_type() == "multipart/alternative"
    assert message.part("plain") == text
    assert message.part("html").strip() == HTML


async def test_a_message_without_html_is_plain_text() -> None:
    assert (await received(html=None)).mail.get_content_type() == "text/plain"


async def test_the_headers_say_who_what_when_and_which_alert() -> None:
    message = await received(subject="OFAC: 1 désigné\nand more")

    mail = message.mail
    assert mail["From"] == "Sanctions Monitor <watch@example.org>"
    assert mail["To"] == DESK
    assert mail["Subject"] == "OFAC: 1 désigné and more"
    assert mail["Date"] == format_datetime(NOW)
    assert mail["X-Alert-Id"] == an_outgoing().alert_id
    assert mail["List-Id"] == '"Sanctions Monitor" <sanctions-monitor.example.org>'
    assert mail["Auto-Submitted"] == "auto-generated"
    assert message.sender == "watch@example.org"


async def test_a_repeat_carries_the_same_message_id_and_says_that_it_may_be_one() -> None:
    first = await received()
    repeat = await received(attempt=2, may_be_repeat=True)

    assert repeat.mail["Message-ID"] == first.mail["Message-ID"]
    assert repeat.mail["Message-ID"].endswith("@example.org>")
    assert len(repeat.mail.get_all("Message-ID", [])) == 1
    for subtype in ("plain", "html"):
        assert "may be a repeat" in repeat.part(subtype)
        assert "may be a repeat" not in first.part(subtype)


async def test_message_ids_differ_by_alert_recipient_and_part() -> None:
    messages = [
        await received(),
        await received(alert_id="another"),
        await received(recipient="other@example.org"),
        await received(part=2, parts=2),
    ]

    assert len({message.mail["Message-ID"] for message in messages}) == 4


async def test_alerts_of_one_thread_refer_to_the_same_root() -> None:
    first = await received(thread="dossier-7", alert_id="a")
    second = await received(thread="dossier-7", alert_id="b")

    assert first.mail["References"] == second.mail["References"]
    assert first.mail["References"].startswith("<thread.")
    assert (await received()).mail["References"] is None


async def test_a_later_part_refers_to_the_first() -> None:
    first = await received(part=1, parts=2)
    second = await received(part=2, parts=2)

    assert second.mail["In-Reply-To"] == first.mail["Message-ID"]


async def test_the_receipt_is_what_the_server_said() -> None:
    async with Mailbox() as mailbox:
        outcome = await sent(mailbox)

    assert outcome == Accepted("250 2.0.0 queued as 4711")


async def test_a_refused_recipient_is_permanent_and_the_others_get_theirs() -> None:
    async with Mailbox() as mailbox:
        mailbox.refuse_recipient(DESK, "550 5.1.1 no such user")
        refused = await sent(mailbox)
        other = await sent(mailbox, recipient="other@example.org")

    assert refused == Failed("the recipient was refused: 550 5.1.1 no such user", permanent=True)
    assert isinstance(other, Accepted)
    assert [message.recipients for message in mailbox.messages] == [["other@example.org"]]


async def test_a_recipient_who_is_greylisted_is_tried_again() -> None:
    async with Mailbox() as mailbox:
        mailbox.refuse_recipient(DESK, "450 4.2.0 greylisted")
        outcome = await sent(mailbox)

    assert outcome == Failed("the recipient was refused: 450 4.2.0 greylisted")


@pytest.mark.parametrize(
    ("answer", "permanent"), [("451 4.3.0 try later", False), ("554 5.7.1 spam", True)]
)
async def test_the_servers_answer_to_the_message_decides(answer: str, permanent: bool) -> None:
    async with Mailbox() as mailbox:
        mailbox.answers.append(answer)
        outcome = await sent(mailbox)

    assert outcome == Failed(f"the message was refused: {answer}", permanent=permanent)


async def test_silence_after_the_message_leaves_the_outcome_unknown() -> None:
    async with Mailbox() as mailbox:
        mailbox.hang_at = "DATA"
        outcome = await sent(mailbox)

    assert isinstance(outcome, Failed)
    assert (outcome.permanent, outcome.unknown) == (False, True)
    assert len(mailbox.messages) == 1


async def test_silence_before_the_message_means_that_nothing_was_sent() -> None:
    async with Mailbox() as mailbox:
        mailbox.hang_at = "RCPT"
        outcome = await sent(mailbox)

    assert outcome == Failed("the mail server cannot be used (time-out)")


async def test_a_server_that_is_down_is_tried_again() -> None:
    async with Mailbox() as mailbox:
        pass
    outcome = await sent(mailbox)

    assert outcome == Failed("the mail server cannot be used (no connection)")


async def test_a_secure_url_never_sends_in_the_clear() -> None:
    async with Mailbox() as mailbox:
        url = mailbox.url(DESK).replace("mailto://", "mailtos://")
        outcome = await MailChannel("officers", url).send(an_outgoing(recipient=DESK))

    assert outcome == Failed("the mail server cannot be used (no STARTTLS)")
    assert mailbox.messages == []


async def test_the_login_of_the_url_is_used_and_a_wrong_one_is_reported_without_it() -> None:
    async with Mailbox(passwords={"watch": "corr3ct-horse"}) as mailbox:
        address = f"127.0.0.1:{mailbox.port}?from=watch@example.org&to={DESK}"
        right = MailChannel("officers", f"mailto://watch:corr3ct-horse@{address}")
        wrong = MailChannel("officers", f"mailto://watch:wr0ng-horse@{address}")
        accepted = await right.send(an_outgoing(recipient=DESK))
        refused = await wrong.send(an_outgoing(recipient=DESK))

    assert isinstance(accepted, Accepted)
    assert mailbox.messages[0].login == "watch"
    assert isinstance(refused, Failed)
    assert refused.permanent
    assert "wr0ng-horse" not in refused.detail


def test_everyone_whom_the_url_names_gets_a_delivery_of_their_own() -> None:
    channel = build_channel(
        "officers",
        url="mailtos://me:pw@mail.example.org?to=a@x.org,b@y.org&cc=c@z.org&bcc=d@z.org,a@x.org",
    )

    assert channel.profile.recipients == ("a@x.org", "b@y.org", "c@z.org", "d@z.org")
    assert channel.profile.format == "html"


def test_a_recipient_that_is_no_address_is_refused_and_not_dropped() -> None:
    with pytest.raises(UnusableChannel) as refused:
        build_channel("officers", url="mailto://127.0.0.1?from=me@x.org&to=a@x.org,nobody")

    assert "recipient" in str(refused.value)


async def test_a_url_may_add_headers_but_not_replace_the_ones_that_identify() -> None:
    async with Mailbox() as mailbox:
        url = mailbox.url(DESK, parameters="&%2BX-Team=watch&%2BMessage-ID=%3Cx%40y%3E")
        await MailChannel("officers", url).send(an_outgoing(recipient=DESK))

    mail = mailbox.messages[0].mail
    assert mail["X-Team"] == "watch"
    assert mail.get_all("Message-ID") != ["<x@y>"]
    assert len(mail.get_all("Message-ID", [])) == 1


SUBJECTS = [
    "OFAC: 1 amended",
    "OFAC: 19 designated (11 individuals, 8 entities), North Korea and Russia, moved from a list, x",
    "OFAC: 1 designated. " + "LIMITED LIABILITY COMPANY " * 12 + "was added to the SDN list",
    "X" * 300,
    "OFAC: 1 désigné",
    "최철룡 리창호 " * 20 + "끝",
    "OFAC: 1 amended. CH’OE, Ch’ŏl-ryong (uid 48220): 1 alias added, and a_b=c?d under_scores " * 3
    + "😀",
]


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_subject_is_read_back_as_it_was_written_by_old_parsers_and_new_ones(
    subject: str,
) -> None:
    raw = build_mail(
        an_outgoing(recipient=DESK, subject=subject), Sender("watch@example.org")
    ).as_bytes()

    old = email.message_from_bytes(raw)["Subject"]
    new = email.message_from_bytes(raw, policy=email.policy.default)["Subject"]
    assert str(make_header(decode_header(old))) == subject
    assert new == subject
    assert all(len(line) <= 78 for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n"))
    assert "\n" not in (old if len(subject) < 60 and subject.isascii() else "")


async def test_a_name_cannot_smuggle_an_encoded_word_into_a_subject() -> None:
    message = await received(subject="OFAC: =?utf-8?q?evil?=")

    assert "evil?=" in message.mail["Subject"]


async def test_a_table_is_attached_as_it_was_written_beside_text_and_html() -> None:
    table = '\ufeffchange,name\r\nadded,"CH’OE, Ch’ŏl-ryong"\r\n'

    message = await received(wire=table)

    assert message.mail.get_content_type() == "multipart/mixed"
    (attached,) = message.mail.iter_attachments()
    assert attached.get_filename() == "changes.csv"
    assert attached.get_content_type() == "text/csv"
    assert attached.get_payload(decode=True) == table.encode()
    assert message.part("html").strip() == HTML


async def test_an_event_for_programs_is_attached_to_no_mail() -> None:
    assert not list((await received()).mail.iter_attachments())


async def test_a_repeat_with_a_table_is_the_same_but_for_its_note() -> None:
    def mail(**given: Any) -> bytes:
        outgoing = an_outgoing(recipient=DESK, html=HTML, wire="\ufeffa,b\r\n", **given)
        return re.sub(
            rb"={15}\d+==", b"-", build_mail(outgoing, Sender("w@example.org")).as_bytes()
        )

    assert mail() == mail(attempt=2)
    assert mail() != mail(attempt=2, may_be_repeat=True)


async def test_an_alert_of_two_threads_refers_to_the_roots_of_both() -> None:
    both = await received(thread="dossier-7 dossier-8", alert_id="a")
    second = await received(thread="dossier-8", alert_id="b")

    assert second.mail["References"] in both.mail["References"].split()
    assert len(both.mail["References"].split()) == 2


async def test_the_thread_that_a_delivery_was_stored_with_is_that_of_its_mail(
    database: Database,
) -> None:
    """From the alert over its row to the header: a case's first mail and its next stand in one conversation."""
    async with Mailbox() as mailbox:
        channel = MailChannel("officers", mailbox.url(DESK))
        for key in ("a", "b"):
            promise(database, an_alert(an_added(key), id=f"alert-{key}", thread="case-7"), channel)
        dispatcher = Dispatcher(
            database, [channel], clock=FakeClock(), random=Random(1), worker_id="here"
        )
        await dispatcher.turn()

    first, second = (message.mail for message in mailbox.messages)
    assert first["References"] == second["References"]
    assert first["References"].startswith("<thread.")
    assert first["Message-ID"] != second["Message-ID"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path / 'monitor.db'}")
    upgrade(database)
    yield database
    database.close()


def promise(database: Database, alert: Alert, channel: MailChannel) -> None:
    writer = Writer([channel.profile], public_url="https://x.example", zone=UTC)
    written, promises = writer.write(alert, [everything(alert, "officers")])
    with database.write() as connection:
        number = events.append(
            connection, kind="snapshot.accepted", at=NOW, feed="ofac-sdn", subject="1", payload={}
        )
        put_on_record(connection, written, promises, event=number, at=NOW)
