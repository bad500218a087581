#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Our PromQL engine and Prometheus' own, side by side: the same compressed chunks in, the same answers
out (compared bit by bit), processor time of either process, one thread each.

usage: scripts/bench engine [--quick] [--only REGEX] [--save FILE] [--no-memory] [--bare]
--quick: a tenth of the time for each case, and of the slow cases only some. --only: cases whose name
matches. Figures are ratios within one run: how many times ours is faster or smaller. Prometheus reads
from its own storage, as in its own benchmarks; with --bare from chunks in memory, found beforehand, as
ours does: that leaves its engine alone.
"""
import argparse
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from engine_cases import STEP, cases, linear_cases, parallel_cases  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIPPED = 77

GEOMEAN_BAR, WORST_BAR, DAY_BAR, MEMORY_BAR, ALLOCATIONS_BAR, CORES_BAR = 40, 5, 150, 5, 2, 1.8
LINEAR_BAR = 1.5  # cost of a unit of work at most so many times that at a hundredth of the work
BIG_KB = 8 << 10  # what Prometheus must take for a comparison of memory to mean something


class Engine:
    """One of the two programs: a question a line, an answer a line."""

    def __init__(self, *command, **env):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, **env})

    def ask(self, verb, case, budget_ms=0):
        fields = [verb, str(case.start), str(case.end), str(case.step), str(budget_ms), case.query]
        self.process.stdin.write("\t".join(fields) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench engine: {self.process.args[0]} ended at {case.query!r}")
        return json.loads(line)


def cache_folder():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "synoptic" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def build_theirs():
    build = ROOT / "build" / "bench" / "engine"
    shutil.copytree(HERE / "engine", build, dirs_exist_ok=True)
    subprocess.run(["go", "build", "-o", "engine", "."], cwd=build, check=True,
                   env={**os.environ, "GOFLAGS": "-mod=mod", "GOWORK": "off"})
    return build / "engine"


def write_data(theirs):
    digest = hashlib.sha256((HERE / "engine" / "data.go").read_bytes()).hexdigest()[:16]
    path = cache_folder() / f"engine-{digest}.chunks"
    if not path.exists():
        scratch = path.with_suffix(f".{os.getpid()}")
        subprocess.run([theirs, "generate", scratch], check=True)
        scratch.rename(path)
    return path


def write_block(theirs, data):
    """The data as a block of Prometheus' storage."""
    folder = pathlib.Path(data).with_suffix(".block")
    if not folder.exists():
        scratch = folder.with_suffix(f".{os.getpid()}")
        subprocess.run([theirs, "block", data, scratch], check=True)
        scratch.rename(folder)
    return str(folder)


def geomean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def spell(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.0f} ns"


def differs(case, ours, theirs):
    """Shows the first lines in which the two answers differ."""
    folder = ROOT / "build" / "bench"
    for name, engine in (("ours", ours), ("theirs", theirs)):
        engine.ask(f"dump {folder / name}.txt", case)
    print(subprocess.run(f"diff {folder}/theirs.txt {folder}/ours.txt | head -6", shell=True,
                         stdout=subprocess.PIPE, text=True).stdout, file=sys.stderr)


