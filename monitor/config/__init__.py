"""What the service is told: one YAML file and the environment, read once into frozen values.

Only the composition root and the commands read a configuration; rooms are handed the values that they need. Every setting has
a default. Whatever is wrong is a :class:`ConfigurationError`: one sentence that names the file, the key, the value (never a
secret) and what would be right.
"""

from monitor.config.errors import ConfigurationError
from monitor.config.reading import load
from monitor.config.values import (
    ChannelSettings,
    Configuration,
    FeedSettings,
    Listen,
    Secret,
)

__all__ = [
    "ChannelSettings",
    "Configuration",
    "ConfigurationError",
    "FeedSettings",
    "Listen",
    "Secret",
    "load",
]
