#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Samples that lie exactly on the ends of windows: (t - range, t] in Prometheus 3 and so here, also
where the servers are Debian's Prometheus 2.42, which takes both ends in.

usage: windows_test.py [-v]
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab import remote_write  # noqa: E402
from lab.api import Client  # noqa: E402
from lab.servers import Prometheus, prometheus_binary, prometheus_major  # noqa: E402
from lab.topology import Lab  # noqa: E402
from support.cases import Cases, equal  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1"]
STEP = 15
END = int(time.time()) // STEP * STEP - STEP
COUNT = 60  # samples of each series, the last one at END

# (expression, its value at END): sums over both regions, whose samples are 0, 1, 2...
WINDOWS = [
    ("sum(count_over_time(edge[1m]))", 2 * 4),
    ("sum(sum_over_time(edge[1m]))", 2 * (59 + 58 + 57 + 56)),
    ("sum(min_over_time(edge[1m]))", 2 * 56),
    ("sum(count_over_time(edge[15s]))", 2 * 1),
    ("sum(count_over_time(edge[1m] offset 30s))", 2 * 4),
    (f"sum(count_over_time(edge[1m] @ {END - 60}))", 2 * 4),
    ("sum(count_over_time(edge[1m:15s]))", 2 * 4),
    ("sum(delta(edge[1m]))", 2 * 4),  # 3 between four samples, extrapolated to the window
    ("max(irate(edge[45s]) * 15)", 1),
    ("sum by (region) (sum_over_time(edge[30s])) > 0", 59 + 58),
]
# A sample five minutes old is no longer seen.
LOOKBACK = [
    ("sum(old)", END - 15, 2),
    ("sum(old)", END, None),
    ("count(old)", END - 0.001, 2),
    ("sum(old offset 30s)", END + 15, 2),
    ("sum(old offset 30s)", END + 30, None),
]


def value(client, expression, at):
    answer = client.query(expression, time=at)
    equal(answer.status, 200, answer.text)
    values = {float(one["value"][1]) for one in answer.data["result"]}
    return values.pop() if len(values) == 1 else sorted(values) or None


def write_past(server):
    stamps = [(END - STEP * (COUNT - 1 - i)) * 1000 for i in range(COUNT)]
    remote_write.write(server.url, [
        ({"__name__": "edge"}, [(t, float(i)) for i, t in enumerate(stamps)]),
        ({"__name__": "old"}, [((END - 300) * 1000, 1.0)])])


def main():
    cases = Cases("windows")
    binary = prometheus_binary("debian")
    with Lab() as lab:
        for region in REGIONS:
            lab.replicas[region] = [lab.add(Prometheus(region, lab.directory / region, binary))]
        lab.start_prometheus(binary)
        for servers in lab.replicas.values():
            write_past(servers[0])
        theirs = lab.replicas[REGIONS[0]][0]
        if prometheus_major(binary) < 3:
            with cases.case("the server itself takes both ends in: this tests something"):
                equal(value(Client(theirs.url), WINDOWS[0][0], END), 5.0)
        ours = lab.start_synoptic(canary="none").client()
        for expression, want in WINDOWS:
            with cases.case(f"window: {expression}"):
                equal(value(ours, expression, END), want)
                steps = ours.query_range(expression, END - 30, END, STEP).data["result"]
                equal(float(steps[0]["values"][-1][1]), want)
        for expression, at, want in LOOKBACK:
            with cases.case(f"lookback: {expression} at END {at - END:+}"):
                equal(value(ours, expression, at), want)
        with cases.case("lookback: over a range"):
            steps = ours.query_range("sum(old)", END - 30, END + 30, STEP).data["result"]
            equal([at - END for at, _ in steps[0]["values"]], [-30, -15])
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
