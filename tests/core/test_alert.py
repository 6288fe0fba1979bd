"""An alert's id and address."""

import re

from monitor.core.alert import alert_id, permalink


def test_an_id_is_the_same_whenever_the_alert_is_made_again() -> None:
    assert alert_id("change", "ofac-sdn", "7") == alert_id("change", "ofac-sdn", "7")
    assert re.fullmatch(r"[a-z2-7]{26}", alert_id("change", "ofac-sdn", "7"))


def test_ids_of_different_things_differ_wherever_the_words_are_divided() -> None:
    ids = {
        alert_id("change", "ofac-sdn", "7"),
        alert_id("incident", "ofac-sdn", "7"),
        alert_id("change", "ofac-sdn", "8"),
        alert_id("change", "ofac-sdn7"),
        alert_id("change", "ofac-sdn", "7", ""),
    }

    assert len(ids) == 5


def test_the_address_of_an_alert_stands_under_the_public_one() -> None:
    assert permalink("https://m.example/", "abc") == "https://m.example/alerts/abc"
