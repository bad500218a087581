#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Replicas of one region that were down at different times. Where samples are read (not pushed down)
the sibling fills a replica's gap, and no sample counts twice.

usage: replicas_test.py [-v]
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from acceptance.compare import compare  # noqa: E402
from lab import history  # noqa: E402
from lab.api import Client  # noqa: E402
from lab.servers import Prometheus, prometheus_binary, prometheus_major  # noqa: E402
from lab.topology import Lab  # noqa: E402
from support.cases import Cases, equal  # noqa: E402

REGIONS = dataset.REGIONS[:2]
NAMES = ("foo", "ramp", "http_requests_total", "temperature_celsius")
# Both longer than the lookback, at different times; the region is whole all along.
GAPS = {0: (dataset.START + 1200, dataset.START + 2400),
        1: (dataset.START + 3600, dataset.START + 4800)}

# What is read as samples: a part that a replica computes itself keeps that replica's holes.
READS = [
    "quantile(0.5, ramp)",
    "quantile_over_time(0.5, quantile(0.5, ramp)[10m:15s])",
    "foo - on (i) group_left () foo",
    "stddev(temperature_celsius)",
    "quantile(0.9, rate(http_requests_total[2m]))",
    "max_over_time(temperature_celsius[2m])",
]


def without(series, gap):
    begin, end = gap[0] * 1000, gap[1] * 1000
    return [(labels, [point for point in points if not begin <= point[0] < end])
            for labels, points in series]


def start_lab(binary):
    lab = Lab()
    whole = {region: [entry for entry in dataset.build(region)[0]
                      if entry[0]["__name__"] in NAMES] for region in REGIONS}
    for region in REGIONS:
        lab.replicas[region] = []
        for index, gap in GAPS.items():
            server = Prometheus(f"{region}-{index}", lab.directory / f"{region}-{index}", binary)
            text = lab.directory / "past.om"
            history.write_openmetrics(text, without(whole[region], gap))
            history.create_blocks(text, server.data)
            lab.replicas[region].append(lab.add(server))
    lab.truth = lab.add(Prometheus("truth", lab.directory / "truth", binary))
    text = lab.directory / "past.om"
    history.write_openmetrics(text, [({**labels, "region": region}, points)
                                     for region in REGIONS for labels, points in whole[region]])
    history.create_blocks(text, lab.truth.data)
    lab.start_prometheus(binary)
    return lab


def main():
    cases = Cases("replicas")
    binary = prometheus_binary()
    engine = prometheus_major(binary) >= 3
    with start_lab(binary) as lab:
        truth, ours = Client(lab.truth.url), lab.start_synoptic().client()
        for expression in READS:
            with cases.case(f"gaps are filled: {expression}"):
                ask = (expression, dataset.START + 900.5, dataset.START + 6000, 31)
                for _ in range(4):  # whichever replica is asked first
                    got, want = ours.query_range(*ask), truth.query_range(*ask)
                    compare(expression, got.data, want.data, same_engine=engine)
        with cases.case("Synoptic stops in order"):
            lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
