#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Native histograms of several regions answer as on one server that holds them all: of integers and
floats, with schemas that differ between regions, custom buckets, counters with resets, and series
that are floats at one time or place and histograms at another.

usage: histograms_test.py [-v] [--self] [WORD...]   only cases whose name holds a WORD
--self compares the truth with itself.
"""
import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance.compare import ADDS, TOLERANCE, Different  # noqa: E402
from lab import remote_write  # noqa: E402
from lab.api import Client  # noqa: E402
from lab.remote_write import STALE, Histogram  # noqa: E402
from lab.servers import Prometheus, prometheus_binary, prometheus_major  # noqa: E402
from lab.topology import Lab  # noqa: E402
from support.cases import Cases, equal  # noqa: E402

START = 1_768_435_200  # 2026-01-15 00:00:00 UTC
STEP = 15
COUNT = 160  # forty minutes
REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")
PHASE_MS = {"us-east-1": 3217, "eu-west-1": 7401, "ap-south-1": 11003}


def latency(nth, pod, index):
    """A counter in another resolution in each region, reset now and then."""
    age = index % (70 + 20 * pod) + 1
    counts = [age * (1 + (bucket * 7 + pod + nth) % 5) + index % 3 for bucket in range(6)]
    return Histogram(schema=3 - nth, spans=[(-2, 3), (2, 3)], counts=counts,
                     total=float(sum(counts)) * (0.9 + 0.1 * pod), zero=(0.001 * (1 + nth), age))


def temperature(nth, index):
    """A gauge of floats, both sides of zero."""
    counts = [1.5 + math.sin(index / 7 + bucket) for bucket in range(4)]
    return Histogram(schema=1, spans=[(0, 4)], counts=counts, total=3.25 * math.cos(index + nth),
                     zero=(0.5, 0.25), gauge=True, negative=([(0, 2)], [0.5, counts[1]]))


def sizes(nth, index):
    """Custom buckets, whose bounds differ between regions."""
    bounds = (1.0, 2.0, 4.0, 8.0) if nth == 0 else (1.0, 3.0, 4.0, 9.0)
    return Histogram(schema=-53, spans=[(0, 5)], bounds=bounds, total=float(index * 17),
                     counts=[index * (1 + bucket) for bucket in range(5)])


def past(region):
    nth = REGIONS.index(region)
    stamps = [START * 1000 + PHASE_MS[region] + n * STEP * 1000 for n in range(COUNT)]

    def series(name, value, **labels):
        points = [(stamp, value(index)) for index, stamp in enumerate(stamps)]
        return {"__name__": name, **labels}, [point for point in points if point[1] is not None]

    for pod in (0, 1):
        yield series("latency", lambda index, pod=pod: latency(nth, pod, index), pod=f"p{pod}")
        yield series("foo", lambda index, pod=pod: float(index * (1 + pod) + nth), pod=f"p{pod}")
    yield series("temperature", lambda index: temperature(nth, index))
    yield series("sizes", lambda index: sizes(nth, index))
    # Floats first, histograms then.
    yield series("became", lambda index: float(index) if index < 80 else latency(nth, 0, index))
    # Histograms in one region, floats in the other; and both beside each other in one.
    yield series("split", lambda index: latency(0, 0, index) if nth == 0 else
                 float(index * nth))
    if nth == 0:
        yield series("beside", lambda index: latency(0, 0, index), kind="h")
        yield series("beside", float, kind="f")
    else:
        yield series("beside", float, kind="f")
    yield series("holes", lambda index: latency(nth, 1, index) if index % 40 < 12 else
                 STALE if index % 40 == 12 else None)


EXPRESSIONS = [
    "latency", 'latency{region="eu-west-1"}', 'latency{pod="p1"} offset 1m', "temperature", "sizes",
    "became", "split", "beside", "holes", "latency[2m]", "became[20m]", "{pod=~\"p.\"}",
    "rate(latency[2m])", "increase(latency[5m])", "irate(latency[2m])", "delta(temperature[5m])",
    "idelta(temperature[2m])", "rate(sizes[5m])", "rate(became[25m])", "resets(latency[20m])",
    "changes(latency[5m])", "last_over_time(latency[5m])", "sum_over_time(temperature[5m])",
    "avg_over_time(latency[5m])", "count_over_time(latency[5m])", "present_over_time(became[5m])",
    "max_over_time(became[25m])", "quantile_over_time(0.5, became[25m])",
    "sum(latency)", "sum by (region) (latency)", "sum by (pod) (latency)", "avg(latency)",
    "avg by (region) (rate(latency[2m]))", "sum(rate(latency[2m]))", "sum(temperature)",
    "avg(temperature)", "sum(sizes)", "sum(rate(sizes[5m]))", "avg(sizes)", "sum(became)",
    "sum(split)", "avg(split)", "max(split)", "count(split)", "sum by (region) (split)",
    "sum(beside)", "sum by (region) (beside)", "sum by (kind) (beside)", "avg by (kind) (beside)",
    "sum(holes)", "count(latency)", "group(latency)", "max(latency)", "stddev(latency)",
    "topk(1, split)", 'count_values("v", count(latency))', 'count_values("v", split)',
    "histogram_quantile(0.9, latency)", "histogram_quantile(0.9, sum(rate(latency[2m])))",
    "histogram_quantile(0.9, sum by (region) (rate(latency[2m])))",
    "histogram_quantile(0.5, sum(sizes))", "histogram_fraction(0, 0.5, sum(rate(latency[2m])))",
    "histogram_count(latency)", "sum(histogram_count(latency))", "histogram_sum(sum(latency))",
    "histogram_count(sum(latency))", "histogram_sum(sum(rate(latency[2m])))",
    "histogram_avg(rate(latency[2m]))", "histogram_stddev(latency)", "histogram_stdvar(sum(latency))",
    "latency * 2", "2 * latency", "latency / 4", "-latency", "latency + latency",
    "rate(latency[2m]) - rate(latency[2m] offset 1m)", "sum(latency) - sum(latency offset 1m)",
    "latency + foo", "foo * latency", "latency / foo", "latency > 5", "latency == latency",
    "latency != bool latency", "latency and foo", "foo and latency", "latency or foo",
    "sum(latency) or sum(foo)", "latency unless on (pod, region) foo", "latency * on (pod) group_left "
    "sum by (pod) (foo)", "sum(split) / sum(foo)", "sum(latency) * scalar(sum(foo))",
    'label_replace(latency, "a", "$1", "pod", "p(.*)")', "absent(latency)", "absent(nosuch)",
    "timestamp(latency)", "abs(latency)", "sort(latency)", "scalar(sum(latency))",
    "max_over_time(histogram_count(sum(latency))[5m:30s])", "sum_over_time(sum(latency)[5m:30s])",
    "rate(sum(latency)[5m:30s])", "sum(foo)", "avg(foo) + sum(became)", "latency @ end()",
    "sum(latency @ start())",
]

INSTANTS = [START + 700.5, START + 1205.25, START + 2300.125]
RANGES = [(START + 61.5, START + 2400, 37), (START + 1100, START + 1300, 15),
          (START - 300, START + 2700, 613)]
POSITION = re.compile(r" \(\d+:\d+\)$")


def same(got, want, exact, where):
    """Equal JSON; numbers that were added up may differ by their rounding."""
    if got == want:
        return
    if type(got) is not type(want) or isinstance(want, (int, float)):
        raise Different(f"{where}: {got}, want {want}")
    if isinstance(want, dict):
        equal(sorted(got), sorted(want), where)
        for key, value in want.items():
            same(got[key], value, exact, f"{where}.{key}")
    elif isinstance(want, list):
        equal(len(got), len(want), f"{where}: length")
        for index, value in enumerate(want):
            same(got[index], value, exact, f"{where}[{index}]")
    else:
        try:
            close = not exact and math.isclose(float(got), float(want), rel_tol=TOLERANCE)
        except ValueError:
            close = False
        if not close:
            raise Different(f"{where}: {got!r}, want {want!r}")


def notes(answer, kind):
    return sorted({POSITION.sub("", text) for text in answer.json.get(kind, [])})


def check(expression, got, want):
    if want.status != 200:
        equal((got.status, got.json["errorType"]), (want.status, want.json["errorType"]), "error")
        return
    equal(got.status, 200, f"says {got.json.get('error')!r}; status")
    results = [answer.data["result"] for answer in (got, want)]
    for result in results:
        if result and isinstance(result[0], dict) and not expression.startswith("sort"):
            result.sort(key=lambda series: sorted(series["metric"].items()))
    same(got.data["resultType"], want.data["resultType"], True, "type")
    same(*results, not ADDS.search(expression), "result")
    for kind in ("warnings", "infos"):
        equal(notes(got, kind), notes(want, kind), kind)


def start_lab(binary):
    lab = Lab()
    for region in REGIONS:
        lab.replicas[region] = [lab.add(Prometheus(region, lab.directory / region, binary))]
    lab.truth = lab.add(Prometheus("truth", lab.directory / "truth", binary))
    lab.start_prometheus(binary)
    for region in REGIONS:
        series = list(past(region))
        remote_write.write(lab.replicas[region][0].url, series)
        remote_write.write(lab.truth.url, [({**labels, "region": region}, points)
                                           for labels, points in series])
    return lab


def main():
    cases = Cases("histograms")
    binary = prometheus_binary()
    if prometheus_major(binary) < 3:
        cases.skip("all", "native histograms need Prometheus 3")
        cases.finish()
        return 0
    with start_lab(binary) as lab:
        truth = Client(lab.truth.url)
        ours = truth if "--self" in sys.argv else lab.start_synoptic().client()
        for expression in EXPRESSIONS:
            if not cases.wanted(expression):
                continue
            with cases.case(f"{expression}: instant"):
                for time in INSTANTS:
                    check(expression, *(client.query(expression, time=time)
                                        for client in (ours, truth)))
            if "[2m]" == expression[-4:] or "[20m]" == expression[-5:]:
                continue
            with cases.case(f"{expression}: range"):
                for start, end, step in RANGES:
                    check(expression, *(client.query_range(expression, start, end, step)
                                        for client in (ours, truth)))
        if lab.synoptic:
            with cases.case("the second time it is planned right at once"):
                plan = ours.query("sum(latency)", time=INSTANTS[1], explain="1").json["explain"]
                assert "raw" in plan and "steps" not in plan, plan
                pushed = "histogram_quantile(0.9, sum by (region) (rate(latency[2m])))"
                plan = ours.query(pushed, time=INSTANTS[1], explain="1").json["explain"]
                assert "steps" in plan and "raw" not in plan, plan
            with cases.case("Synoptic stops in order"):
                lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
