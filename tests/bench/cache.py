#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What the cache makes of dashboards: how fast a panel that was just shown is shown again, as a share
of a Beast server that answers the same bytes from a constant; what a dashboard that many look at
costs the regions; bytes kept per sample; the first dashboard after a restart over a warm one.

usage: scripts/bench cache [--quick] [WORD...]
A WORD selects: panel, dashboard, cold. --quick: shorter rounds, to see that it works. One wrk thread and
eight connections for both servers, by turns, in one run; a dashboard runs in simulated time.
"""
import pathlib
import re
import statistics
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from bench import cold_start, federate  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.servers import built  # noqa: E402

QUICK = "--quick" in sys.argv
ROUNDS, SECONDS = (1, 1) if QUICK else (5, 2)
SHARE_BAR, SAMPLES_BAR, CPU_BAR, P99_BAR_MS = 0.5, 1.1, 0.02, 20
GAUGES_BAR, RATES_BAR = 2.0, 1.0

END = federate.END
PANELS = [
    ("large", "query_range", {"query": 'http_requests_total{code="200"}',
                              "start": max(END - 6 * 3600, federate.START + 330), "end": END - 600,
                              "step": 60}),
    ("small", "query_range", {"query": "sum by (region) (rate(http_requests_total[5m]))",
                              "start": END - 3600, "end": END - 600, "step": 15}),
    ("instant", "query", {"query": "sum(rate(http_requests_total[5m]))", "time": END - 600}),
]


class Constant:
    """A Beast server that answers `body`."""

    def __init__(self, directory, name, body):
        self.file = pathlib.Path(directory) / f"{name}.json"
        self.file.write_bytes(body)
        self.process = subprocess.Popen([built("constant_server"), self.file],
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/"

    def stop(self):
        self.process.terminate()
        self.process.wait()


def rate(url):
    """Requests a second, by wrk; nothing but whole 200 answers."""
    out = subprocess.run(["wrk", "-t1", "-c8", f"-d{SECONDS}s", url], capture_output=True,
                         text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def panels(figure):
    lab = federate.start_lab()
    with lab:
        synoptic = lab.start_synoptic(canary="none", cache={"memory": "512MiB"})
        client = synoptic.client()
        wait_until(lambda: client.query("up").headers.get("Synoptic-Coverage") == "complete", 20,
                   "complete answers after the start")
        for name, path, parameters in PANELS:
            first = client.get(f"/api/v1/{path}", **parameters)
            assert first.status == 200, first.text
            body = first.text.encode()
            constant = Constant(lab.directory, name, body)
            url = f"{synoptic.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
            pairs = [(rate(url), rate(constant.url)) for _ in range(ROUNDS)]
            constant.stop()
            ours, theirs = (statistics.median(column) for column in zip(*pairs))
            print(f"{name}: {len(body)} bytes, {ours:.0f} requests/s, the constant {theirs:.0f}")
            figure(f"cache_repeated_{name}", ours, "1/s")
            figure(f"cache_repeated_{name}_over_constant",
                   statistics.median(a / b for a, b in pairs), "ratio", at_least=SHARE_BAR)
        lab.stop_synoptic()


def dashboard(figure):
    bars = {"cache_dashboard_samples_over_new": SAMPLES_BAR,
            "cache_dashboard_upstream_cpu_over_uncached": CPU_BAR,
            "cache_dashboard_p99": P99_BAR_MS, "cache_bytes_per_sample_gauges": GAUGES_BAR,
            "cache_bytes_per_sample_rates": RATES_BAR}
    out = subprocess.run([built("dashboard_bench")], capture_output=True, text=True, check=True)
    for line in out.stdout.splitlines():
        name, value, unit = line.split()
        figure(name, float(value), unit, at_most=bars.get(name))


def main():
    figures, missed = [], []

    def figure(name, value, unit, at_least=None, at_most=None):
        figures.append(f"{name} {value:.4g} {unit}")
        if at_least is not None and value < at_least:
            missed.append(f"{name} {value:.4g}, at least {at_least}")
        if at_most is not None and value > at_most:
            missed.append(f"{name} {value:.4g}, at most {at_most}")

    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    for name, run in (("dashboard", dashboard), ("panel", panels),
                      ("cold", lambda figure: cold_start.cold_start(figure, 1 if QUICK else 5))):
        if not words or name in words:
            run(figure)
    for line in missed:
        print(f"missed: {line}")
    print("\n".join(figures))
    sys.exit(1 if missed and not QUICK else 0)


if __name__ == "__main__":
    main()
