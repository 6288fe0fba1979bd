"""Settings by environment variable: ``SANCTIONS_MONITOR__`` and the path in capitals, joined with ``__``, hyphens as underscores.

``SANCTIONS_MONITOR__FEEDS__OFAC_SDN__INTERVAL=5m`` sets ``feeds.ofac-sdn.interval``. Such a variable wins over the file; an
empty one is as if it were not set. Routes are addressed by their place, counted from 1.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.config.document import Document, KeyPath
from monitor.config.errors import ConfigurationError, one_of

PREFIX = "SANCTIONS_MONITOR__"


def overlay(
    document: Document, environment: Mapping[str, str], names: Mapping[str, Iterable[str]]
) -> None:
    """Put every setting of the environment into the document's tree.

    ``names`` are the known names of what may not stand in the file yet ("feeds" → their ids). Another name under a section
    becomes a new one in small letters, underscores as hyphens. Raises ConfigurationError for a path that leads nowhere.
    """
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and environment[variable]:
            _set(document, variable, environment[variable], names)


def _set(document: Document, variable: str, value: str, names: Mapping[str, Iterable[str]]) -> None:
    parts = variable.removeprefix(PREFIX).split("__")
    if not all(parts):
        raise _nowhere(variable, "expected names joined with two underscores, and no more than two")
    node: Any = document.tree
    path: KeyPath = ()
    for part in parts[:-1]:
        key = _key(node, part, path, variable, names)
        path = (*path, key)
        if isinstance(node, dict) and node.get(key) is None:
            node[key] = {}
            document.origins.setdefault(path, variable)
        node = node[key]
        if not isinstance(node, dict | list):
            raise _nowhere(
                variable, f"{part} holds a single value, so that nothing can be set below it"
            )
    key = _key(node, parts[-1], path, variable, names)
    if isinstance(node[key] if isinstance(node, list) else node.get(key), dict | list):
        raise _nowhere(variable, "it names a group of settings; only single values can be set so")
    node[key] = value
    document.origins[(*path, key)] = variable


def _key(
    node: Any, part: str, path: KeyPath, variable: str, names: Mapping[str, Iterable[str]]
) -> Any:
    if isinstance(node, list):
        if part.isascii() and part.isdigit() and 1 <= int(part) <= len(node):
            return int(part) - 1
        raise _nowhere(variable, f"expected a number from 1 to {len(node)} in place of {part}")
    known = [*node, *(names.get(str(path[0]), ()) if len(path) == 1 else ())]
    matching = sorted({name for name in known if _folded(name) == part.upper()})
    if len(matching) > 1:
        raise _nowhere(variable, f"it may mean {one_of(matching)}; rename one of them")
    if matching:
        return matching[0]
    return part.lower().replace("_", "-") if len(path) == 1 else part.lower()


def _folded(name: str) -> str:
    return name.replace("-", "_").upper()


def _nowhere(variable: str, expected: str) -> ConfigurationError:
    return ConfigurationError(f"environment variable {variable}", "", None, expected)
