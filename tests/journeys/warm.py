"""Everything that the service imports, and what it looks up once: loaded before the fork."""

import importlib
import pkgutil

import feeds
import monitor.cli
import monitor.core
from monitor.deliver.channels.mail import MailChannel

feeds.discover()
for package in (monitor.cli,):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
# Apprise reads all of its plug-ins when the first address is parsed.
MailChannel("warm", "mailto://127.0.0.1:25?from=watch@example.org&to=officer@example.org")
