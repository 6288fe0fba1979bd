"""Every real release goes through, whatever it is about."""

from pathlib import Path

from monitor.core.releases import (
    Party,
    classify_release,
    compare,
    counts_in,
    find_mentions,
    sentence_around,
)
from tests.core.releases.real import releases

# One party each of four of them.
PARTIES = [
    Party("1", "entity", {"last": "GOLDEN TRIANGLE BANK"}),
    Party("2", "individual", {"last": "KRASNOV", "first": "Nikita Vladimirovich"}),
    Party("3", "vessel", {"last": "JAYA"}),
    Party("4", "entity", {"last": "GREEN ALPINE TRADING, LLC"}),
]
NAMED = {"jy2734": {"3"}, "jy2735": {"2"}, "jy2751": {"1"}, "jy2752": {"4"}}


def test_every_real_release_goes_through_without_an_error(shared_data: Path) -> None:
    found = releases(shared_data)
    assert len(found) >= 42, "37 of December 2024, four more, and one as a page"

    for release in found:
        classified = classify_release(*release[1:])
        mentions = find_mentions(f"{release.title}\n{release.text}", PARTIES)
        said = counts_in(release.text)

        assert classified.because
        assert set(mentions) == NAMED.get(release.key, set()), release.key
        for mention in mentions.values():
            sentence = sentence_around(f"{release.title}\n{release.text}", mention.offset)
            assert mention.written in sentence
            assert len(sentence) < 1_500
        if said:
            assert classified.label == "designation", release.key
            assert compare(said, {}) is not None
