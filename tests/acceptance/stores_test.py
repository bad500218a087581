#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A short retention and a long one behind it as one shard: the answers of one Prometheus that holds
all, wherever windows and lookback meet the border. Of the two fresh replicas, one has a gap.

usage: stores_test.py [-v] [WORD...]
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset, expressions  # noqa: E402
from acceptance.compare import compare  # noqa: E402
from lab import history  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.servers import Prometheus, Synoptic, prometheus_binary, prometheus_major  # noqa: E402
from lab.topology import Lab  # noqa: E402
from support.cases import Cases, equal  # noqa: E402

REGION = "us-east-1"
BORDER = dataset.START + 3600  # what is older is in the archive only
# How long the archive goes on beyond it, beyond what it says it does: this test takes less.
SPARE = 600
GAP = (BORDER + 900, BORDER + 1500)

# Beside the usual ones: what looks across the border, near and far.
WINDOWS = """
max_over_time(temperature_celsius[55m])
sum(rate(http_requests_total[30m]))
increase(bytes_total[17m] offset 20m)
rate(bytes_total[5m] offset -20m)
sum by (service) (increase(http_requests_total[1h]))
quantile_over_time(0.9, temperature_celsius[40m])
max_over_time(sum(rate(http_requests_total[5m]))[30m:1m])
sum(foo) + sum(foo @ 1768438500)
temperature_celsius - temperature_celsius offset 30m
count_over_time(spike[50m])
absent(nothing)
sparse
"""


def part(series, keep):
    return [(labels, [point for point in points if keep(point[0] / 1000)])
            for labels, points in series]


def start_lab(binary):
    lab = Lab()
    series = dataset.build(REGION)[0]
    contents = {
        "fresh-0": part(series, lambda t: t >= BORDER and not GAP[0] <= t < GAP[1]),
        "fresh-1": part(series, lambda t: t >= BORDER),
        "archive": part(series, lambda t: t < BORDER + 2 * SPARE),
        "truth": [({**labels, "region": REGION}, points) for labels, points in series],
    }
    servers = {}
    for name, held in contents.items():
        servers[name] = lab.add(Prometheus(name, lab.directory / name, binary))
        text = lab.directory / "past.om"
        history.write_openmetrics(text, held)
        history.create_blocks(text, servers[name].data)
    lab.replicas = {"all": list(servers.values())}
    lab.start_prometheus(binary)
    return lab, servers


def start_synoptic(lab, servers, name, overlap):
    """The archive says that it holds what is at least as old as the border, or younger by `overlap`."""
    age = int((time.time() - BORDER) * 1000)
    shards = [
        {"name": "recent", "replicas": [{"url": servers[s].url} for s in ("fresh-0", "fresh-1")],
         "time_range": {"max_age": f"{age}ms"}},
        {"name": "archive", "replicas": [{"url": servers["archive"].url}],
         "time_range": {"min_age": f"{age - overlap * 1000}ms"}}]
    config = {"regions": [{"name": REGION, "shards": shards}]}
    client = lab.add(Synoptic(lab.directory / name, config, name=name)).start().client()
    wait_until(lambda: client.query("count(up)", time=BORDER + 60).status == 200, 10, "an answer")
    return client


def main():
    cases = Cases("stores")
    binary = prometheus_binary()
    major = prometheus_major(binary)
    texts = [line for line in (WINDOWS + expressions.TRIPWIRES + expressions.AGGREGATIONS).split("\n")
             if line and "region" not in line]
    lab, servers = start_lab(binary)
    with lab:
        truth = Client(servers["truth"].url)
        for name, overlap in (("apart", 0), ("overlapping", SPARE)):
            ours = start_synoptic(lab, servers, name, overlap)
            for start, end, step in ((BORDER - 3000.5, BORDER + 3300, 47), (BORDER - 900, BORDER + 900, 7)):
                with cases.case(f"{name}: {len(texts)} queries by {step} s across the border"):
                    for text in texts:
                        for _ in range(2):  # then from the cache
                            compare(text, ours.query_range(text, start, end, step).data,
                                    truth.query_range(text, start, end, step).data,
                                    same_engine=major >= 3)
            with cases.case(f"{name}: series and labels of both"):
                window = {"start": BORDER - 600, "end": BORDER + 600}
                for path in ("labels", "label/service/values"):
                    equal(ours.get("/api/v1/" + path, **window).data,
                          truth.get("/api/v1/" + path, **window).data)
                equal(len(ours.get("/api/v1/series", match=['{__name__!=""}'], **window).data),
                      len(truth.get("/api/v1/series", match=['{__name__!=""}'], **window).data))
            with cases.case(f"{name}: who cannot hold a time is not asked"):
                answer = ours.query("sum(foo)", time=BORDER + 3000, explain="1", coverage="1")
                equal(answer.json["coverage"]["parts"][0]["replica"] in
                      [servers[s].url for s in ("fresh-0", "fresh-1")], True)
                answer = ours.query("sum(foo)", time=BORDER - 3000, coverage="1")
                equal(answer.json["coverage"]["parts"][0]["replica"], servers["archive"].url)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
