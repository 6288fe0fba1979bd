"""The verbs, one line each. What each does stands in the module it comes from, which is loaded when the verb is asked for."""

import errno
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from monitor import __version__
from monitor.cli.context import Global

PROGRAM = "sanctions-monitor"
MISTAKE = 2
FAILED = 1
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
TERMINATED = 128 + signal.SIGTERM

VERBS = {
    "run": "service",
    "demo": "demo",
    "check-config": "check_config",
    "send-test": "send_test",
    "poll": "service",
    "diff": "compare",
    "ingest": "service",
    "changes": "listings",
    "alerts": "listings",
    "deliveries": "listings",
    "incidents": "listings",
    "dossiers": "dossiers",
    "feeds": "listings",
    "snapshots": "listings",
    "party": "parties",
    "search": "parties",
    "snapshot": "decisions",
    "retry": "decisions",
    "acknowledge": "acknowledge",
    "verify": "verify",
}
"""Each verb and the module beside this one in which it stands under its own name, hyphens as underscores."""


class Verbs(TyperGroup):
    """The verbs, loaded one by one: comparing two files need not wait for the service to be imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All verbs, in the order in which help shows them."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb of this name; None when there is none."""
        module = VERBS.get(cmd_name)
        if module is None:
            return None
        verb = getattr(import_module(f"monitor.cli.{module}"), cmd_name.replace("-", "_"))
        if not isinstance(verb, typer.Typer):
            function, verb = verb, typer.Typer(**_STYLE)
            verb.command(cmd_name)(function)
        command = typer.main.get_command(verb)
        command.name = cmd_name
        return command


_STYLE: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}

app = typer.Typer(
    cls=Verbs,
    name=PROGRAM,
    help="Watches the sanctions lists that authorities publish and tells the right people what changed.",
    no_args_is_help=True,
    **_STYLE,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The configuration (SANCTIONS_MONITOR_CONFIG, or sanctions-monitor.yaml if it is there)."
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where the database and the archive are, instead of data_dir."),
    ] = None,
    log_format: Annotated[
        Literal["text", "json"], typer.Option(help="How log lines are written to stderr.")
    ] = "text",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Watches the sanctions lists that authorities publish and tells the right people what changed."""
    context.obj = Global(config=config, data_dir=data_dir, log_format=log_format)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code. A user's mistake is one sentence on stderr and exit code 2."""
    given = sys.argv[1:] if arguments is None else arguments

    def leave(*_: object) -> NoReturn:
        sys.exit(0 if "run" in given else TERMINATED)

    # The first process of a container is deaf to a signal that it has no handler for, and the service is imported
    # for a second or two before it sets its own.
    signal.signal(signal.SIGTERM, leave)
    code = run(given)
    _let_go_of_output()
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()  # what is left of the output may be what there is no room for
    except typer.Abort:
        return _say("Stopped.", 130)
    except typer.TyperException as error:
        return _usage(error)
    except _mistakes() as error:
        return _say(str(error), MISTAKE)
    except _failures() as error:
        return _say(str(error), FAILED)
    except _database_errors() as error:
        return _say(f"the database cannot be used: {_reason(error)}", MISTAKE)
    except BrokenPipeError:
        return FAILED
    except OSError as error:
        if error.filename is not None:
            return _say(f"{error.filename}: {error.strerror}", FAILED)
        if error.errno in _FULL:
            return _say(f"what was asked for cannot be written: {error.strerror}", FAILED)
        raise
    except KeyboardInterrupt:
        return 130
    return code if isinstance(code, int) else 0


def _let_go_of_output() -> None:
    """What could not be written has been told: Python would try once more at its end, and leave with an exit code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _mistakes() -> tuple[type[Exception], ...]:
    # Asked only when something was raised: whatever it is has been imported by then.
    from feeds import AdapterProblem, UnknownFeed
    from monitor.cli.context import Mistake
    from monitor.config import ConfigurationError
    from monitor.deliver.channels import UnusableChannel

    return (Mistake, ConfigurationError, UnusableChannel, UnknownFeed, AdapterProblem)


def _failures() -> tuple[type[Exception], ...]:
    from monitor.errors import MonitorError

    return (MonitorError,)


def _database_errors() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import DBAPIError

    return (DBAPIError,)


def _reason(error: Exception) -> str:
    reason = str(getattr(error, "orig", None) or error)
    lacks_a_table = "no such" in reason or "does not exist" in reason
    advice = " (`run` and `poll` make what is missing)" if lacks_a_table else ""
    return reason + advice


def _usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error}\n")
        return MISTAKE
    sentence = error.format_message() if hasattr(error, "format_message") else str(error)
    command = context.command_path if context is not None else PROGRAM
    return _say(f"{sentence.rstrip('.')}. See {command} --help.", MISTAKE)


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(f"{PROGRAM}: {' '.join(sentence.split())}\n")
    return code
