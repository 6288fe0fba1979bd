"""The verbs, one line each. What each does stands in the module it comes from."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

import feeds
from monitor import __version__
from monitor.cli import (
    check_config,
    compare,
    decisions,
    listings,
    parties,
    send_test,
    service,
    verify,
)
from monitor.cli.context import Global, Mistake
from monitor.config import ConfigurationError
from monitor.deliver.channels import UnusableChannel
from monitor.errors import MonitorError

PROGRAM = "sanctions-monitor"
MISTAKE = 2
FAILED = 1

app = typer.Typer(
    name=PROGRAM,
    help="Watches the sanctions lists that authorities publish and tells the right people what changed.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check-config")(check_config.check_config)
app.command("diff")(compare.diff)
app.command("changes")(listings.changes)
app.command("alerts")(listings.alerts)
app.command("deliveries")(listings.deliveries)
app.command("incidents")(listings.incidents)
app.command("feeds")(listings.feeds)
app.command("snapshots")(listings.snapshots)
app.command("party")(parties.party)
app.command("search")(parties.search)
app.command("run")(service.run)
app.command("poll")(service.poll)
app.command("ingest")(service.ingest)
app.command("send-test")(send_test.send_test)
app.command("verify")(verify.verify)
app.command("retry")(decisions.retry)
app.add_typer(decisions.snapshot, name="snapshot")


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
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(args=arguments, prog_name=PROGRAM, standalone_mode=False)
    except typer.Abort:
        return _say("Stopped.", 130)
    except typer.TyperException as error:
        return _usage(error)
    except (
        Mistake,
        ConfigurationError,
        UnusableChannel,
        feeds.UnknownFeed,
        feeds.AdapterProblem,
    ) as error:
        return _say(str(error), MISTAKE)
    except MonitorError as error:
        return _say(str(error), FAILED)
    except KeyboardInterrupt:
        return 130
    return code if isinstance(code, int) else 0


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
