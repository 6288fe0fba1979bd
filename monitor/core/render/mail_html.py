"""The HTML part of a mail: a table that any client shows.

Styles stand in the elements, because mail clients drop style sheets. No script, no image, nothing from elsewhere. No background
is set and no text colour, so that a dark client stays readable. Everything is escaped by the template engine.
"""

from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from monitor.core.render.mail_content import Mail


def mail_html(mail: Mail) -> str:
    """The mail as an HTML document."""
    return _template().render(mail=mail)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("monitor.core.render").joinpath("mail.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(text)
