#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""A region goes dark by SIGSTOP: connections are accepted and never answered. The first query may pay
a deadline, later ones may not, and all is well again soon after the region is.

usage: dark_region_test.py [-v]
"""
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.servers import prometheus_binary, prometheus_major  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

DARK = "eu-west-1"
QUERY = "sum by (region) (rate(http_requests_total[5m]))"
AT = dataset.BLOCKS_END + 1500

FIRST_SECONDS = 2.5     # a dark region costs the first query at most this
SAMPLES = 200
SLOWER, SLACK = 1.5, 0.005  # p99 while dark: at most SLOWER x healthy + SLACK seconds
BACK_SECONDS = 10


def p99(seconds):
    return statistics.quantiles(seconds, n=100)[98]


def regions_of(answer):
    return sorted(series["metric"]["region"] for series in answer.data["result"])


def ask(client):
    return client.query(QUERY, time=AT)


def is_complete(answer):
    return (answer.status == 200 and answer.headers.get("Synoptic-Coverage") == "complete"
            and not answer.warnings and regions_of(answer) == sorted(dataset.REGIONS))


def check_partial(answer):
    equal(answer.status, 200, "status")
    coverage = answer.headers.get("Synoptic-Coverage") or ""
    contains(coverage, "partial")
    contains(coverage, f"{DARK}(")
    assert answer.warnings, "no warning"
    contains(answer.warnings[-1], DARK)
    equal(sum(DARK in warning for warning in answer.warnings), 1, "warnings that name the region")
    equal(regions_of(answer), sorted(set(dataset.REGIONS) - {DARK}), "regions that answered")


def timed(client, check):
    seconds = []
    for _ in range(SAMPLES):
        answer = ask(client)
        check(answer)
        seconds.append(answer.seconds)
    return p99(seconds)


def check_complete(answer):
    assert is_complete(answer), f"not complete: HTTP {answer.status} {answer.text[:300]}"


def run(cases, lab):
    client = lab.start_synoptic().client()
    wait_until(lambda: is_complete(ask(client)), 10, "complete answers after the start")
    timed(client, check_complete)  # warm: connections, page cache
    healthy = timed(client, check_complete)
    expected = ask(client).data

    with cases.case("one replica of a region frozen: answers stay complete"):
        lab.replicas[DARK][0].freeze()
        try:
            for _ in range(20):
                answer = ask(client)
                check_complete(answer)
                assert answer.seconds < FIRST_SECONDS, f"took {answer.seconds:.2f} s"
        finally:
            lab.replicas[DARK][0].thaw()
        wait_until(lambda: is_complete(ask(client)), BACK_SECONDS, "healthy again")

    for server in lab.replicas[DARK]:
        server.freeze()
    first = None
    with cases.case(f"first query within {FIRST_SECONDS} s, partial, region named"):
        first = ask(client)
        check_partial(first)
        assert first.seconds <= FIRST_SECONDS, f"took {first.seconds:.2f} s"
    with cases.case(f"the next {SAMPLES} queries cost no more than healthy ones"):
        dark = timed(client, check_partial)
        bar = SLOWER * healthy + SLACK
        print(f"dark_region_first {first.seconds if first else -1:.3f} s")
        print(f"dark_region_p99_healthy {healthy * 1000:.2f} ms")
        print(f"dark_region_p99_dark {dark * 1000:.2f} ms")
        assert dark <= bar, f"p99 {dark * 1000:.1f} ms, bar {bar * 1000:.1f} ms"
    with cases.case("partial=require refuses with 503 and names the region"):
        answer = client.query(QUERY, time=AT, partial="require")
        equal(answer.status, 503, "status")
        equal(answer.json["errorType"], "unavailable", "errorType")
        contains(answer.json["error"], DARK)
    with cases.case("alert requests of Grafana are strict"):
        answer = client.query(QUERY, time=AT, headers={"Fromalert": "true"})
        equal(answer.status, 503, "status")
        contains(answer.json["error"], DARK)
    with cases.case("timeout=1s is kept with a frozen region"):
        answer = client.query(QUERY, time=AT, timeout="1s")
        assert answer.seconds < 1.0 and answer.status == 200, f"{answer.status}, {answer.seconds:.2f} s"
    with cases.case("a constant needs no region"):
        answer = client.query("1+1", time=4)
        equal(answer.data["result"], [4, "2"])
        equal(answer.warnings, [], "warnings")
    with cases.case("healthy regions alone are complete"):
        answer = client.query('sum(foo{region!="%s"})' % DARK, time=AT)
        equal(answer.headers.get("Synoptic-Coverage"), "complete")

    for server in lab.replicas[DARK]:
        server.thaw()
    begin = time.monotonic()
    with cases.case(f"complete again within {BACK_SECONDS} s"):
        wait_until(lambda: is_complete(ask(client)), BACK_SECONDS, "complete answers")
        print(f"dark_region_back {time.monotonic() - begin:.2f} s")
        by_region = [sorted(data["result"], key=str) for data in (ask(client).data, expected)]
        equal(by_region[0], by_region[1], "the answer of before")

    with cases.case("a region whose servers are gone (connection refused) is missing, not an error"):
        for server in lab.replicas[DARK]:
            server.stop()
        answer = ask(client)
        check_partial(answer)
        assert answer.seconds <= FIRST_SECONDS, f"took {answer.seconds:.2f} s"
    with cases.case("all regions dark: 1+1 still answers, health stays"):
        for servers in lab.replicas.values():
            for server in servers:
                server.freeze() if server.process.poll() is None else None
        answer = client.query("1+1", time=4)
        equal(answer.data["result"], [4, "2"])
        assert answer.seconds < 0.5, f"took {answer.seconds:.2f} s"
        equal(client.get("/-/healthy").status, 200)
        equal(client.get("/metrics").status, 200)


def main():
    cases = Cases("dark region")
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary), truth=False) as lab:
        run(cases, lab)
        with cases.case("Synoptic stops in order, regions still frozen"):
            lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
