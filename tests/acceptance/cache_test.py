#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The cache over three real regions: panels that slide, zoom and jump get the answers that no cache
gave, a panel that was seen asks the regions for nothing, and a partial answer is never told as whole.

usage: cache_test.py [-v] [--panels N]
"""
import pathlib
import random
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.servers import prometheus_binary, prometheus_major  # noqa: E402
from lab.topology import live_lab  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

DARK = "eu-west-1"
EXPRESSIONS = [
    "sum by (region) (rate(http_requests_total[5m]))",
    "sum(rate(http_requests_total[5m])) / count(up)",
    "http_requests_total",
    "rate(http_requests_total[2m])",
    "quantile(0.9, rate(http_requests_total[5m]))",
    "topk(3, sum by (region, job) (http_requests_total))",
    "max_over_time(sum(http_requests_total)[10m:1m])",
    "sum by (region) (http_requests_total offset 7m)",
    "http_requests_total @ end()",
    "count_values(\"v\", up)",
    "absent(http_requests_total{job=\"none\"})",
    "time() - 0 * sum(up)",
]
STEPS = [5, 15, 60, 37]


def requests_of(synoptic):
    """Queries sent to the regions so far; probes do not count."""
    text = synoptic.client().get("/metrics").text
    return sum(float(value) for value in
               re.findall(r'^synoptic_upstream_bytes_total\{[^}]*\} (\S+)$', text, re.M))


def panel(rng):
    expression = rng.choice(EXPRESSIONS)
    step = rng.choice(STEPS)
    end = rng.randrange(dataset.START + 600, dataset.END)
    start = max(dataset.START, end - step * rng.randrange(1, 300))
    return expression, start, end, step


def compare(client, expression, start, end, step):
    ours = client.query_range(expression, start, end, step)
    plain = client.query_range(expression, start, end, step, nocache=1)
    equal(ours.status, plain.status, "status")
    equal(ours.headers.get("Synoptic-Coverage"), "complete", "coverage")
    key = lambda series: sorted(series["metric"].items())  # noqa: E731
    ours_result = sorted(ours.data["result"], key=key)
    plain_result = sorted(plain.data["result"], key=key)
    equal([series["metric"] for series in ours_result],
          [series["metric"] for series in plain_result], "series")
    for got, want in zip(ours_result, plain_result):
        if got["values"] == want["values"]:
            continue
        # Sums of floats arrive in the order of the regions either way: bits are equal.
        difference = next((a, b) for a, b in zip(got["values"], want["values"]) if a != b)
        raise AssertionError(f"{got['metric']}: {difference[0]}, without cache {difference[1]}")


def run(cases, lab):
    panels = int(sys.argv[sys.argv.index("--panels") + 1]) if "--panels" in sys.argv else 300
    synoptic = lab.start_synoptic(cache={"memory": "8MiB"})
    client = synoptic.client()
    wait_until(lambda: client.query("up", time=dataset.END).headers.get("Synoptic-Coverage")
               == "complete", 10, "complete answers after the start")
    rng = random.Random(1)
    with cases.case(f"{panels} panels: the answers that no cache gave"):
        for number in range(panels):
            expression, start, end, step = panel(rng)
            try:
                compare(client, expression, start, end, step)
            except AssertionError as error:
                raise AssertionError(f"panel {number}: {expression} {start} {end} {step}: {error}")

    with cases.case("a panel that was seen asks the regions for nothing"):
        question = (EXPRESSIONS[0], dataset.START + 600, dataset.START + 4200, 15)
        first = client.query_range(*question)
        before = requests_of(synoptic)
        # Another name for the same: whole answers are kept by their parameters.
        again = client.query_range(*question, timeout="20s")
        equal(again.data, first.data)
        sent = requests_of(synoptic) - before
        assert sent < 2000, f"{sent} bytes came from the regions"  # probes
    with cases.case("a longer panel asks for the new part alone"):
        longer = client.query_range(EXPRESSIONS[0], dataset.START + 600, dataset.START + 4260, 15,
                                    explain=1)
        contains(longer.text, " from memory, 1 asked for")
        stats = client.get("/api/v1/synoptic/cache").data
        equal(sorted(region["region"] for region in stats["regions"]), sorted(dataset.REGIONS))
        assert stats["memory"]["bytes"] <= stats["memory"]["limit_bytes"], stats["memory"]

    with cases.case("a partial answer is never told as whole, nor kept"):
        for server in lab.replicas[DARK]:
            server.freeze()
        question = ("sum by (region) (foo)", dataset.START + 600, dataset.START + 1800, 15)
        for _ in range(3):
            answer = client.query_range(*question)
            contains(answer.headers.get("Synoptic-Coverage"), f"{DARK}(")
        for server in lab.replicas[DARK]:
            server.thaw()
        wait_until(lambda: client.query_range(*question).headers.get("Synoptic-Coverage")
                   == "complete", 10, "complete answers")
        compare(client, *question)
    with cases.case("DELETE drops what one region has"):
        answer = client.request("DELETE", "/api/v1/synoptic/cache", {"region": DARK})
        assert answer.data["dropped"] > 0, answer.text
        left = client.get("/api/v1/synoptic/cache").data["regions"]
        equal(sorted(region["region"] for region in left), sorted(set(dataset.REGIONS) - {DARK}))
        answer = client.request("DELETE", "/api/v1/synoptic/cache", {"region": "nowhere"})
        equal(answer.status, 400, "status")
        contains(answer.json["error"], "nowhere")
    lab.stop_synoptic()


def run_live(cases, lab):
    synoptic = lab.start_synoptic(cache={"memory": "16MiB"})
    client = synoptic.client()

    def settled():
        end = int(time.time())
        answer = client.query_range("sum(rate(http_requests_total[5s]))", end - 60, end, 1,
                                    timeout=f"{10 + settled.calls}s", explain=1)
        settled.calls += 1
        assert answer.headers.get("Synoptic-Coverage") == "complete", answer.headers
        time.sleep(0.5)
        # Beside what is newest, which serves for a moment.
        return client.get("/api/v1/synoptic/cache").data["memory"]["fragments"] >= 2

    settled.calls = 0
    with cases.case("what a region's canaries have passed is settled long before `recent`"):
        # All of the panel is younger than two minutes.
        wait_until(settled, 45, "something settled")
    lab.stop_synoptic()


def main():
    cases = Cases("cache")
    cases.only = []
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary)) as lab:
        run(cases, lab)
    small = ["--services=1", "--pods=1", "--databases=1", "--pools=1", "--nodes=1"]
    with live_lab(["us-east-1"], exporter_flags=small, receives=False) as lab:
        run_live(cases, lab)
    sys.exit(cases.finish())


if __name__ == "__main__":
    main()
