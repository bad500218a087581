#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What rules cost: 10,000 recording and 10,000 alerting rules over three regions, evaluated by
Synoptic, against a real Prometheus that holds the data of all three and evaluates the same; what the
regions feel of it, against each rule asked of them alone; lateness; whether cost is linear; and
100,000 alerts that begin at once.

usage: scripts/bench rules [--quick] [--rules N]
--quick: 200 and 200 rules every 5 s, and 10,000 alerts, to see that it works. --rules: of each sort.
CPU is that of rules alone: what a server spends without them is taken off. All figures are ratios
within one run.
"""
import argparse
import json
import pathlib
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import rule_mix  # noqa: E402
from chaos.paging_delivery import storm  # noqa: E402
from chaos.paging_world import World  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.topology import live_lab  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
CPU_BAR, MEMORY_BAR, UPSTREAM_BAR, LATENESS_BAR, LINEAR_BAR = 0.2, 0.2, 0.5, 0.1, 1.2
FAILED_BAR = 0.0001  # a machine that is busy may refuse one
STORM_SECONDS_BAR, STORM_MIB_BAR = 5, 64


class Load:
    """CPU of servers over a stretch of time, as cores."""

    def __init__(self, *servers):
        self.servers = servers
        self.begin = time.monotonic()
        self.before = [server.cpu_seconds() for server in servers]

    def cores(self):
        took = time.monotonic() - self.begin
        return [(server.cpu_seconds() - before) / took
                for server, before in zip(self.servers, self.before)]


def load_truth(truth, rules):
    """Lets the truth evaluate these rules, or none."""
    config = json.loads(truth.config.read_text())
    config["rule_files"] = [rules] if rules else []
    truth.config.write_text(json.dumps(config))
    answer = Client(truth.url, timeout=120).request("POST", "/-/reload")
    assert answer.status == 200, answer.text[:300]


def measure(seconds, *servers):
    load = Load(*servers)
    time.sleep(seconds)
    return load.cores()


def alone(regions, expressions):
    """CPU seconds of all regions for one rule, each asked of every region by itself."""
    clients = [Client(server.url) for server in regions]
    load = Load(*regions)
    for text in expressions:
        for client in clients:
            answer = client.query(text)
            assert answer.status == 200, answer.text[:300]
    took = time.monotonic() - load.begin
    return sum(load.cores()) * took / len(expressions)


def lateness(client):
    """Seconds between slot and start of each group's last evaluation, and how long it took; failed rules."""
    text = client.request("GET", "/metrics").text
    late = {m[1]: float(m[2]) for m in re.finditer(
        r'synoptic_rule_lateness_seconds\{group="(g\d+)"\} (\S+)', text)}
    groups = client.get("/api/v1/rules", exclude_alerts="true").data["groups"]
    took = {group["name"]: group["evaluationTime"] for group in groups}
    failed = [f"{rule['name']}: {rule['lastError']}" for group in groups for rule in group["rules"]
              if rule["health"] != "ok"]
    return [late[name] + took[name] for name in late], failed


