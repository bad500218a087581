#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Failover drills over real servers that hold a scripted past: what is measured is what was scripted,
to one scrape interval; conditions that must end a drill; drills that a metric marks.

usage: drill_test.py [-v] [-k WORD]
"""
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab import remote_write  # noqa: E402
from lab.api import wait_until  # noqa: E402
from lab.servers import synoptic_binary  # noqa: E402
from lab.topology import lab_with_past  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

FROM, TO = "us-east-1", "eu-west-1"
STEP = 5  # the scrape interval
FAULT = int(time.time()) // STEP * STEP - 600 + 2  # between two scrapes
DETECTED, SHIFT, SHIFTED, RECOVERED = 25, 40, 100, 130  # seconds after the fault
LAG = 12  # of replication when the link broke
RATE, FAILING = 100, 0.5  # requests a second, and the share that fails until recovery

DRILLS = {
    "calendar": [{"kind": "traffic", "every": "7d", "grace": "2d"}],
    "measure": {"detected": 'region_down{down="$from"}', "traffic": 'traffic_rps{region="$from"}',
                "healthy": "min(serving) == bool 1",
                "canary": 'canary_written_seconds{source="$from", region="$to"}', "step": f"{STEP}s"},
    "abort": [{"id": "users", "about": "users suffer", "query": "abort_switch == 1"}],
    "marker": "drill_running",
}
SLOS = """\
slos:
- name: requests
  service: shop
  objective: 99%
  period: 6h
  sli: {events: {bad: 'requests_total{code="500"}', total: requests_total}}
