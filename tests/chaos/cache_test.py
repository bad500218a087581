#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The cache's slow tiers when things go wrong, over three real regions. One JSON line a scenario:
{id, bar, measured, pass}.

usage: cache_test.py [ID...] [--quick] [--kills N] [--seed N] [--list]
C1 kills the server in the middle of writing to its disk, 200 times unless told otherwise. C2 stops
and freezes a real Redis under load, by turns with no Redis at all.
"""
import argparse
import json
import pathlib
import random
import signal
import statistics
import sys
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.process import Daemon, free_port, install_signal_handlers  # noqa: E402
from lab.servers import prometheus_binary, prometheus_major  # noqa: E402

DISK_BYTES = 16 << 20
EXPRESSIONS = ["foo", "sum by (region) (rate(http_requests_total[5m]))", "http_requests_total",
               "max_over_time(http_requests_total[2m])", "count(up)", "rate(http_requests_total[1m])"]


def panel(rng):
    """Of so many forms that most are new to the cache, and long enough to fill blocks."""
    step = rng.choice([5, 6, 7, 8, 10])
    start = dataset.START + rng.randrange(0, 1200)
    return rng.choice(EXPRESSIONS), start, dataset.END - rng.randrange(60, 600), step


def same_answer(client, question):
    """Whether the cache tells what the regions tell."""
    # By another timeout whole answers are not served again.
    ours = client.query_range(*question, timeout="31s")
    plain = client.query_range(*question, nocache=1)
    if ours.status != 200 or ours.headers.get("Synoptic-Coverage") != "complete":
        return None
    order = lambda answer: sorted(answer.data["result"], key=lambda one: sorted(one["metric"].items()))  # noqa: E731
    return order(ours) == order(plain)


def bytes_below(path):
    """What the files of the disk tier hold; they come and go meanwhile."""
    total = 0
    for file in path.rglob("*"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            pass
    return total


class Askers:
    """Threads that look at panels for as long as a server answers."""

    def __init__(self, url, threads, seed):
        self.times = []
        self.errors = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(url, seed + i), daemon=True)
                        for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def run(self, url, seed):
        rng = random.Random(seed)
        client = Client(url, timeout=20)
        while not self.stop.is_set():
            begin = time.monotonic()
            try:
                answer = client.query_range(*panel(rng))
                if answer.status != 200:
                    self.errors.append(answer.text[:200])
            except OSError as error:
                self.errors.append(str(error))
                time.sleep(0.01)
            self.times.append(time.monotonic() - begin)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        return self


def kills(lab, options):
    synoptic = lab.start_synoptic(cache={"memory": "1MiB", "disk": {"size": DISK_BYTES}})
    directory = synoptic.directory / "data" / "cache"
    rng = random.Random(options.seed)
    starts, wrong, compared, most, hits = [], 0, 0, 0, 0
    for number in range(options.kills):
        client = synoptic.client()
        wait_until(lambda: client.query("up", time=dataset.END).headers.get("Synoptic-Coverage")
                   == "complete", 10, "complete answers")
        for _ in range(2):
            same = same_answer(client, panel(rng))
            compared += same is not None
            wrong += same is False
        askers = Askers(synoptic.url, 2, options.seed * 1000 + number)
        time.sleep(rng.uniform(0.3, 1.5))
        hits += client.get("/api/v1/synoptic/cache").data["disk"]["hits"]
        synoptic.signal_group(signal.SIGKILL)
        synoptic.process.wait()
        askers.end()
        most = max(most, bytes_below(directory))
        begin = time.monotonic()
        synoptic.launch().wait_ready()
        starts.append(time.monotonic() - begin)
    lab.stop_synoptic()
    measured = {"kills": options.kills, "compared": compared, "wrong": wrong,
                "start_p50_s": round(statistics.median(starts), 3), "start_max_s": round(max(starts), 3),
                "disk_most_bytes": most, "disk_limit_bytes": DISK_BYTES, "blocks_from_disk": hits}
    return measured, (wrong == 0 and compared >= options.kills and most <= DISK_BYTES and hits > 0
                      and (statistics.median if options.quick else max)(starts) <= 1)


class Redis(Daemon):
    """A real redis-server that keeps nothing on disk."""

    def __init__(self, directory):
        super().__init__("redis", directory)
        self.port = free_port()

    def argv(self):
        return ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--dir",
                self.directory]


def p99(times):
    return sorted(times)[int(len(times) * 0.99)]


def redis_trouble(lab, options):
    """The same load with no Redis, one that stops, and one that freezes, each in its middle."""
    seconds = 4 if options.quick else 20
    redis = Redis(lab.directory / "redis")
    redis.launch()
    lab.daemons.append(redis)
    found = {}
    # By turns, so that what else the machine does falls on all alike.
    for trouble in ("none", "stop", "freeze") * (1 if options.quick else 3):
        shared = {} if trouble == "none" else {
            "shared": {"redis": {"endpoints": [f"127.0.0.1:{redis.port}"]}}}
        synoptic = lab.start_synoptic(cache={"memory": "1MiB", **shared})
        client = synoptic.client()
        wait_until(lambda: client.query("up", time=dataset.END).headers.get("Synoptic-Coverage")
                   == "complete", 10, "complete answers")
        if trouble != "none":
            wait_until(lambda: client.get("/api/v1/synoptic/cache").data["shared"]["up"], 10, "Redis")
        askers = Askers(synoptic.url, 4, options.seed)
        time.sleep(seconds / 4)
        if trouble == "stop":
            redis.stop()
        if trouble == "freeze":
            redis.freeze()
        time.sleep(seconds * 3 / 4)
        askers.end()
        one = found.setdefault(trouble, {"times": [], "errors": 0, "wrong": 0})
        one["times"] += askers.times
        one["errors"] += len(askers.errors)
        rng = random.Random(options.seed)
        one["wrong"] += sum(same_answer(client, panel(rng)) is not True for _ in range(5))
        lab.stop_synoptic()
        if trouble == "stop":
            redis.launch()
        redis.thaw()
    bare = p99(found["none"]["times"])
    measured = {"p99_without_ms": round(bare * 1000, 1)}
    good = True
    for trouble in ("stop", "freeze"):
        one = found[trouble]
        ratio = p99(one["times"]) / bare
        measured[trouble] = {"requests": len(one["times"]), "errors": one["errors"],
                             "wrong": one["wrong"], "p99_over_without": round(ratio, 2)}
        # A few seconds of a loaded machine say nothing about a p99.
        good = good and one["errors"] == 0 and one["wrong"] == 0 and (options.quick or ratio <= 1.2)
    redis.stop()
    return measured, good


SCENARIOS = [
    ("C1", "killed while writing: starts within 1 s, no wrong answer, the disk within its size", kills),
    ("C2", "Redis stopped and frozen: p99 at most 1.2 times without it, no error", redis_trouble),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--quick", action="store_true", help="a few kills and short rounds")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-rss", action="store_true", help="of no use here")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    options.kills = options.kills or (6 if options.quick else 200)
    if options.list:
        for name, bar, _ in SCENARIOS:
            print(name, bar)
        return 0
    unknown = set(options.ids) - {name for name, _, _ in SCENARIOS}
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; --list shows them")
    install_signal_handlers()
    failed = 0
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary), truth=False) as lab:
        for name, bar, run in SCENARIOS:
            if options.ids and name not in options.ids:
                continue
            begin = time.monotonic()
            try:
                measured, good = run(lab, options)
            except Exception as error:  # whatever went wrong is the finding
                traceback.print_exc()
                measured, good = {"error": f"{type(error).__name__}: {error}"[:300]}, False
            measured["seconds"] = round(time.monotonic() - begin)
            print(json.dumps({"id": name, "bar": bar, "measured": measured, "pass": good}), flush=True)
            failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
