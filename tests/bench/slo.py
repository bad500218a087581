#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What objectives cost: the share of one core that 1,000 of them over three regions take, counted
every minute and evaluated every 30 s, and what periods of 30 days cost beside periods of one.

usage: scripts/bench slo [--quick] [--slos N] [--seconds S]
The regions are live: exporters, one Prometheus each. The share is that of Synoptic with objectives
less that of Synoptic without, in one run.
"""
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import wait_until  # noqa: E402
from lab.topology import live_lab  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
QUICK = "--quick" in sys.argv
SHARE_BAR, MONTH_BAR = 0.10, 1.15


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


COUNT = option("--slos", 100 if QUICK else 1000)
SECONDS = option("--seconds", 60 if QUICK else 180)


def objectives(period):
    """Different ones: of each pod and method of the exporters, again and again."""
    lines = ["slos:"]
    for n in range(COUNT):
        of = f'method="{("GET", "POST", "PUT")[n % 3]}",pod=~".*-{n % 7}"'
        lines += [f"- name: requests-{n}", "  service: shop", f"  objective: 99.{n % 10}%",
                  f"  period: {period}",
                  f"  sli: {{events: {{bad: 'http_requests_total{{code=~\"5..\",{of}}}', "
                  f"total: 'http_requests_total{{{of}}}'}}}}"]
    return "\n".join(lines) + "\n"


def evaluations(client):
    text = client.get("/metrics").text
    return sum(float(v) for v in re.findall(
        r'^synoptic_rule_evaluations_total\{group="objectives".*\} (\S+)$', text, re.M))


def cpu_share(lab, period=None):
    """Of one core, while everything is warm: the history was counted."""
    more = {}
    if period:
        file = lab.directory / f"slos-{period}.yaml"
        file.write_text(objectives(period))
        more = {"slo_files": [str(file)]}
    server = lab.start_synoptic(**more)
    client = server.client(timeout=120)
    if period:
        # At first the minutes and the history of every objective are asked for.
        def counted():
            slos = client.get("/api/v1/synoptic/slos").data
            return sum(slo["unobserved_share"] == 0 for slo in slos) == COUNT
        begin = time.monotonic()
        wait_until(counted, 600, "the history counted", interval=5)
        print(f"{period}: history of {COUNT} counted in {time.monotonic() - begin:.0f} s",
              flush=True)
        time.sleep(60)
    else:
        time.sleep(10)
    rules, cpu, begin = evaluations(client), server.cpu_seconds(), time.monotonic()
    time.sleep(SECONDS)
    spent, took = server.cpu_seconds() - cpu, time.monotonic() - begin
    done = evaluations(client) - rules
    if period:
        expected = 2 * COUNT * took / 30
        assert done > 0.8 * expected, f"{done} evaluations of {expected:.0f}"
        slos = client.get("/api/v1/synoptic/slos").data
        late = [slo["id"] for slo in slos if slo["unobserved_share"] > 0.001]
        assert not late, f"{len(late)} objectives are behind"
    rss = server.rss_bytes() / 2**20
    lab.stop_synoptic()
    share = spent / took
    print(f"{period or 'none':<6}{share * 100:6.2f} % of a core, {rss:.0f} MiB, "
          f"{done:.0f} evaluations", flush=True)
    return share, rss


def main():
    with live_lab(REGIONS, replicas=1, interval="15s") as lab:
        idle, idle_rss = cpu_share(lab)
        shares = {}
        for period in ("1d", "30d"):
            shares[period], rss = cpu_share(lab, period)
    share = (shares["30d"] - idle) * (1000 / COUNT)
    month = (shares["30d"] - idle) / max(shares["1d"] - idle, 1e-4)
    figures = [("slo_cpu_share_of_1000", share, "cores", SHARE_BAR),
               ("slo_cpu_month_over_day", month, "ratio", None if QUICK else MONTH_BAR),
               ("slo_memory", (rss - idle_rss) / COUNT * 1000, "MiB", None)]
    missed = [f"missed: {name} {value:.4g} {unit}: bar {bar:g}"
              for name, value, unit, bar in figures if bar is not None and value > bar]
    print("\n".join(missed + [f"{name} {value:.4g} {unit}" for name, value, unit, _ in figures]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
