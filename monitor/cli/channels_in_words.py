"""What a channel is, and how it is spared, as ``check-config`` says it: in words that hold nothing of an address."""

from collections.abc import Iterator, Mapping

from monitor.cli.context import Mistake
from monitor.cli.output import counted
from monitor.config import ChannelSettings, Configuration
from monitor.core.channel import ChannelProfile
from monitor.core.pace import Pace
from monitor.core.words import listed

_SERVICES = {"slack": "Slack", "discord": "Discord", "teams": "Teams"}


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


def channel_warnings(
    configuration: Configuration, profiles: Mapping[str, ChannelProfile]
) -> Iterator[str]:
    """What is allowed of channels and probably not meant."""
    for name, profile in profiles.items():
        if profile.undivided > 1:
            yield (
                f"the {profile.undivided} targets in the URL of {name} are told as one: when one of them fails, all are told again"
                ' ("may be a repeat"). A channel for each of them avoids that.'
            )
        file = configuration.channels[name].file
        if file is not None and not file.absolute().parent.is_dir():
            yield f"the directory of the file of {name} does not exist; nothing is written until it does."


def _kind(settings: ChannelSettings, profile: ChannelProfile) -> str:
    match profile.kind:
        case "webhook":
            several = ", several signatures" if len(settings.secrets) > 1 else ""
            return f"a signed webhook{several}"
        case "file":
            return f"JSON Lines at the end of {settings.file}"
        case "mail":
            return f"mail as {profile.format} to {_recipients(profile)}"
        case _:
            limit = f", {profile.body_limit:,} characters at most" if profile.body_limit else ""
            markup = f" for {_SERVICES[profile.layout]}" if profile.layout else ""
            whom = f", to {_recipients(profile)}" if len(profile.recipients) > 1 else ""
            return f"chat as {profile.format}{markup}{limit}{whom}"


def _recipients(profile: ChannelProfile) -> str:
    return counted(len(profile.recipients), "recipient")


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
