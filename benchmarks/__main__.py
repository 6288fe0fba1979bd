"""``make benchmark``: measure, print the table with its goals, write ``results.json`` and ``docs/performance.md``.

``--quick`` measures the updates on SQLite alone, in fewer rounds, and writes nothing.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks import generator
from benchmarks.generator import RECORDS, SyntheticList
from benchmarks.loop import never_modified
from benchmarks.postgresql import running_server
from benchmarks.report import Result, save, table
from benchmarks.update import Measured, Order, databases_of

_MIB_UPDATE, _MIB_WHOLE = 16, 64
UPDATES = {
    "unchanged bytes": ("base", "base", 0.2, _MIB_UPDATE),
    "new date only": ("base", "redated", 0.5, _MIB_UPDATE),
    "16 added": ("base", "added", 0.6, _MIB_UPDATE),
    "500 amended": ("base", "amended", 1.0, _MIB_UPDATE),
    "all records in another order": ("base", "reordered", 0.6, _MIB_UPDATE),
    "all sub-ids renumbered": ("base", "renumbered", 9.0, _MIB_WHOLE),
    "first baseline": ("empty", "base", 9.0, _MIB_WHOLE),
}
"""What is measured: on top of which list, which list, the goal as a multiple of an expat pass, the goal for memory."""

_SMALL = 500
_SLOW = ("all sub-ids renumbered", "first baseline")


def main() -> None:
    """Measure everything and say it."""
    parser = argparse.ArgumentParser(prog="make benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    rounds = min(options.rounds, 3) if options.quick else options.rounds
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        _write_lists(folder)
        results = []
        for result in _everything(folder, rounds, quick=options.quick):
            print(".", end="", flush=True)
            results.append(result)
    print()
    print(table(results))
    if not options.quick:
        save(results, _machine(rounds))


def _write_lists(folder: Path) -> None:
    base = generator.synthetic()
    small = generator.synthetic(_SMALL)
    for name, published in {
        "base": base,
        "redated": generator.redated(base),
        "added": generator.with_added(base, 16),
        "amended": generator.with_amended(base, 500),
        "reordered": generator.reordered(base),
        "renumbered": generator.renumbered(base),
        "small": small,
        "small-next": generator.with_amended(generator.with_added(small, 5), 50),
    }.items():
        _write(folder, name, published)
    content = (folder / "base.xml").read_bytes()
    whole = content.replace(b"\r\n</sdnList>", b"<!-- read me whole --></sdnList>")
    (folder / "commented.xml").write_bytes(whole)


def _everything(folder: Path, rounds: int, *, quick: bool) -> Iterator[Result]:
    _make_databases(folder, ["small", "base"])
    yield from _updates(folder, rounds)
    if quick:
        return
    yield from _loop(folder)
    yield from _growth(folder, rounds=5)
    with running_server() as server:
        if server:
            _make_databases(folder, ["small", "base"], server)
            yield from _updates(folder, rounds=5, server=server)


def _make_databases(folder: Path, names: list[str], server: str = "") -> None:
    """Here, and not where memory is measured."""
    databases = databases_of(folder, server)
    databases.make("empty", None)
    for name in names:
        databases.make(name, folder / f"{name}.xml")


def _updates(folder: Path, rounds: int, server: str = "") -> Iterator[Result]:
    for name, (base, new, goal, peak) in UPDATES.items():
        some = max(rounds // 2, 3) if name in _SLOW else rounds
        measured = _measured(folder, base, new, some, server)
        yield Result(
            name=f"{name}, PostgreSQL" if server else name,
            amount=measured.ratio,
            unit="expat passes",
            goal=None if server else goal,
            milliseconds=measured.milliseconds,
            peak_mib=measured.peak_mib,
            peak_goal_mib=None if server else peak,
        )


def _loop(folder: Path) -> Iterator[Result]:
    for name, base, new in (
        ("500 amended", "base", "amended"),
        ("first baseline", "empty", "base"),
        ("first baseline, read whole", "empty", "commented"),
    ):
        lag = statistics.median(
            float(_asked("benchmarks.loop", "lag", base, f"{new}.xml", str(folder)))
            for _ in range(3)
        )
        yield Result(name=f"event loop late: {name}", amount=lag, unit="ms", goal=20)
    with never_modified() as url:
        spent = _asked("benchmarks.loop", "unchanged", "empty", url, str(folder))
    yield Result(name="CPU of a poll answered 304", amount=float(spent), unit="ms", goal=20)


def _growth(folder: Path, rounds: int) -> Iterator[Result]:
    for times in (1, 2, 4, 8):
        base = generator.synthetic(RECORDS * times)
        _write(folder, "larger", base)
        _write(folder, "larger-added", generator.with_added(base, 16))
        del base
        _make_databases(folder, ["larger"])
        measured = _measured(folder, "larger", "larger-added", rounds)
        yield Result(
            name=f"16 added, {RECORDS * times:,} records",
            amount=measured.ratio,
            unit="expat passes",
            milliseconds=measured.milliseconds,
            peak_mib=measured.peak_mib,
        )


def _measured(folder: Path, base: str, new: str, rounds: int, server: str = "") -> Measured:
    """What a process of its own measured."""
    order = Order(
        base=base,
        new=f"{new}.xml",
        small_base="small",
        small_list="small-next.xml",
        rounds=rounds,
        folder=str(folder),
        server=server,
    )
    return Measured(**json.loads(_asked("benchmarks.update", given=json.dumps(asdict(order)))))


def _asked(module: str, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _write(folder: Path, name: str, published: SyntheticList) -> None:
    (folder / f"{name}.xml").write_bytes(published.encoded())


def _machine(rounds: int) -> str:
    return (
        f"Medians of {rounds} rounds (half as many for the last two updates), Python {platform.python_version()}, "
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors."
    )


if __name__ == "__main__":
    main()
