"""One group of settings in the tree: takes values out by key, and words what is wrong with them.

Whoever asks for a secret gets it from the file that ``file:PATH`` names, and its value never stands in an error.
"""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

from monitor.config.document import Document, KeyPath
from monitor.config.errors import MASKED, ConfigurationError, one_of, suggestion
from monitor.config.scalars import Wrong, text
from monitor.config.values import Secret

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_FILE = "file:"
_CREDENTIALS = re.compile(r"//\S*@")


class Section:
    """The settings below ``path``. A key without a value is as if it were not there."""

    def __init__(self, document: Document, path: KeyPath, tree: Any) -> None:
        self.document = document
        self.path = path
        if tree is not None and not isinstance(tree, dict):
            raise self.wrong_itself("expected settings below it, each as key: value")
        self._tree: dict[str, Any] = tree or {}

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self._tree.get(key) is not None

    def raw(self, key: str) -> Any:
        """What stands there, unchecked; None when nothing does."""
        return self._tree.get(key)

    def only(self, known: Collection[str], *, what: str = "key") -> None:
        """Refuse every key that is not known, with the nearest one that is."""
        for key in self._tree:
            if key not in known:
                raise self.document.error(
                    (*self.path, key), None, f'unknown {what} "{key}"; {suggestion(key, known)}'
                )

    def names(self, what: str) -> Iterable[str]:
        """The keys, where they are names that people choose."""
        for name in self._tree:
            if not _NAME.fullmatch(name):
                raise self.document.error(
                    (*self.path, name),
                    None,
                    f"expected a {what}'s name of letters, digits, - and _",
                )
        return tuple(self._tree)

    def section(self, key: str) -> "Section":
        """The group of settings below ``key``; an empty one when it is not there."""
        return Section(self.document, (*self.path, key), self._tree.get(key))

    def value(self, key: str, read: Callable[[Any], T]) -> T | None:
        """What ``read`` makes of the value; None when there is none."""
        value = self._tree.get(key)
        if value is None:
            return None
        try:
            return read(value)
        except Wrong as wrong:
            raise self.wrong(key, str(wrong)) from None

    def word(self, key: str, known: Collection[str]) -> str | None:
        """One of the known words; None when there is none."""
        value = self.value(key, text)
        if value is not None and value not in known:
            raise self.wrong(key, f"expected {one_of(known)}")
        return value

    def secret(self, key: str, read: Callable[[Any], str] = text) -> Secret | None:
        """A secret text; None when there is none."""
        found = self.secret_value(key, read)
        return Secret(found) if found else None

    def secrets(self, key: str, read: Callable[[Any], str] = text) -> tuple[Secret, ...]:
        """One secret, or a list of them."""
        value = self._tree.get(key)
        if not isinstance(value, list):
            one = self.secret(key, read)
            return (one,) if one else ()
        if not value:
            raise self.wrong(key, "expected a secret or a list of secrets")
        path = (*self.path, key)
        return tuple(Secret(self._revealed(item, (*path, n), read)) for n, item in enumerate(value))

    def secret_value(self, key: str, read: Callable[[Any], str]) -> str | None:
        """What ``read`` makes of a secret; an error about it does not show it."""
        value = self._tree.get(key)
        return None if value is None else self._revealed(value, (*self.path, key), read)

    def _revealed(self, value: Any, path: KeyPath, read: Callable[[Any], str]) -> str:
        try:
            if isinstance(value, str) and value.startswith(_FILE):
                value = _content(value.removeprefix(_FILE))
            return read(value)
        except Wrong as wrong:
            raise self.document.error(path, MASKED, str(wrong)) from None

    def wrong(self, key: str, expected: str) -> ConfigurationError:
        """An error about the value of ``key``, which is shown."""
        return self.document.error((*self.path, key), shown(self._tree.get(key)), expected)

    def wrong_itself(self, expected: str) -> ConfigurationError:
        """An error about this group as a whole."""
        return self.document.error(self.path, None, expected)


def shown(value: Any) -> str | None:
    """A value as an error shows it: short, a group without what is in it, an address without user and password."""
    if isinstance(value, dict):
        return "a group of settings"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    written = _CREDENTIALS.sub("//***@", str(value))
    return f'"{written[:60]}{"…" if len(written) > 60 else ""}"'


def _content(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise Wrong(f"the file {path} that it names is not UTF-8 text") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Wrong(f"the file {path} that it names cannot be read ({reason})") from None
