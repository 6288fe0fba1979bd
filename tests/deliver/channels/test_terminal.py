import io

from monitor.core.outcome import Accepted, Failed
from monitor.deliver.channels import terminal_channel
from tests.deliver.fakes import an_outgoing


async def test_an_alert_is_written_out_whole_with_its_subject_once() -> None:
    stream = io.StringIO()

    outcome = await terminal_channel(stream).send(an_outgoing())

    assert isinstance(outcome, Accepted)
    assert stream.getvalue() == "\nOFAC: 16 designated\n\nIndividuals: CHOE, Chol Ryong\n"


async def test_a_subject_that_the_text_does_not_begin_with_stands_above_it() -> None:
    stream = io.StringIO()

    await terminal_channel(stream).send(an_outgoing(subject="Watch", text="All is well."))

    assert stream.getvalue() == "\nWatch\n\nAll is well.\n"


async def test_a_closed_terminal_is_a_failure_that_is_tried_again() -> None:
    stream = io.StringIO()
    stream.close()

    outcome = await terminal_channel(stream).send(an_outgoing())

    assert isinstance(outcome, Failed)
    assert not outcome.permanent
