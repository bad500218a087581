#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input gets a clear error and nothing is lost: configurations, regions that are not there,
upstreams that answer nonsense.

usage: bad_input_test.py [-v] [WORD...]
"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from lab.fake_upstream import FAULTS, FakeUpstream  # noqa: E402
from lab.process import free_port  # noqa: E402
from lab.servers import Synoptic, prometheus_binary, prometheus_major, synoptic_binary  # noqa: E402
from lab.topology import synoptic_config  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

AT = dataset.BLOCKS_END + 1500.25
REGION = 'regions: [{name: a, prometheus: ["http://127.0.0.1:1"]}]\n'

REGIONS = ('regions:\n- {name: a, prometheus: ["http://127.0.0.1:1"]}\n'
           '- {name: b, prometheus: ["http://127.0.0.1:2"]}\n')

# (what is wrong, the file, line of the fault or None, what the message names)
CONFIGS = [
    ("broken YAML", "regions:\n  - name: a\n   prometheus: []\n", True, []),
    ("unknown key", REGION + "evaluation_interval: 15s\n", 2, ["evaluation_interval"]),
    ("unknown key inside", "regions:\n  - name: a\n    prometeus: [http://h:1]\n", 3, ["prometeus"]),
    ("wrong type", "regions: 3\n", 1, ["regions"]),
    ("not a duration", REGION + "global:\n  evaluation_interval: fast\n", 3,
     ["evaluation_interval", "fast"]),
    ("not a URL", 'regions:\n  - name: a\n    prometheus: ["ftp//x"]\n', 3, ["ftp//x"]),
    ("no regions", "global: {evaluation_interval: 15s}\n", None, ["regions"]),
    ("no replicas", "regions:\n  - name: a\n    prometheus: []\n", True, ["a"]),
    ("one region twice", "regions:\n  - {name: a, prometheus: [http://h:1]}\n"
                         "  - {name: a, prometheus: [http://h:2]}\n", None, ["a"]),
    ("two regions with equal labels",
     "regions:\n  - {name: a, labels: {region: x}, prometheus: [http://h:1]}\n"
     "  - {name: b, labels: {region: x}, prometheus: [http://h:2]}\n", None, ["a", "b"]),
    ("one server in two regions", "regions:\n  - {name: a, prometheus: [http://h:1, http://h:1]}\n",
     None, ["http://h:1"]),
    # What planners write: wrong units, ratios over 1, windows that do not divide, weights that do not
    # add up or go round in a circle, negative supply, names that nobody has.
    ("a unit that is none", REGION + "capacity:\n  resources:\n"
     "  - {name: cpu, unit: GB, demand: x, supply: y}\n", 4, ["resources[0].unit", "GB", "bytes"]),
    ("negative supply", REGION + "capacity:\n  resources:\n"
     "  - {name: cpu, unit: cores, demand: x, supply: {a: -1}}\n", 4, ["supply.a", "at least 0"]),
    ("a target above all there is", REGION + "capacity:\n  target_utilisation: 120%\n", 3,
     ["target_utilisation", "120%"]),
    ("weights that do not add up", REGIONS + "capacity:\n  affinity:\n    a: {b: 90%}\n"
     "    b: {a: 100%}\n", 6, ["add up to 90%; expected"]),
    ("weights that go in a circle", REGIONS + "capacity:\n  affinity:\n    a: {a: 100%}\n"
     "    b: {a: 100%}\n", 6, ["goes round in a circle"]),
    ("weights to an unknown region", REGIONS + "capacity:\n  affinity:\n    a: {mars: 100%}\n"
     "    b: {a: 100%}\n", 6, ["affinity.a.mars", "no region"]),
    ("a history step that does not divide", REGION + "capacity:\n  history: {step: 7m}\n", 3,
     ["a part of an hour"]),
    ("a flow from nowhere", REGION + "readiness:\n  flows:\n  - {name: f, signals: {lag: mars}}\n",
     4, ["mars"]),
    ("an abort condition that does not parse", REGION + "readiness:\n  drills:\n    abort:\n"
     "    - {id: a, query: 'sum('}\n", 5, ["abort[0].query", "parse error"]),
    ("a drill without cadence", REGION + "readiness:\n  drills:\n    calendar: [{kind: traffic}]\n",
     4, ["expected `every`"]),
    ("an unknown pack", REGION + "packs: [oracle]\n", 2, ["packs[0]", "postgres"]),
    ("an unknown threshold", REGION + "packs:\n- name: redis\n  thresholds: {size: 5}\n", 4,
     ["packs[0].thresholds.size", "queue_length (items)"]),
    ("a threshold in a wrong unit", REGION + "packs:\n- name: redis\n"
     "  thresholds: {resync_left: 5MB}\n", 4, ["resync_left", "5MB"]),
    ("a missing rule file", REGION + "rule_files: [nowhere.yml]\n", None, ["nowhere.yml"]),
]
RULES = [
    ("a rule that does not parse",
     "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(\n", ["rules.yml:4:", "1:5: parse error"]),
    ("a rule with an unknown key",
     "groups:\n- name: g\n  rules:\n  - alert: A\n    exp: up\n", ["exp"]),
    ("a group twice", "groups:\n- {name: g, rules: []}\n- {name: g, rules: []}\n", ["g"]),
]
OBJECTIVE = "slos:\n- name: n\n  service: s\n  objective: %s\n  period: %s\n  sli: {events: {%s}}\n"
EVENTS = "bad: e, total: t"
SLICES = """apiVersion: openslo/v1
kind: SLO
metadata: {name: n}
spec:
  service: s
  budgetingMethod: Timeslices
  timeWindow: [{duration: 28d, isRolling: true}]
  indicator: {metadata: {name: i}, spec: {ratioMetric: {counter: true, good: {metricSource: {
    type: Prometheus, spec: {query: g}}}, total: {metricSource: {type: Prometheus, spec: {query: t}}}}}}
  objectives: [{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 11m}]
"""
OBJECTIVES = [
    ("a ratio over 1", OBJECTIVE % ("101%", "30d", EVENTS), ["slos.yml:4:14", "101%"]),
    ("a ratio without its sign", OBJECTIVE % ("0.999", "30d", EVENTS), ["slos.yml:4:14", "99.9%"]),
    ("a period that does not divide", OBJECTIVE % ("99%", "90s", EVENTS), ["slos.yml:5:11", "1h"]),
    ("good and bad", OBJECTIVE % ("99%", "30d", "bad: e, good: g, total: t"),
     ["slos.yml:6", "one of `bad` and `good`"]),
    ("slices that do not divide the period", SLICES, ["slos.yml:10:71", "11m", "divides the period"]),
    ("a query that does not parse", OBJECTIVE % ("99%", "30d", "bad: 'sum(', total: t"),
     ["slos.yml:6", "parse error"]),
]


