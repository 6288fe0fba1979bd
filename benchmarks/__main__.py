"""``make benchmark``: measure, print the table with its goals, write ``results.json`` and ``docs/performance.md``.

``--quick`` measures on SQLite alone, in fewer rounds, and writes nothing; ``--only`` one of the two subjects.
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
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks import delivery, generator
from benchmarks.generator import RECORDS, SyntheticList
from benchmarks.loop import never_modified
from benchmarks.postgresql import running_server
from benchmarks.report import SUBJECTS, Result, save, table
from benchmarks.update import Measured, Order, databases_of, new_database

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
    parser.add_argument("--only", choices=SUBJECTS, default=None)
    options = parser.parse_args()
    rounds = min(options.rounds, 3) if options.quick else options.rounds
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        results = []
        for result in _everything(folder, rounds, options.only, quick=options.quick):
            print(".", end="", flush=True)
            results.append(result)
    print()
    for subject in SUBJECTS:
        if some := [each for each in results if each.subject == subject]:
            print(table(some))
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


def _everything(folder: Path, rounds: int, only: str | None, *, quick: bool) -> Iterator[Result]:
    if only != "deliveries":
        _write_lists(folder)
        _make_databases(folder, ["small", "base"])
        yield from _updates(folder, rounds)
    if only != "updates":
        yield from _deliveries(quick=quick)
    if quick:
        return
    if only != "deliveries":
        yield from _loop(folder)
        yield from _growth(folder, rounds=5)
    with running_server() as server:
        if server and only != "deliveries":
            _make_databases(folder, ["small", "base"], server)
            yield from _updates(folder, rounds=5, server=server)
        if server and only != "updates":
            yield from _deliveries(server, quick=False)


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


def _deliveries(server: str = "", *, quick: bool) -> Iterator[Result]:
    on = ", PostgreSQL" if server else ""
    for name, order in delivery.TOLD.items():
        if not server or order.channels > 1:
            told = _delivered(order, server, share=10 if quick else 3 if server else 1)
            for percent in (50, 99):
                seconds = told.percentile(percent)
                yield Result(
                    subject="deliveries",
                    name=f"{name}, p{percent}{on}",
                    amount=seconds / statistics.median(told.reference),
                    unit="bare POSTs",
                    milliseconds=seconds * 1000,
                    goal_milliseconds=2000 if percent == 99 else None,
                )
    for name, order in delivery.DRAINED.items():
        if not server:
            drained = _delivered(order, server, share=10 if quick else 1)
            yield Result(
                subject="deliveries",
                name=name,
                amount=drained.seconds[0] / drained.reference[0],
                unit="bare POSTs",
                milliseconds=drained.seconds[0] * 1000,
                peak_mib=drained.peak_mib,
                peak_goal_mib=16,
            )


def _delivered(order: delivery.Order, server: str, share: int) -> delivery.Told:
    """What a process of its own measured, in a ``share`` of the rounds."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        given = replace(
            order,
            folder=folder,
            rounds=order.rounds and max(order.rounds // share, 2),
            queued=order.queued // share,
            database_url=new_database(server, "delivery") if server else None,
        )
        asked = _asked("benchmarks.delivery", given=json.dumps(asdict(given)))
    return delivery.Told(**json.loads(asked))


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


def _machine(rounds: int) -> dict[str, str]:
    """Of each subject, how often and on what it was measured."""
    where = (
        f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}, "
        f"{os.cpu_count()} processors."
    )
    lists = ", ".join(
        f"{order.rounds} for {name}" for name, order in delivery.TOLD.items() if order.rounds
    )
    return {
        "updates": f"Medians of {rounds} rounds (half as many for the last two updates), {where}",
        "deliveries": f"Lists committed: {lists} (a third of it on PostgreSQL). {where}",
    }


if __name__ == "__main__":
    main()