"""


def share_left(after):
    return 1 if after < SHIFT else max(0.0, (SHIFTED - after) / (SHIFTED - SHIFT))


def script(region):
    """(series of a region, bad requests, all requests)."""
    times = range(FAULT - 2 - 1200, FAULT + 400, STEP)
    count = {"200": 0.0, "500": 0.0}
    series = {}

    def put(name, at, value, **labels):
        key = tuple(sorted({"__name__": name, **labels}.items()))
        series.setdefault(key, []).append((at * 1000, value))

    for at in times:
        after = at - FAULT
        rate = RATE if region == TO else RATE * share_left(after)
        bad = FAILING if region == FROM and 0 <= after < RECOVERED else 0
        # Traffic that has left is served at once by the other.
        extra = RATE * (1 - share_left(after)) if region == TO else 0
        count["500"] += rate * bad * STEP
        count["200"] += (rate * (1 - bad) + extra) * STEP
        for code, value in count.items():
            put("requests_total", at, value, code=code)
        put("traffic_rps", at, rate)
        put("up", at, 1, job="service")
        if region == TO:
            put("serving", at, 0 if 0 <= after < RECOVERED else 1)
            put("canary_written_seconds", at, min(at, FAULT) - LAG, source=FROM)
            if after >= DETECTED:
                put("region_down", at, 1, down=FROM)
    return ([(dict(key), samples) for key, samples in series.items()],
            count["500"], count["200"] + count["500"])


def drills(client, action=None, **more):
    path = "/api/v1/synoptic/drills"
    answer = client.post(path, action=action, **more) if action else client.get(path)
    assert answer.status == 200, answer.text
    return answer


def within(got, want, what, by=STEP):
    assert got is not None and abs(got - want) <= by, f"{what}: {got}, expected {want} +- {by}"


def measured_case(cases, client, spent):
    with cases.case("RTO, RPO and phases are the script's, to one scrape interval"):
        drills(client, "start", kind="traffic", fault=str(FAULT), **{"from": FROM, "to": TO})
        drill = drills(client, "finish", at=str(FAULT + 300)).data
        within(drill["rto_s"], RECOVERED, "RTO")
        within(drill["rpo_s"], LAG, "RPO")
        within(drill["detected_ms"] / 1000 - FAULT, DETECTED, "detected")
        within(drill["shift_end_ms"] / 1000 - FAULT, SHIFTED, "shifted")
        equal(drill["notes"], {}, "notes")
    with cases.case("the budget that it spent is told by region"):
        shares = {part["region"]: part["share"] for part in drill["budget"]}
        within(shares[FROM], spent, "spent", by=0.1 * spent)
        equal(shares[TO], 0, "spent in the other region")
        within(drill["budget_spent"], shares[FROM], "spent in all", by=1e-9)
    with cases.case("the ledger and the calendar know it, and it counts as evidence"):
        answer = drills(client).data
        equal([entry["state"] for entry in answer["calendar"]], ["OK"], "calendar")
        metrics = client.get("/metrics").text
        contains(metrics, 'synoptic_drill_overdue{kind="traffic"} 0')
        contains(metrics, 'synoptic_drill_cadence_seconds{kind="traffic"} 604800')


def abort_case(cases, lab, synoptic):
    client = synoptic.client()
    command = [synoptic_binary(), "drill", "status", "--server", synoptic.url]
    with cases.case("a running drill says whether it must end"):
        equal(subprocess.run(command, capture_output=True, check=False).returncode, 1)  # none runs
        drills(client, "start", kind="links", **{"from": FROM, "to": TO})
        equal(subprocess.run(command, capture_output=True, check=False).returncode, 0)
        remote_write.write(lab.replicas[TO][0].url,
                           [({"__name__": "abort_switch"}, [(int(time.time() * 1000), 1)])])
        wait_until(lambda: subprocess.run(command, capture_output=True, check=False).returncode
                   == 3, 10, "exit code 3")
        wait_until(lambda: 'synoptic_drill_abort{id="users"} 1' in client.get("/metrics").text,
                   10, "the metric")
        contains(synoptic.log_since_launch(), "the drill must end")
        drills(client, "finish")


def marker_case(cases, lab, client):
    def mark(value):
        # As a scrape would go on writing it.
        remote_write.write(lab.replicas[TO][0].url, [
            ({"__name__": "drill_running", "kind": "zone", "from": FROM, "to": TO},
             [(int(time.time() * 1000), value)])])

    def marked():
        return [drill for drill in drills(client).data["drills"] if drill["kind"] == "zone"]

    with cases.case("a metric marks a drill: it starts and finishes by itself"):
        mark(1)
        wait_until(lambda: len(marked()) == 1, 20, "the drill", interval=0.5)
        equal((marked()[0]["from"], marked()[0]["to"]), (FROM, TO))
        mark(0)
        wait_until(lambda: marked()[0]["finished_ms"] > 0, 20, "its end", interval=0.5)


def dark_case(cases, lab, client):
    with cases.case("what is left measures a drill whose region is dark"):
        lab.replicas[FROM][0].freeze()
        drills(client, "start", kind="region", fault=str(FAULT), **{"from": FROM, "to": TO})
        drill = drills(client, "finish", at=str(FAULT + 300)).data
        lab.replicas[FROM][0].thaw()
        within(drill["rto_s"], RECOVERED, "RTO")
        within(drill["rpo_s"], LAG, "RPO")
        contains(drill["notes"]["healthy coverage"], FROM)


def main():
    cases = Cases("drill")
    past = {region: script(region) for region in (FROM, TO)}
    blocks = {region: series for region, (series, _, _) in past.items()}
    spent = past[FROM][1] / (0.01 * sum(total for _, _, total in past.values()))
    with lab_with_past([FROM, TO], blocks, {FROM: [], TO: []}, replicas=1, truth=False) as lab:
        slos = lab.directory / "slos.yaml"
        slos.write_text(SLOS)
        synoptic = lab.start_synoptic(slo_files=[str(slos)], cache={"memory": 0},
                                      readiness={"defaults": False, "drills": DRILLS})
        client = synoptic.client(timeout=60)
        wait_until(lambda: client.query("up", time=FAULT).headers.get("Synoptic-Coverage")
                   == "complete", 10, "complete answers after the start")
        measured_case(cases, client, spent)
        abort_case(cases, lab, synoptic)
        marker_case(cases, lab, client)
        dark_case(cases, lab, client)
        lab.stop_synoptic()
    sys.exit(cases.finish())


if __name__ == "__main__":
    main()
