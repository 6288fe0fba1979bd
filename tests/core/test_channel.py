"""What is promised to somebody is hashed whole."""

import hashlib

from monitor.core.channel import digest_of_message


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_text_and_an_event_are_hashed_as_they_are() -> None:
    assert digest_of_message("text", None) == sha256("text")
    assert digest_of_message("subject", '{"specversion":"1.0"}') == sha256('{"specversion":"1.0"}')


def test_of_a_mail_with_a_table_both_are_hashed() -> None:
    table = "\ufeffchange,number\r\n"
    whole = digest_of_message("text", table)

    assert whole != digest_of_message("another text", table)
    assert whole != digest_of_message("text", table + "added,1\r\n")