def refuse(directory, text):
    """Starts the server on this configuration, which it must refuse; returns what it said."""
    file = pathlib.Path(directory) / "synoptic.yml"
    file.write_text(text)
    done = subprocess.run([synoptic_binary(), "serve", "--config", str(file), "--listen",
                           f"127.0.0.1:{free_port()}", "--data-dir", f"{directory}/data"],
                          capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode in (1, 2), f"exit code {done.returncode}"
    return done.stderr


def config_cases(cases):
    for name, text, line, parts in CONFIGS:
        if not cases.wanted(f"configuration: {name}"):
            continue
        with cases.case(f"configuration: {name}"), tempfile.TemporaryDirectory() as directory:
            said = refuse(directory, text)
            for part in parts:
                contains(said, part)
            if line is not None:
                lines = [int(found) for found in re.findall(r"synoptic\.yml:(\d+):\d+", said)]
                assert lines, f"no position in {said!r}"
                # One fault may make another one seen: then both are told.
                assert line is True or line in lines, f"line {line} not in {lines}"
    for name, text, parts in RULES:
        if not cases.wanted(f"rules: {name}"):
            continue
        with cases.case(f"rules: {name}"), tempfile.TemporaryDirectory() as directory:
            rules = pathlib.Path(directory) / "rules.yml"
            rules.write_text(text)
            said = refuse(directory, REGION + f"rule_files: [{rules}]\n")
            contains(said, "rules.yml")
            for part in parts:
                contains(said, part)
    for name, text, parts in OBJECTIVES:
        if not cases.wanted(f"objectives: {name}"):
            continue
        with cases.case(f"objectives: {name}"), tempfile.TemporaryDirectory() as directory:
            slos = pathlib.Path(directory) / "slos.yml"
            slos.write_text(text)
            said = refuse(directory, REGION + f"slo_files: [{slos}]\n")
            for part in parts:
                contains(said, part)


def unreachable_case(cases, lab):
    with cases.case("a region that cannot be reached at the start: starts, and says so"):
        regions = {**lab.urls(), "atlantis": [f"http://127.0.0.1:{free_port()}"]}
        synoptic = Synoptic(lab.directory / "unreachable", synoptic_config(regions))
        lab.add(synoptic).start()
        answer = synoptic.client().query("sum(foo)", time=AT)
        equal(answer.status, 200)
        contains(answer.headers["Synoptic-Coverage"], "atlantis(")
        contains(answer.warnings[-1], "atlantis")
        contains(synoptic.log_since_launch(), "atlantis")
        synoptic.stop()


def fault_cases(cases, lab):
    """All faults at once: each is one region beside the healthy ones."""
    fakes = {"bad-" + fault.__name__.replace("_", "-"): FakeUpstream(fault) for fault in FAULTS}
    regions = {**lab.urls(), **{name: [fake.url] for name, fake in fakes.items()}}
    synoptic = Synoptic(lab.directory / "faults", synoptic_config(regions))
    lab.add(synoptic).start()
    client = synoptic.client()
    asks = {
        "pushed down": lambda: client.query("sum by (region) (foo)", time=AT),
        "raw": lambda: client.query("foo", time=AT),
        "range": lambda: client.query_range("rate(http_requests_total[5m])", AT - 600, AT, 60),
        "raw range": lambda: client.query_range("quantile(0.5, ramp)", AT - 600, AT, 60),
    }
    for how, ask in asks.items():
        answer = ask()
        with cases.case(f"faulty upstreams, {how}: one partial answer"):
            equal(answer.status, 200)
            assert answer.seconds < 2.5, f"took {answer.seconds:.2f} s"
            found = {series["metric"].get("region") for series in answer.data["result"]}
            equal(found - {None}, set(dataset.REGIONS) if how != "raw range" else set())
        for name in fakes:
            with cases.case(f"faulty upstreams, {how}: {name} is missing, with a reason"):
                header = answer.headers["Synoptic-Coverage"] or ""
                assert re.search(re.escape(name) + r"\(\w+\)", header), f"not in {header!r}"
                contains(answer.warnings[-1], name)
    with cases.case("faulty upstreams: lists of labels are partial too"):
        answer = client.get("/api/v1/labels", start=dataset.START, end=dataset.END)
        contains(answer.data, "region")
        contains(answer.headers["Synoptic-Coverage"], "bad-html(")
    with cases.case("the server lives on"):
        equal(client.get("/-/healthy").status, 200)
        equal(client.query("1+1", time=4).data["result"], [4, "2"])
    equal(synoptic.stop(), 0, "exit code after SIGTERM")
    for fake in fakes.values():
        fake.stop()


def main():
    cases = Cases("bad input")
    config_cases(cases)
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary), replicas=1, truth=False) as lab:
        if cases.wanted("unreachable"):
            unreachable_case(cases, lab)
        if cases.wanted("faulty upstreams"):
            with cases.case("faulty upstreams"):
                fault_cases(cases, lab)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
