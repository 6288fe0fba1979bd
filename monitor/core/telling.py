"""The changes of a publication as people are told of them.

The stored changes are exact and say what one list did to one record. What it means shows only beside the other changes of the
publication and beside the other lists of the same numbers: a move, a new number, a tag's new name. Here it is added to the
changes' objects, with the category and severity that follow; alerts, routes and receivers see these objects.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from monitor.core.moves import Sibling, with_moves
from monitor.core.relistings import with_relistings
from monitor.core.renamings import with_renamings


def as_told(
    changes: Sequence[dict[str, Any]],
    *,
    at: datetime,
    blocking: bool,
    siblings: Sequence[Sibling],
    carriers: Callable[[str], int],
) -> tuple[dict[str, Any], ...]:
    """The changes in their order, each with what it is told as: ``moved``, ``relisted`` or ``renamed`` beside the rest.

    ``at`` is when the publication was first seen, ``carriers`` how many records of the list carry a programme tag after it.
    Fields and parties are never touched.
    """
    told = with_moves(changes, at=at, blocking=blocking, siblings=siblings)
    return tuple(with_renamings(with_relistings(told), carriers))
