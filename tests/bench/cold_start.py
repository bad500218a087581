#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""How long the first dashboard takes after a restart, when what it shows is on disk, over one that finds
it in memory.

usage: scripts/bench cold_start
Both ask the regions for the last ten minutes: `recent` is set so that these may still change.
"""
import concurrent.futures
import pathlib
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.servers import prometheus_binary, prometheus_major  # noqa: E402

BAR = 1.5
EXPRESSIONS = ["foo", "http_requests_total", "sum(rate(http_requests_total[5m]))",
               "sum by (region) (rate(http_requests_total[5m]))", "count(up)",
               "max_over_time(http_requests_total[2m])", "rate(http_requests_total[1m])",
               "sum by (region, job) (http_requests_total)", "avg by (region) (foo)", "up"]
PANELS = [(expression, step) for expression in EXPRESSIONS for step in (15, 30)]


def dashboard(synoptic, number):
    """Seconds for all panels, six at a time as a browser asks. By another timeout: no whole answer is
    sent again."""
    mine = threading.local()

    def show(panel):
        expression, step = panel
        client = mine.client = getattr(mine, "client", None) or synoptic.client()
        answer = client.query_range(expression, dataset.START + 600, dataset.END, step,
                                    timeout=f"{30 + number}s")
        assert answer.status == 200, answer.text
        assert answer.headers.get("Synoptic-Coverage") == "complete", answer.headers
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(6) as browser:
        list(browser.map(show, PANELS))
    return time.monotonic() - begin


def ready(synoptic):
    client = synoptic.client()
    wait_until(lambda: client.query("up", time=dataset.END).headers.get("Synoptic-Coverage")
               == "complete", 10, "complete answers")
    return client


def cold_start(figure, rounds=5):
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary), truth=False) as lab:
        recent = int(time.time()) - dataset.END + 600
        synoptic = lab.start_synoptic(cache={"memory": "64MiB", "disk": {"size": "64MiB"},
                                             "recent": f"{recent}s"})
        ready(synoptic)
        first = dashboard(synoptic, 0)
        warm, cold, served = [], [], 0
        for number in range(1, rounds + 1):
            warm.append(dashboard(synoptic, 10 * number))
            code = synoptic.stop()
            assert code == 0, synoptic.log_since_launch()[-1000:]
            synoptic.launch().wait_ready()
            client = ready(synoptic)
            cold.append(dashboard(synoptic, 10 * number + 1))
            served += client.get("/api/v1/synoptic/cache").data["disk"]["hits"]
            dashboard(synoptic, 10 * number + 2)
        assert served > 0, "nothing came from the disk"
        lab.stop_synoptic()
    figure("cache_dashboard_uncached", first * 1000, "ms")
    figure("cache_dashboard_warm", statistics.median(warm) * 1000, "ms")
    figure("cache_dashboard_cold_from_disk", statistics.median(cold) * 1000, "ms")
    figure("cache_cold_over_warm", statistics.median(cold) / statistics.median(warm), "ratio",
           at_most=BAR)


def main():
    figures, missed = [], []

    def figure(name, value, unit, at_most=None):
        figures.append(f"{name} {value:.4g} {unit}")
        if at_most is not None and value > at_most:
            missed.append(f"missed: {name} {value:.4g}, at most {at_most}")

    cold_start(figure)
    print("\n".join(missed + figures))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
