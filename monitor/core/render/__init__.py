"""An alert in the words and the form that each channel takes: chat, mail, wire.

Decisions only: values in, text out. The same alert, selection and profile always give the same messages.
"""

from datetime import tzinfo

from monitor.core.alert import Alert, permalink
from monitor.core.channel import ChannelProfile
from monitor.core.render.chat import render_chat
from monitor.core.render.headings import headings
from monitor.core.render.mail import render_mail
from monitor.core.render.message import Message
from monitor.core.render.visible import visible_alert, visible_selection
from monitor.core.render.wire import wire, wire_within
from monitor.core.route import Selection
from monitor.core.words import days_in

__all__ = ["ChannelProfile", "Message", "permalink", "render", "title", "wire"]


def render(
    alert: Alert, selection: Selection, profile: ChannelProfile, public_url: str, zone: tzinfo
) -> list[Message]:
    """The messages that tell a channel of ``selection``: one, or numbered parts, each within the profile's limits.

    Days are in the profile's language; the text is English. Split between parties, never inside a name or an identifier; what is not
    shown is counted, and the link shows it.
    """
    shown, selected = visible_alert(alert), visible_selection(selection)
    with days_in(profile.language):
        match profile.kind:
            case "mail":
                return render_mail(shown, selected, profile, public_url, zone)
            case "webhook" | "file":
                body = wire_within(alert, public_url, selection)
                subject = headings(shown, selected.changes)[0]
                return [Message(1, 1, subject, subject, wire=body)]
            case _:
                return render_chat(shown, selected, profile, public_url, zone)


def title(alert: Alert) -> str:
    """The alert in one line, as its page and its row are called."""
    shown = visible_alert(alert)
    return headings(shown, shown.changes)[0]
