"""The HTML part of a mail: a table that any client shows.

Styles stand in the elements, because mail clients drop style sheets; the one sheet there is stacks the table's rows on
a telephone. No script, no image, nothing from elsewhere. No background
is set and no colour, of links neither, so that a dark client stays readable. Everything is escaped by the template engine.
"""

import re
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from jinja2.utils import urlize
from markupsafe import Markup

from monitor.core.render.mail_content import Mail


def mail_html(mail: Mail) -> str:
    """The mail as an HTML document."""
    return _template().render(mail=mail)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["linked"] = _linked
    environment.filters["together"] = _together
    text = files("monitor.core.render").joinpath("mail.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(text)


def _linked(text: str) -> Markup:
    """``text``, escaped, with the web addresses in it as underlined links in the text's own colour."""
    # Jinja's urlize escapes before it makes links.
    return Markup(urlize(text, rel="noreferrer").replace("<a ", '<a style="color:inherit" '))  # noqa: S704


def _together(text: str) -> str:
    """``text`` with each number on one line with what it counts: "(9 individuals", never "(9" and "individuals" below it."""
    return re.sub(r"(?<=\d) (?=[^\W\d])", "\N{NO-BREAK SPACE}", text)
