"""What a channel is, and how it is spared, as ``check-config`` says it: in words that hold nothing of an address."""

from monitor.cli.context import Mistake
from monitor.cli.output import counted
from monitor.config import ChannelSettings, Configuration
from monitor.core.channel import ChannelProfile
from monitor.core.pace import Pace
from monitor.core.words import listed


def profile_of(settings: ChannelSettings, configuration: Configuration) -> ChannelProfile:
    """What the renderer has to keep to for this channel. Raises Mistake when nothing can be sent through it."""
    # Apprise takes a second to be imported, which no other command should pay.
    from monitor.deliver.channels import UnusableChannel
    from monitor.service.line import channel_of

    try:
        return channel_of(settings, configuration).profile
    except UnusableChannel as error:
        raise Mistake(f"{configuration.source or 'the configuration'}: {error}") from error


def channel_in_words(settings: ChannelSettings, profile: ChannelProfile) -> str:
    """``chat as text, 1,800 characters at most; at most 20 messages a minute; quiet 22:00-07:00 Europe/London but for high``."""
    said = [_kind(settings, profile)]
    if settings.language != "en":
        said.append(f"days as in {settings.language.replace('_', '-')}")
    return "; ".join([*said, *_pace(settings.pace)])


def _kind(settings: ChannelSettings, profile: ChannelProfile) -> str:
    match profile.kind:
        case "webhook":
            several = ", several signatures" if len(settings.secrets) > 1 else ""
            return f"a signed webhook{several}"
        case "file":
            return f"JSON Lines at the end of {settings.file}"
        case "mail":
            return f"mail as {profile.format} to {counted(len(profile.recipients), 'recipient')}"
        case _:
            limit = f", {profile.body_limit:,} characters at most" if profile.body_limit else ""
            return f"chat as {profile.format}{limit}"


def _pace(pace: Pace) -> list[str]:
    said = []
    if pace.max_per_minute is not None:
        said.append(f"at most {counted(pace.max_per_minute, 'message')} a minute")
    if pace.quiet is not None:
        hours = f"{pace.quiet.begins:%H:%M}-{pace.quiet.ends:%H:%M} {pace.quiet.zone.key}"
        excepted = [word for word in ("high", "medium", "low") if word in pace.quiet.excepted]
        but = f" but for {listed(excepted)}" if excepted else ""
        said.append(f"quiet {hours}{but}: what comes then is sent at the end")
    return said