class Bench:
    def __init__(self, ours, theirs, args):
        self.ours, self.theirs, self.args = ours, theirs, args
        self.rows, self.wrong, self.failed = [], [], []

    def run(self, case):
        budget = 30 if self.args.quick else 250
        ours = self.ours.ask("run", case, budget)
        if ours["error"]:
            self.failed.append(case.name)
            print(f"{case.group:10} {case.name:70} fails: {ours['error'][:60]}")
            return
        theirs = self.theirs.ask("run", case, budget)
        if theirs["error"]:
            sys.exit(f"bench engine: Prometheus fails {case.query!r}: {theirs['error']}")
        row = {"group": case.group, "name": case.name, "day": case.day, "ours": ours["ns"],
               "theirs": theirs["ns"], "ratio": theirs["ns"] / ours["ns"],
               # Of series read or answered, whichever are more: count_values answers thousands.
               "allocs": ours["allocs"] / max(case.series, ours["series"], 1), "series": case.series}
        # What decoding the chunks and writing the answer alone takes.
        row["floor"] = ours["ns"] / max(self.ours.ask("floor", case)["ns"], 1)
        if not self.args.no_memory and theirs["points"] >= 0 and theirs["ns"] > 2e6:
            row["their_kb"] = self.theirs.ask("memory", case)["peak_kb"]
            row["our_kb"] = self.ours.ask("memory", case)["peak_kb"]
        equal = ours["digest"] == theirs["digest"] and ours["points"] == theirs["points"]
        self.rows.append(row)
        memory = ""
        if row.get("their_kb", 0) >= BIG_KB:
            memory = f"{row['their_kb'] / max(row['our_kb'], 64):7.1f}"
        print(f"{case.group:10} {case.name:70} {spell(ours['ns']):>8} {spell(theirs['ns']):>8} "
              f"{row['ratio']:8.1f} {row['floor']:6.1f} {row['allocs']:7.2f} {memory:>7}"
              f"{'' if equal else '  DIFFERS'}", flush=True)
        if not equal:
            self.wrong.append(case.name)
            differs(case, self.ours, self.theirs)

    def figures(self):
        """(name, value, unit, whether its bar is missed)"""
        rows = self.rows
        yield "engine_cases", len(rows), "cases", False
        yield "engine_different", len(self.wrong), "cases", bool(self.wrong)
        yield "engine_failing", len(self.failed), "cases", bool(self.failed)
        if not rows:
            return
        ratios = [row["ratio"] for row in rows]
        for group in sorted({row["group"] for row in rows}):
            yield (f"engine_speedup_{group}", geomean(r["ratio"] for r in rows if r["group"] == group),
                   "x", False)
        yield "engine_speedup", geomean(ratios), "x", geomean(ratios) < GEOMEAN_BAR
        yield "engine_speedup_worst", min(ratios), "x", min(ratios) < WORST_BAR
        days = [row["ratio"] for row in rows if row["day"]]
        if days:
            yield "engine_speedup_day_windows", geomean(days), "x", geomean(days) < DAY_BAR
        yield "engine_over_machine_floor", geomean(row["floor"] for row in rows), "x", False
        memory = [row["their_kb"] / max(row["our_kb"], 64) for row in rows
                  if row.get("their_kb", 0) >= BIG_KB]
        if memory:
            yield "engine_memory_saved", geomean(memory), "x", geomean(memory) < MEMORY_BAR
            yield "engine_memory_saved_worst", min(memory), "x", False
        # A query has costs of its own, too: they count where series are many.
        many = [row["allocs"] for row in rows if row["series"] >= 100]
        if many:
            yield "engine_allocations_per_series", geomean(many), "", False
            yield "engine_allocations_per_series_worst", max(many), "", max(many) > ALLOCATIONS_BAR

    def linear(self):
        """How the cost of a unit of work grows over two decades: (name, growth)."""
        for name, few, much, more_work in linear_cases():
            small, large = (self.ours.ask("run", case, 100) for case in (few, much))
            if small["error"] or large["error"]:
                continue
            yield name, large["ns"] / small["ns"] / more_work

    def parallel(self):
        """How many times sooner two threads are done than one: (name, ratio). Wants two idle cores."""
        for case in parallel_cases():
            walls = {1: [], 2: []}
            for _ in range(5):
                for threads, found in walls.items():
                    found.append(self.ours.ask(f"threads {threads}", case, 100)["wall_ns"])
            yield case.name, min(walls[1]) / max(min(walls[2]), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--save", help="the rows as JSON")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--bare", action="store_true")
    args = parser.parse_args()
    if shutil.which("go") is None:
        print("skipped: go is not installed (https://go.dev/dl; 1.26 or later)")
        return SKIPPED
    theirs = build_theirs()
    data = str(write_data(theirs))
    binaries = pathlib.Path(os.environ.get("SYNOPTIC_BIN_DIR", ROOT / "build" / "release" / "bin"))
    source = data if args.bare else write_block(theirs, data)
    bench = Bench(Engine(binaries / "engine_bench", data), Engine(theirs, "serve", source, GOMAXPROCS="1"), args)
    print(f"{'set':10} {'query, steps of %d s' % (STEP // 1000):70} {'ours':>8} {'theirs':>8} {'ratio':>8} "
          f"{'/floor':>6} {'allocs':>7} {'memory':>7}")
    for case in cases():
        if re.search(args.only, f"{case.group} {case.name}") and not (args.quick and case.slow):
            bench.run(case)
    figures = list(bench.figures())
    if not args.only:
        growth = dict(bench.linear())
        for name, value in growth.items():
            print(f"linear     {name:70} {value:8.2f}")
        figures.append(("engine_growth_over_two_decades_worst", max(growth.values()), "x",
                        max(growth.values()) > LINEAR_BAR))
        cores = dict(bench.parallel())
        for name, value in cores.items():
            print(f"two cores  {name:70} {value:8.2f}")
        figures.append(("engine_two_cores", geomean(cores.values()), "x",
                        geomean(cores.values()) < CORES_BAR))
    if args.save:
        pathlib.Path(args.save).write_text(json.dumps(bench.rows, indent=1))
    for name, value, unit, missed in figures:
        print(f"{name} {value:.4g} {unit}{' (bar missed)' if missed else ''}")
    return 1 if any(missed for *_, missed in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
