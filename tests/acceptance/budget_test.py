#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Error budgets over real servers that hold a scripted past, of which one does not answer: the budget is
an interval that holds the truth, with the share that nobody saw; once the region is back, its past
corrects it to a number; and a restart knows all of it without asking anybody.

usage: budget_test.py [-v] [-k WORD]
"""
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import wait_until  # noqa: E402
from lab.servers import synoptic_binary  # noqa: E402
from lab.topology import lab_with_past  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

SEEN, DARK = "us-east-1", "eu-west-1"
STEP, HOUR = 15, 3600
NOW = int(time.time()) // STEP * STEP
OBJECTIVE, PERIOD = 0.99, 6 * HOUR
RATE = {SEEN: 80, DARK: 20}  # requests a second
FAILING = {SEEN: 0.001, DARK: 0.002}  # of them; and in one hour of the region that is not seen:
BURST = (NOW - 3 * HOUR, NOW - 2 * HOUR, 0.12)
SLOS = f"""\
slos:
- name: requests
  service: shop
  objective: {OBJECTIVE * 100:g}%
  period: 6h
  sli: {{events: {{bad: 'requests_total{{code="500"}}', total: requests_total}}}}
"""


def failing(region, at):
    return BURST[2] if region == DARK and BURST[0] <= at < BURST[1] else FAILING[region]


def past(region):
    series = {"200": [], "500": []}
    count = {"200": 0.0, "500": 0.0}
    # Some minutes of the future, too: what the servers would have scraped while this runs.
    for at in range(NOW - PERIOD - HOUR, NOW + 1200, STEP):
        bad = failing(region, at)
        count["500"] += RATE[region] * STEP * bad
        count["200"] += RATE[region] * STEP * (1 - bad)
        for code, value in count.items():
            series[code].append((at * 1000, value))
    up = [(at, 1) for at, _ in series["200"]]
    return [({"__name__": "up", "job": "shop"}, up)] + [
        ({"__name__": "requests_total", "code": code}, samples) for code, samples in series.items()]


def truth():
    """What is left of the budget, and the dark region's share of all that failed."""
    bad = {region: sum(RATE[region] * STEP * failing(region, at)
                       for at in range(NOW - PERIOD, NOW, STEP)) for region in RATE}
    total = sum(RATE.values()) * PERIOD
    return 1 - sum(bad.values()) / total / (1 - OBJECTIVE), bad[DARK] / sum(bad.values())


def slo(client):
    answer = client.get("/api/v1/synoptic/slos")
    assert answer.status == 200, answer.text
    return answer.data[0]


def near(got, want, what, by=0.01):
    assert abs(got - want) <= by, f"{what}: {got}, expected {want} +- {by}"


def counted(client, unobserved):
    """Once the history is counted; `unobserved` of its share says so."""
    def done():
        now = slo(client)
        return now["counted"] and unobserved(now["unobserved_share"])
    wait_until(done, 60, "the history counted", interval=0.5)
    return slo(client)


def blind_case(cases, synoptic, client, left):
    with cases.case("an unseen region makes the budget an interval that holds the truth"):
        now = counted(client, lambda share: abs(share - 0.5) < 0.01)
        worst, best = now["budget_remaining_worst"], now["budget_remaining_best"]
        assert worst < left < best, f"[{worst}, {best}] does not hold {left}"
        assert best - worst > 1, f"[{worst}, {best}]: half of the time may hide more"
        parts = {part["region"]: part for part in now["regions"]}
        near(parts[DARK]["unobserved_share"], 1, "unobserved of the dark region")
        equal(parts[SEEN]["unobserved_share"], 0, "unobserved of the other")
        contains(now["coverage"], f"missing {DARK}")
    with cases.case("the command shows the interval and the share that nobody saw"):
        shown = subprocess.run([synoptic_binary(), "slo", "list", "--server", synoptic.url],
                               capture_output=True, text=True, check=False)
        equal(shown.returncode, 0)
        line = next(line for line in shown.stdout.splitlines() if line.startswith("shop-requests"))
        contains(line, "[-")
        contains(line, "50.0%")
        contains(line, f"missing {DARK}")
    with cases.case("the metrics say both ends"):
        metrics = client.get("/metrics").text
        for bound, value in (("worst", worst), ("best", best)):
            key = (f'synoptic_slo_budget_remaining_ratio{{bound="{bound}",service="shop",'
                   'slo="requests"} ')
            line = next(line for line in metrics.splitlines() if line.startswith(key))
            near(float(line[len(key):]), value, bound, by=0.05)


def back_case(cases, client, left, share):
    with cases.case("once it is back its past corrects the budget to a number, and that is the truth"):
        now = counted(client, lambda part: part == 0)
        equal(now["budget_remaining_worst"], now["budget_remaining_best"])
        near(now["budget_remaining_worst"], left, "budget left")
        parts = {part["region"]: part for part in now["regions"]}
        near(parts[DARK]["bad_share"], share, "the share of the region that was dark")
        equal(now["coverage"], "complete")


def restart_case(cases, lab, synoptic, left, share):
    with cases.case("a restart knows it without asking anybody"):
        synoptic.stop()
        for servers in lab.replicas.values():
            servers[0].freeze()
        synoptic.start()
        client = synoptic.client(timeout=60)
        now = counted(client, lambda part: part < 0.02)  # but for the minutes since
        assert now["budget_remaining_worst"] - 0.01 <= left <= now["budget_remaining_best"] + 0.01, now
        parts = {part["region"]: part for part in now["regions"]}
        near(parts[DARK]["bad_share"], share, "the share of the region that was dark")
    with cases.case("counts are series that everybody can query"):
        answer = client.query('sum by (region) (sum_over_time(synoptic_slo_bad_events{slot="1m"}[1h]))')
        found = {one["metric"]["region"]: float(one["value"][1]) for one in answer.data["result"]}
        for region, rate in RATE.items():
            near(found[region] / (rate * HOUR * FAILING[region]), 1, region, by=0.1)


def main():
    cases = Cases("budget")
    blocks = {region: past(region) for region in (SEEN, DARK)}
    left, share = truth()
    with lab_with_past([SEEN, DARK], blocks, {SEEN: [], DARK: []}, replicas=1, truth=False) as lab:
        slos = lab.directory / "slos.yaml"
        slos.write_text(SLOS)
        lab.replicas[DARK][0].freeze()
        synoptic = lab.start_synoptic(slo_files=[str(slos)], cache={"memory": 0})
        client = synoptic.client(timeout=60)
        blind_case(cases, synoptic, client, left)
        lab.replicas[DARK][0].thaw()
        back_case(cases, client, left, share)
        restart_case(cases, lab, synoptic, left, share)
        lab.stop_synoptic()
    sys.exit(cases.finish())


if __name__ == "__main__":
    main()
