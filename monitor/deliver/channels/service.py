"""Opens Apprise services from their URLs, without a word of them in any log.

Apprise writes addresses and tokens at DEBUG, warns on its logger about URLs that it cannot read, and drops a recipient
that it does not understand with no more than a warning. Here its logger is closed to the outside, and whatever it would
have dropped is an error.
"""

import logging
from collections.abc import Mapping
from typing import Any

from apprise import Apprise, AppriseAsset
from apprise.exception import AppriseException
from apprise.plugins import url_to_dict

from monitor.deliver.channels.base import UnusableChannel

APP_ID = "Sanctions Monitor"
APP_DESCRIPTION = "Changes to sanctions lists"
MAIL_SCHEMES = frozenset({"mailto", "mailtos"})


def open_service(
    name: str, url: str, *, app_url: str, settings: Mapping[str, Any] | None = None
) -> Any:
    """The Apprise service that ``url`` describes; raises :class:`UnusableChannel`, which does not repeat the URL.

    ``settings`` are arguments of the plugin that take the place of what the URL says, None where it must say nothing.
    """
    quieten()
    warnings = _Warnings()
    logger = logging.getLogger("apprise")
    logger.addHandler(warnings)
    try:
        described = _changed(url, settings) if settings else url
        service = Apprise.instantiate(described, asset=_asset(app_url), suppress_exceptions=False)
    except (AppriseException, TypeError, ValueError, AttributeError, KeyError):
        service = None
    finally:
        logger.removeHandler(warnings)
    if service is None:
        raise UnusableChannel(name, _what_is_wrong(url))
    if warnings.dropped:
        raise UnusableChannel(name, "one of the recipients in its URL is not a valid address")
    return service


def _changed(url: str, settings: Mapping[str, Any]) -> str | dict[str, Any]:
    described = url_to_dict(url)  # type: ignore[no-untyped-call]
    if described is None:
        return url  # which is then refused
    changed = {**described, **settings}
    return {key: value for key, value in changed.items() if value is not None}


def quieten() -> None:
    """Close Apprise's own logging to the outside, and keep it open for the capture that a send reads.

    The reason of a failure exists only as a DEBUG line of the logger ``apprise``; the same lines carry tokens, so that
    nothing but the capture may see them. ``urllib3`` prints a token's path at DEBUG as well.
    """
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if not logger.handlers:
        # Without any handler Python's last resort would print warnings on stderr.
        logger.addHandler(logging.NullHandler())
    for noisy in ("urllib3", "requests"):
        logging.getLogger(noisy).setLevel(logging.INFO)


def _asset(app_url: str) -> AppriseAsset:
    return AppriseAsset(
        app_id=APP_ID,
        app_desc=APP_DESCRIPTION,
        app_url=app_url,
        # No picture from Apprise's own site in our messages.
        image_url_mask="",
        image_url_logo="",
        # Apprise's own deadline would move each send into a pool that all its users share; ours is in the channel.
        async_mode=False,
        service_timeout=0,
        http_redirects=False,
        secure_logging=True,
        interpret_escapes=False,
        interpret_emojis=False,
        pgp_autogen=False,
        pem_autogen=False,
    )


def _what_is_wrong(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    if not separator:
        return "its URL has no scheme; it should begin like slack:// or mailtos://"
    if len(scheme) <= 20 and scheme.replace("+", "").replace("-", "").isalnum():
        return f"its {scheme.lower()}:// URL is not one that Apprise can use"
    return "its URL is not one that Apprise can use"


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.dropped = False

    def emit(self, record: logging.LogRecord) -> None:
        self.dropped = self.dropped or str(record.msg).lower().startswith(("dropped", "dropping"))