def ours(lab, rules, interval, warm, rounds):
    """(cores of Synoptic, cores of the regions, MiB, seconds after the slot at p99, rules that failed)."""
    regions = [servers[0] for servers in lab.replicas.values()]
    server = lab.start_synoptic(canary="none", rule_files=[rules], cache={})
    client = server.client(timeout=120)
    time.sleep(warm)
    load, late, errors = Load(server, *regions), [], []
    for _ in range(rounds):
        time.sleep(interval)
        seconds, failed = lateness(client)
        late += seconds
        errors += failed
    assert late
    if errors:
        print(f"{len(errors)} evaluations failed: {errors[:2]}", file=sys.stderr)
    own, *theirs = load.cores()
    mib = server.rss_bytes() / 2**20
    lab.stop_synoptic()
    return own, sum(theirs), mib, statistics.quantiles(late, n=100)[98], len(errors) / rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rules", type=int)
    options = parser.parse_args()
    quick = options.quick
    count = options.rules or (200 if quick else 10_000)
    interval, warm, rounds = (5, 12, 2) if quick else (15, 45, 3)
    missed, figures = [], []

    def figure(name, value, unit, bar=None):
        figures.append(f"{name} {value:.4g} {unit}")
        if bar is not None and value > bar:
            missed.append(f"{name} {value:.4g} {unit}: bar {bar:g}")

    with live_lab(REGIONS, replicas=1, truth=True, interval=f"{interval}s",
                  exporter_flags=rule_mix.EXPORTER_FLAGS) as lab:
        regions = [servers[0] for servers in lab.replicas.values()]
        truth = Client(lab.truth.url, timeout=120)
        wait_until(lambda: len(truth.query("rate(capacity_used[1m])").data["result"])
                   >= 3 * 4 * rule_mix.POOLS, 90, "two scrapes of every region", interval=1)
        values = rule_mix.label_values(truth)
        rules, expressions = rule_mix.write_rules(lab.directory / "rules", values, count,
                                                  f"{interval}s")
        half, _ = rule_mix.write_rules(lab.directory / "half", values, count // 2,
                                       f"{interval}s")
        series = int(truth.query('count({__name__!=""})').data["result"][0]["value"][1])
        print(f"{2 * count} rules of {len(set(expressions))} expressions, {series} series",
              flush=True)

        idle = measure(2 * interval, lab.truth, *regions)
        bare_mib = lab.truth.rss_bytes() / 2**20
        load_truth(lab.truth, rules)
        time.sleep(warm)
        load = Load(lab.truth)
        for _ in range(rounds):
            time.sleep(interval)
            # As ours are looked at: that costs both.
            truth.request("GET", "/metrics")
            truth.get("/api/v1/rules", exclude_alerts="true")
        theirs = load.cores()[0] - idle[0]
        their_mib = lab.truth.rss_bytes() / 2**20
        failed = [rule["lastError"] for group in truth.get("/api/v1/rules").data["groups"]
                  for rule in group["rules"] if rule["health"] != "ok"]
        assert not failed, failed[:3]
        lab.truth.stop()
        print(f"Prometheus: {theirs * 100:.1f} % of a core for rules, {their_mib:.0f} MiB "
              f"({bare_mib:.0f} without them)", flush=True)

        sample = expressions[::max(1, len(expressions) // (100 if quick else 600))]
        each = alone(regions, sample)
        asked_alone = each * 2 * count / interval
        print(f"regions: {each * 1e6:.0f} us of CPU for a rule asked alone of all three, "
              f"{asked_alone * 100:.1f} % of a core for all", flush=True)

        own, felt, mib, late, failed = ours(lab, rules, interval, warm, rounds)
        felt -= sum(idle[1:])
        print(f"Synoptic: {own * 100:.1f} % of a core, {mib:.0f} MiB; the regions: "
              f"{felt * 100:.1f} %; done {late * 1000:.0f} ms after the slot (p99)", flush=True)
        half_own = ours(lab, half, interval, warm, rounds)[0]
        print(f"half as many rules: {half_own * 100:.1f} % of a core", flush=True)
    figure("rules_cpu", own / theirs, "ratio", None if quick else CPU_BAR)
    figure("rules_memory", mib / their_mib, "ratio", None if quick else MEMORY_BAR)
    figure("rules_upstream_cpu", felt / asked_alone, "ratio", None if quick else UPSTREAM_BAR)
    figure("rules_done_after_slot_p99", late / interval, "of the interval", LATENESS_BAR)
    figure("rules_failed", failed / (2 * count), "of all", FAILED_BAR)
    figure("rules_linear", own / half_own / 2, "ratio", None if quick else LINEAR_BAR)

    with World() as world:
        alerts = 10_000 if quick else 100_000
        queued, _, grown = storm(alerts, world, world.script())
    figure("rules_storm_queued", queued, "s", STORM_SECONDS_BAR)
    figure("rules_storm_rss", grown, "MiB", STORM_MIB_BAR)
    for line in figures:
        print(line)
    for line in missed:
        print(f"MISSED {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
