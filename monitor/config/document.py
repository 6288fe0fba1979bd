"""The YAML file as a plain tree, with the line of every key, its variables filled in.

Only plain YAML is understood (``safe_load``): a file can hold data and nothing that runs. A key that stands twice is refused,
because YAML itself would silently take the last.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from monitor.config.errors import ConfigurationError

KeyPath = tuple[str | int, ...]

_VARIABLE = re.compile(r"\$(\$?)\{([^}]*)\}")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


@dataclass
class Document:
    """A tree of what was set, and where each part of it stands.

    ``origins`` names the environment variable of what was set by one.
    """

    name: str
    tree: dict[str, Any] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    origins: dict[KeyPath, str] = field(default_factory=dict)

    def error(self, path: KeyPath, value: str | None, expected: str) -> ConfigurationError:
        """An error about the key at ``path``, naming the nearest line or variable that is known of it."""
        for near in (path[:length] for length in range(len(path), 0, -1)):
            if near in self.origins:
                variable = f"environment variable {self.origins[near]}"
                return ConfigurationError(variable, dotted(path), value, expected)
            if near in self.lines:
                return ConfigurationError(
                    self.name, dotted(path), value, expected, self.lines[near]
                )
        return ConfigurationError(self.name, dotted(path), value, expected)


def read_document(path: Path, environment: Mapping[str, str]) -> Document:
    """The file at ``path`` with its variables filled in. Raises ConfigurationError when it is unreadable or not a mapping."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(str(path), "", None, "it is not UTF-8 text") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(str(path), "", None, f"it cannot be read ({reason})") from error
    document = Document(str(path))
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _walk(root, (), document)
        tree = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(path, error) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigurationError(str(path), "", None, "it is not valid YAML") from error
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise ConfigurationError(
            str(path), "", None, "expected settings, such as: data_dir: ./data"
        )
    document.tree = _filled(tree, (), document, environment)
    return document


def dotted(path: KeyPath) -> str:
    """``routes[1].when.severity``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _walk(node: yaml.Node, path: KeyPath, document: Document) -> None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            inner = (*path, str(key_node.value))
            line = key_node.start_mark.line + 1
            if inner in document.lines:
                raise ConfigurationError(
                    document.name, dotted(inner), None, "the key stands twice; keep one", line
                )
            document.lines[inner] = line
            _walk(value_node, inner, document)
    elif isinstance(node, yaml.SequenceNode):
        for number, value_node in enumerate(node.value):
            document.lines[(*path, number)] = value_node.start_mark.line + 1
            _walk(value_node, (*path, number), document)


def _not_yaml(path: Path, error: yaml.MarkedYAMLError) -> ConfigurationError:
    line = error.problem_mark.line + 1 if error.problem_mark else None
    return ConfigurationError(
        str(path), "", None, f"it is not valid YAML: {error.problem or error.context}", line
    )


def _filled(value: Any, path: KeyPath, document: Document, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            str(key): _filled(inner, (*path, str(key)), document, environment)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            _filled(inner, (*path, number), document, environment)
            for number, inner in enumerate(value)
        ]
    if isinstance(value, str) and "${" in value:
        return _VARIABLE.sub(lambda found: _variable(found, path, document, environment), value)
    return value


def _variable(
    found: re.Match[str], path: KeyPath, document: Document, environment: Mapping[str, str]
) -> str:
    if found[1]:  # $${…} stands for the text itself
        return "${" + found[2] + "}"
    name = _NAME.fullmatch(found[2])
    if name is None:
        raise document.error(path, None, "expected a variable as ${NAME} or ${NAME:-default}")
    value = environment.get(name[1])
    if name[2] is not None:
        return value or name[2]
    if value is None:
        raise document.error(
            path,
            None,
            f"the environment variable {name[1]} is not set; set it, or write ${{{name[1]}:-default}}",
        )
    return value
