"""Plays lives and says what became of them: ``python -m tests.faults.run --count 1000 --seed 7``.

One life is one data directory, with some twenty kills; it is played again alone with ``--life``. The exit code is 1 when anything
is lost, invented or wrong.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.checks import Finding, Told, check
from tests.faults.life import Life, playing
from tests.faults.script import Script, script

KILLS = 20
"""Kills of a life: more would only make the histories longer."""


@dataclass
class Sums:
    """What all lives together were."""

    lives: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    databases: Counter[str] = field(default_factory=Counter)
    versions: int = 0
    releases: int = 0
    told: Told = field(default_factory=Told)
    findings: Counter[str] = field(default_factory=Counter)

    def add(self, life: Life, findings: Iterable[Finding], told: Told) -> None:
        """One more life."""
        self.lives += 1
        self.kills += life.kills
        self.databases[
            life.script.database + (" on a small disk" if life.on_small_disk else "")
        ] += 1
        for each in (
            life.troubles,
            life.sources.troubles,
            life.hook.troubles,
            life.other.troubles,
            life.post.troubles,
        ):
            self.troubles += each
        self.versions += len(life.sources.history.versions)
        self.releases += len(life.sources.releases)
        for name, value in vars(told).items():
            setattr(self.told, name, getattr(self.told, name) + value)
        self.findings += Counter(finding.kind for finding in findings)


async def live(wanted: Script, keep: Path | None = None) -> tuple[Life, list[Finding], Told]:
    """Play one life in a temporary folder, and check it. What it left is copied to ``keep`` when something does not hold."""
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        async with playing(wanted, folder) as life:
            verified = await _verify(life)
            findings, told = await asyncio.to_thread(check, life, verified)
            if findings and keep is not None:
                target = keep / f"life-{wanted.seed.replace('/', '-')}"
                shutil.copytree(folder, target, dirs_exist_ok=True)
        return life, findings, told


async def _verify(life: Life) -> str | None:
    """What the command ``verify`` says when it is not content."""
    before = life.installation.log.stat().st_size
    code = await life.installation.command("verify").wait()
    if code == 0:
        return None
    return life.installation.log.read_bytes()[before:].decode("utf-8", "replace")[-500:]


async def run(scripts: Sequence[Script], *, jobs: int, keep: Path | None) -> Sums:
    """Play them all, so many at a time, and print a line for each as it ends."""
    sums = Sums()
    began = time.monotonic()
    turn = asyncio.Semaphore(jobs)

    async def one(wanted: Script) -> None:
        async with turn:
            life, findings, told = await live(wanted, keep)
        sums.add(life, findings, told)
        sums.seconds = time.monotonic() - began
        print(_line(life, findings, told), flush=True)
        for finding in findings[:10]:
            print(f"    {finding.kind}: {finding.sentence[:400]}", flush=True)

    async with asyncio.TaskGroup() as tasks:
        for wanted in scripts:
            tasks.create_task(one(wanted))
    return sums


def _line(life: Life, findings: Sequence[Finding], told: Told) -> str:
    kinds = Counter(finding.kind for finding in findings)
    return (
        f"life {life.script.seed:>8} {life.script.database:<10} {sum(life.kills.values()):>3} kills "
        f"{len(life.sources.history.versions):>3} versions {told.changes:>4} changes "
        f"{told.alerts:>4} alerts {told.messages:>5} messages {told.repeats:>3} repeats "
        f"lost {kinds['lost']} invented {kinds['invented']} wrong {kinds['wrong']} "
        f"in {life.seconds:.0f} s"
    )


def table(sums: Sums) -> str:
    """Everything that was done, and what became of it, as Markdown."""
    told = sums.told
    rows = [
        ("kills", sum(sums.kills.values())),
        *((f"· {name}", count) for name, count in sorted(sums.kills.items())),
        ("troubles", sum(sums.troubles.values())),
        *((f"· {name}", count) for name, count in sorted(sums.troubles.items())),
        ("lives", sums.lives),
        *((f"· {name}", count) for name, count in sorted(sums.databases.items())),
        ("versions of the list that were published", sums.versions),
        ("releases that were published", sums.releases),
        ("changes that were told", told.changes),
        ("alerts", told.alerts),
        ("deliveries promised", told.deliveries),
        ("messages that receivers took", told.messages),
        ("· of them repeats, each under its first id", told.repeats),
        ("lost", sums.findings["lost"]),
        ("invented", sums.findings["invented"]),
        ("anything else wrong", sums.findings["wrong"]),
    ]
    lines = [
        "| what | count |",
        "| --- | ---: |",
        *(f"| {name} | {count:,} |" for name, count in rows),
    ]
    return "\n".join(lines)


def scripts_of(seed: int, count: int) -> list[Script]:
    """The lives that have so many kills between them."""
    whole, rest = divmod(count, KILLS)
    sizes = [KILLS] * whole + ([rest] if rest else [])
    return [script(seed, life, kills) for life, kills in enumerate(sizes)]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="kills in all")
    parser.add_argument("--seed", type=int, default=1, help="decides everything that is done")
    parser.add_argument("--life", type=int, help="only this life of them")
    parser.add_argument("--jobs", type=int, default=2, help="lives at a time")
    parser.add_argument("--keep", type=Path, help="where to keep what a failing life left")
    parser.add_argument("--log", type=Path, help="append the outcome to this Markdown file")
    given = parser.parse_args(arguments)
    scripts = scripts_of(given.seed, given.count)
    if given.life is not None:
        scripts = [scripts[given.life]]
    # Told to end, it ends what it has started, as with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sums = asyncio.run(run(scripts, jobs=given.jobs, keep=given.keep))
    outcome = table(sums)
    print(f"\n{outcome}")
    is_bad = bool(sums.findings)
    if is_bad:
        print(
            f"\nAgain: make faults COUNT={given.count} SEED={given.seed} (one life: ARGS='--life N')"
        )
    if given.log is not None:
        with given.log.open("a", encoding="utf-8") as file:
            file.write(
                f"\n### {datetime.now(UTC):%d %B %Y}, seed {given.seed}, {sum(sums.kills.values()):,} kills "
                f"in {sums.seconds / 60:.0f} minutes\n\n{outcome}\n"
            )
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
