"""Every adapter that is found, against every check of its kind (:mod:`tests.feeds.conformance`)."""

import pytest

from feeds import Adapter, discover
from tests.feeds.conformance import Check, checks_for, fixtures_of

CASES = [
    pytest.param(adapter, check, id=f"{adapter.feed.id}-{check.__name__}")
    for adapter in discover().values()
    for check in checks_for(adapter)
]


@pytest.mark.parametrize(("adapter", "check"), CASES)
def test_an_adapter_conforms(adapter: Adapter, check: Check) -> None:
    folder = fixtures_of(adapter)
    assert folder.is_dir(), (
        f"{adapter.feed.id} has no fixture: write tests/feeds/fixtures/{folder.name}"
    )

    check(adapter, folder)
