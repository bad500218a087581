#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What planning costs: a what-if over 200 pools x 6 resources x 5 regions, and the capacity report over
90 days of 5-minute data, from series that the regions have recorded.

usage: scripts/bench reports [--quick]
The regions answer at once, from memory: what is measured is Synoptic, from question to document.
"""
import pathlib
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import wait_until  # noqa: E402
from lab.process import Daemon  # noqa: E402
from lab.servers import Synoptic  # noqa: E402
from lab.topology import Lab  # noqa: E402

QUICK = "--quick" in sys.argv
POOLS, RESOURCES, REGIONS = 200, 6, 5
WHAT_IF_BAR_MS, REPORT_BAR_S = 50, 5


class RecordedRegions(Daemon):
    LISTENING = re.compile(r"listening (\d+)")

    def argv(self):
        return [sys.executable, pathlib.Path(__file__).parent / "recorded_regions.py", str(POOLS)]


def resources(kind, by):
    return [{"name": f"{kind}{n}", "unit": "cores", "demand": f"sum by ({by}) ({kind}{n}_used)",
             "supply": f"sum by ({by}) ({kind}{n}_there)", "price": 30, "ice": "30%",
             "lead_time": "30d"} for n in range(RESOURCES)]


def start(lab, upstreams, name, capacity):
    regions = [{"name": f"r{n}", "prometheus": [f"http://127.0.0.{n + 1}:{upstreams.port}"],
                "canary": "none"} for n in range(REGIONS)]
    config = {"regions": regions, "cache": {"memory": 0}, "capacity": {
        "weights": "supply", "growth": "1%", "interval": "1h", **capacity}}
    server = lab.add(Synoptic(lab.directory / name, config, name=name))
    server.start()
    return server


def ask(client, path, **parameters):
    begin = time.monotonic()
    answer = client.post(path, **parameters)
    took = time.monotonic() - begin
    assert answer.status == 200, answer.text[:500]
    return answer, took


def main():
    with Lab("synoptic-reports-") as lab:
        upstreams = lab.add(RecordedRegions("regions", lab.directory / "regions").launch())
        upstreams.wait_port()
        at = int(time.time()) // 3600 * 3600
        server = start(lab, upstreams, "pools", {"resources": resources("res", "region, pool")})
        client = server.client(timeout=120)

        def complete():
            answer, _ = ask(client, "/api/v1/synoptic/whatif", lose="r0", at=str(at))
            return len(answer.data["pools"]) == POOLS * RESOURCES
        wait_until(complete, 30, "all pools", interval=0.5)
        took, cpu = [], server.cpu_seconds()
        for n in range(5 if QUICK else 40):
            answer, seconds = ask(client, "/api/v1/synoptic/whatif", lose=f"r{n % REGIONS}",
                                  at=str(at), growth="1.2")
            took.append(seconds * 1000)
        spent = (server.cpu_seconds() - cpu) / len(took) * 1000
        what_if = statistics.median(took)
        print(f"what-if: {len(answer.data['pools'])} pools, {len(answer.text) / 1e6:.1f} MB, p50 "
              f"{what_if:.1f} ms, best {min(took):.1f} ms, {spent:.1f} ms CPU", flush=True)
        days = 10 if QUICK else 90
        server = start(lab, upstreams, "report", {
            "history": {"length": f"{days}d", "step": "5m"},
            "resources": resources("all", "region")})
        client = server.client(timeout=300)
        wait_until(lambda: client.query("sum(all0_used)").headers.get("Synoptic-Coverage")
                   == "complete", 10, "a complete answer")
        # The first makes the regions' answers, which then are ready.
        first, _ = ask(client, "/api/v1/synoptic/reports", name="capacity", format="json",
                       at=str(at))
        coverages = {source["coverage"] for source in first.json["sources"]}
        assert coverages == {"complete"}, coverages
        begin = server.cpu_seconds()
        answer, report = ask(client, "/api/v1/synoptic/reports", name="capacity", format="html",
                             at=str(at))
        assert f"{days}d back" in answer.text, answer.text[:2000]
        print(f"report: {days} days of 5 minutes, {REGIONS} regions, {RESOURCES} resources: "
              f"{report:.2f} s, {server.cpu_seconds() - begin:.2f} s CPU", flush=True)
    figures = [("reports_what_if_p50", what_if, "ms", WHAT_IF_BAR_MS),
               ("reports_what_if_cpu", spent, "ms", None),
               ("reports_capacity_90d", report, "s", REPORT_BAR_S)]
    missed = [f"missed: {name} {value:.4g} {unit}: bar {bar:g}"
              for name, value, unit, bar in figures if bar is not None and value > bar]
    print("\n".join(missed + [f"{name} {value:.4g} {unit}" for name, value, unit, _ in figures]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
