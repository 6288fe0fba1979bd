"""Why Apprise did not deliver, read from the lines that it logged meanwhile.

Each service has a language of its own for errors: an HTTP status, a word (Slack), a sentence (Telegram, Discord), a wish for a pause
in the body. Nothing of the lines is passed on but a status, a code and words of the tables below: they hold addresses and tokens.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.core.outcome import Failed
from monitor.deliver.channels.http import failure_of_status

Entry = tuple[str, str]
"""Level and text of a line that Apprise logged."""

# Slack: https://docs.slack.dev/reference/methods/chat.postMessage#errors, and those of its webhooks.
_REFUSED = re.compile(
    "account_inactive|action_prohibited|cannot_reply_to_message|channel_is_archived|channel_not_found|ekm_access_denied"
    "|invalid_arguments|invalid_auth|invalid_blocks|invalid_payload|invalid_token|is_archived|messages_tab_disabled"
    "|missing_scope|msg_blocks_too_long|msg_too_long|no_active_hooks|no_permission|no_service|no_service_id|no_team|no_text"
    "|not_authed|not_in_channel|org_login_required|posting_to_general_channel_denied|restricted_action"
    "|team_access_not_granted|team_disabled|token_expired|token_revoked|too_many_attachments|user_not_found"
)
_FOR_NOW = re.compile(
    "fatal_error|internal_error|message_limit_exceeded|rate_limited|ratelimited|request_timeout|rollup_error"
    "|service_unavailable|team_added_to_org"
)
_SENTENCES = (
    # Telegram
    "chat not found",
    "bot was blocked by the user",
    "bot was kicked",
    "bot is not a member",
    "user is deactivated",
    "group chat was upgraded to a supergroup chat",
    "message is too long",
    "message text is empty",
    "can't parse entities",
    "not enough rights",
    # Discord
    "Unknown Webhook",
    "Invalid Webhook Token",
    "Invalid Form Body",
    "Cannot send an empty message",
    "You are being rate limited",
    # Teams' workflows
    "WorkflowTriggerIsNotEnabled",
    "WorkflowNotFound",
    "DirectApiAuthorizationRequired",
    "DirectApiInvalidAuthorizationScheme",
    "AuthorizationFailed",
    "Rate limit is exceeded",
    "WorkflowRunActionRepetitionQuotaExceeded",
    # ntfy
    "limit reached",
    "forbidden",
    "unauthorized",
    # several
    "Too Many Requests",
)

# ntfy tells more after the status: 40301.
_HTTP_CODE = re.compile(r"\berror[ =:]+(?:HTTP )?([1-5]\d\d)(?:\d\d)?\b", re.IGNORECASE)
_SMTP_CODE = re.compile(r"\(([245]\d\d), b?['\"]([245]\.\d{1,3}\.\d{1,3})?")
_PAUSES = (
    re.compile(r"retry[_-]after['\"]?\s*[:=]\s*['\"]?(\d{1,6}(?:\.\d+)?)", re.IGNORECASE),
    re.compile(r"(?:try again in|retry after) (\d{1,6}) ?(?:second|s\b|\W|$)", re.IGNORECASE),
)
_NOT_SENT = re.compile(
    r"connect(?:ion)? (?:to \S+ )?timed? ?out|ConnectTimeout|NewConnectionError|NameResolutionError"
    r"|SSLError|Connection refused|Failed to establish|getaddrinfo|Name or service not known",
    re.IGNORECASE,
)
_SENT_PERHAPS = re.compile(
    r"timed out|Connection aborted|RemoteDisconnected|Connection reset|IncompleteRead|Broken pipe",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"Response Details|[\w/ ]{1,20}Exception")
_WORD = re.compile(r"\"error\"\s*:\s*\"(\w+)\"|Response Details:\s*b?['\"](\w+)['\"]\s*$")


def classify(entries: Sequence[Entry], *, several_targets: bool = False) -> Failed:
    """What kind of failure Apprise's captured lines tell of; nothing of the lines themselves is in the answer.

    An HTTP status stands in a warning, everything else at DEBUG, where the message itself is logged too: only the lines about the
    answer are read there, or an alert that speaks of "error 404" would explain its own failure. The first code counts.
    """
    warnings = "\n".join(text for level, text in entries if level not in {"DEBUG", "INFO", "TRACE"})
    answers = [text for level, text in entries if level == "DEBUG" and _ABOUT.match(text)]
    together = "\n".join(answers)
    if match := _HTTP_CODE.search(warnings):
        failed = _answered(int(match[1]), answers[0] if answers else "")
    elif match := _SMTP_CODE.search(together):
        code = " ".join(part for part in match.groups() if part)
        failed = Failed(f"the mail server answered {code}", permanent=match[1].startswith("5"))
    elif _NOT_SENT.search(together):
        failed = Failed("cannot connect to the service")
    elif _SENT_PERHAPS.search(together):
        failed = Failed("no answer from the service", unknown=True)
    else:
        failed = Failed("not accepted by the service, which gave no reason")
    # Some of several targets may have it although one refused; a repeat has to say so.
    return replace(failed, unknown=True) if several_targets else failed


def _answered(status: int, answer: str) -> Failed:
    """The failure of an answer. Slack says 200 and refuses in a word: then the word decides."""
    word = _word(answer)
    detail = f"the service answered HTTP {status}"
    said = word or next((each for each in _SENTENCES if each.lower() in answer.lower()), "")
    failed = failure_of_status(status, f"{detail}: {said}" if said else detail, _pause(answer))
    if status < 300 and _REFUSED.fullmatch(word):
        return replace(failed, permanent=True, retry_after=None)
    if _FOR_NOW.fullmatch(word):
        return replace(failed, permanent=False, retry_after=_pause(answer))
    return failed


def _word(answer: str) -> str:
    """The service's own word for the failure, if it is one that we know."""
    match = _WORD.search(answer)
    word = (match[1] or match[2]) if match else ""
    return word if _REFUSED.fullmatch(word) or _FOR_NOW.fullmatch(word) else ""


def _pause(answer: str) -> timedelta | None:
    found = next((match for each in _PAUSES if (match := each.search(answer))), None)
    return timedelta(seconds=float(found[1])) if found else None
