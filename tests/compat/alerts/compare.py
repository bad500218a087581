#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Alerting as Prometheus does it.

usage: scripts/conformance alerts [--files N] [--seed N] [--seconds N] [--batch N]
                                 [--show N] [--smoke]
1. Prometheus' own examples for unit tests of rules (promtool's, from the pinned module) under
   `synoptic test rules`, with the result that its own tests expect. Without Go: says so.
2. N generated rule files (default 200), evaluated by Synoptic over three regions and by a real
   Prometheus 3.15 that holds the data of all three, at the same times. Compared: /api/v1/rules with
   all its alerts after every evaluation that is seen of both, how each firing begins and ends for
   Alertmanager (labels, annotations, startsAt, the endsAt of what is resolved, generatorURL), and
   every sample of ALERTS and ALERTS_FOR_STATE. On a machine that cannot evaluate all in
   time slots are missed, here and there: such groups are left out, and with more than one in four
   of them the comparison fails: then take smaller batches.
The situations of Prometheus' specification for alert generators are played through in
alerting/ruletest/specification_test.cc.
Not compared, as they differ on purpose: `limit` (Prometheus forgets all alerts of a rule that exceeds
it; here they are held), the words of errors, which name positions or shards, ties of topk, and
annotations that come out empty, which are left out here.
--smoke: 12 files, a minute.
"""
import argparse
import collections
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

import rule_generator  # noqa: E402
from chaos.paging_world import HttpThread, reply, seconds  # noqa: E402
from lab import remote_write  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.servers import Prometheus, built, prometheus_binary, prometheus_major  # noqa: E402
from lab.topology import Lab  # noqa: E402

# The longest `for` and two intervals, in seconds.
SETTLES = 15
# How far, in seconds, messages may be behind on a busy machine: what has begun again by then never
# ended for a receiver, as the newest state of an alert takes the place of the one before.
BEHIND = 5
# The share of groups that may have missed a slot.
MOST_LATE = 0.25
MODULE = "github.com/prometheus/prometheus@v0.315.0"
# Files of cmd/promtool/testdata and whether their tests pass, as unittest_test.go has it. `@` and
# negative offsets, which promtool has to be told to allow, are always on here.
PROMTOOL = {
    "unittest.yml": True, "long-period.yml": True, "no-test-group-interval.yml": True,
    "start-time-test.yml": True, "at-modifier-test.yml": True, "negative-offset-test.yml": True,
    "bad-input-series.yml": False, "bad-promql.yml": False,
    "bad-rules-syntax-test.yml": False, "bad-rules-error-test.yml": False, "failing.yml": False,
    "rules_run_no_fuzzy.yml": False, "rules_run_fuzzy.yml": False, "rules_run.yml": False,
}


def promtool_examples():
    """(passed, failed texts), or None without Go."""
    if not shutil.which("go"):
        return None
    cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True,
                           check=True).stdout.strip()
    folder = pathlib.Path(cache) / MODULE / "cmd/promtool/testdata"
    if not folder.exists():
        subprocess.run(["go", "mod", "download", MODULE], cwd="/", check=False,
                       env={**os.environ, "GOFLAGS": "-mod=mod"}, capture_output=True)
    if not folder.exists():
        return None
    passed, failed = 0, []
    for name, good in PROMTOOL.items():
        run = subprocess.run([built("synoptic"), "test", "rules", str(folder / name)],
                             capture_output=True, text=True, check=False, cwd=folder)
        if (run.returncode == 0) == good:
            passed += 1
        else:
            failed.append(f"{name}: exit {run.returncode}, expected "
                          f"{'success' if good else 'a failure'}\n{run.stdout}{run.stderr}"[:1500])
    return passed, failed


class Inbox(HttpThread):
    """Alertmanager's door: keeps what is said of each alert, each thing once, in order."""

    def __init__(self):
        self.said = collections.defaultdict(list)  # labels -> [what]
        self.lock = threading.Lock()
        super().__init__()

    def answer(self, handler, method, path, body):
        now = time.time()
        with self.lock:
            for alert in json.loads(body) if body else []:
                end = time_of(alert["endsAt"])
                resolved = end <= now + 0.5
                what = {"startsAt": time_of(alert["startsAt"]),
                        "endsAt": end if resolved else "later",
                        "annotations": annotations_of(alert), "url": alert.get("generatorURL")}
                heard = self.said[json.dumps(alert["labels"], sort_keys=True)]
                if what not in heard:
                    heard.append(what)
        reply(handler, {})


def time_of(text):
    """Unix time in whole milliseconds, in which slots are counted here; Prometheus tells more."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return round(seconds(whole + "Z") + int(fraction[:3].ljust(3, "0") or 0) / 1000, 3)


def annotations_of(alert):
    """An error of a template is told with Go's own positions, or without."""
    return {name: text[:24] if text.startswith("<error expanding template") else text
            for name, text in (alert.get("annotations") or {}).items() if text}


def start(seed, begin, duration, files):
    """The lab with all its data, of the future too: nothing arrives late anywhere."""
    lab = Lab("synoptic-alerts-")
    binary = prometheus_binary()
    rules = lab.directory / "rules"
    rules.mkdir()
    for n in files:
        (rules / f"f{n}.json").write_text(rule_generator.rule_file(seed, n))
    theirs = Inbox()
    for region in rule_generator.REGIONS:
        lab.replicas[region] = [lab.add(Prometheus(region, lab.directory / region, binary))]
    lab.truth = lab.add(Prometheus("truth", lab.directory / "truth", binary,
                                   flags=["--web.external-url=http://rules.example/at"]))
    # With that address it serves below /at.
    config = json.loads(lab.truth.config.read_text())
    config["global"]["external_labels"] = {"cluster": "lab"}
    config["global"]["evaluation_interval"] = "2s"
    config["rule_files"] = [f"{rules}/*.json"]
    config["alerting"] = {"alertmanagers": [
        {"static_configs": [{"targets": [theirs.url.removeprefix("http://")]}]}]}
    lab.truth.config.write_text(json.dumps(config))
    lab.truth.flags.append("--web.route-prefix=/")
    lab.start_prometheus(binary)
    everything = []
    for region, servers in lab.replicas.items():
        series = rule_generator.samples(seed, region, begin * 1000, duration)
        remote_write.write(servers[0].url, series)
        everything += [({**labels, "region": region}, points) for labels, points in series]
    remote_write.write(lab.truth.url, everything)
    ours = Inbox()
    lab.start_synoptic(canary="none", rule_files=[f"{rules}/*.json"], cache={}, **{
        "global": {"evaluation_interval": "2s", "external_labels": {"cluster": "lab"}},
        "web": {"external_url": "http://rules.example/at"},
        "alerting": {"alertmanagers": [
            {"static_configs": [{"targets": [ours.url.removeprefix("http://")]}]}]}})
    return lab, ours, theirs


def plain(rule, begin):
    """A rule of /api/v1/rules without the wall clock's part; what has been so since before `begin`
    has been so since the program's start."""
    rule = dict(rule)
    for key in ("evaluationTime", "lastEvaluation"):
        rule.pop(key, None)
    alerts = [{**alert, "annotations": annotations_of(alert),
               "activeAt": max(begin, time_of(alert["activeAt"]))}
              for alert in rule.get("alerts") or []]
    for alert in alerts:
        if "keepFiringSince" in alert:
            alert["keepFiringSince"] = time_of(alert["keepFiringSince"])
    rule["alerts"] = sorted(alerts, key=lambda a: json.dumps(a["labels"], sort_keys=True))
    # Names the shard that refused, beside Prometheus' own words.
    rule["lastError"] = bool(rule.get("lastError"))
    return rule


def groups_of(client):
    return [group for group in client.get("/api/v1/rules").data["groups"]
            if "/rules/" in group["file"]]


class Seen:
    """What a server's rules looked like after which evaluation: {rule: {time: [state]}}."""

    def __init__(self, client):
        self.client = client
        self.offsets = {}  # group -> where in the interval it is evaluated; activeAt tells
        self.looks = []  # (group, rule, when it was evaluated, interval, state)
        self.groups = {}

    def look(self, begin):
        for group in groups_of(self.client):
            name = (pathlib.Path(group["file"]).name, group["name"])
            self.groups[name] = {"interval": group["interval"], "limit": group["limit"],
                                 "rules": [rule["name"] for rule in group["rules"]]}
            for number, rule in enumerate(group["rules"]):
                for alert in rule.get("alerts") or []:
                    self.offsets[name] = time_of(alert["activeAt"]) % group["interval"]
                evaluated = time_of(rule["lastEvaluation"])
                if evaluated > begin:
                    self.looks.append((name, number, evaluated, group["interval"],
                                       plain(rule, begin)))

    def by_slot(self, offsets):
        """{(group, rule): {slot: [state]}} of the groups whose slots are known: others have never
        had an alert."""
        found = collections.defaultdict(lambda: collections.defaultdict(list))
        for name, number, evaluated, interval, state in self.looks:
            if name not in offsets:
                continue
            # To the middle of a millisecond, as both are told in whole ones.
            slot = math.floor((evaluated - offsets[name] + 0.0005) / interval)
            known = found[name, number][slot]
            if state not in known:
                known.append(state)
        return found


def compare_states(mine, real, begin, until, differing):
    """Both are looked at again and again, and each rule's state is compared after every evaluation
    that was seen of both: evaluations that one was looked at too late for do not count. Returns
    states compared."""
    ours, theirs = Seen(mine), Seen(real)
    while time.time() < until:
        ours.look(begin)
        theirs.look(begin)
        time.sleep(0.1)
    for name in ours.groups.keys() | theirs.groups.keys():
        if ours.groups.get(name) != theirs.groups.get(name):
            differing[name] = (ours.groups.get(name), theirs.groups.get(name))
    offsets = {**ours.offsets, **theirs.offsets}
    a, b = ours.by_slot(offsets), theirs.by_slot(offsets)
    compared = 0
    for rule in a.keys() & b.keys():
        for slot in a[rule].keys() & b[rule].keys():
            compared += 1
            # One may have been seen while it was being evaluated, and on a busy machine an
            # evaluation begins behind the next one's time. When exactly is held by ALERTS.
            near = [state for n in (slot - 1, slot, slot + 1) for state in b[rule].get(n, [])]
            if not any(state in near for state in a[rule][slot]):
                differing.setdefault(rule[0], (a[rule][slot][-1], b[rule][slot][-1]))
    return compared


def difference(ours, theirs):
    """The first place where two documents differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) != theirs.get(key):
                return f".{key}{difference(ours.get(key), theirs.get(key))}"
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for n, (a, b) in enumerate(zip(ours, theirs)):
            if a != b:
                return f"[{n}]{difference(a, b)}"
    return f": {json.dumps(ours)[:600]}\n   Prometheus: {json.dumps(theirs)[:600]}"


def transitions(said, first, last):
    """Of what was said of one alert: how each firing began, and how it ended. What is said again
    of one that goes on depends on the moment."""
    kept = {}
    for what in said:
        if first <= what["startsAt"] <= last:
            kept.setdefault((what["startsAt"], what["endsAt"] == "later"), what)
    return {key: kept[key] for key in sorted(kept, key=lambda key: (key[0], not key[1]))}


def unsent(said, other):
    """`said` without what a queue that is behind does not send, and did not send in `other`: the
    beginning of what is over already, and the end of what has begun again."""
    kept = dict(said)
    for (start, begins), what in said.items():
        if begins and (start, True) not in other and (start, False) in other:
            kept.pop((start, True))
        again = [later for later, _ in said if not begins and later > start]
        if again and (start, False) not in other and min(again) - what["endsAt"] <= BEHIND:
            kept.pop((start, False))
    return list(kept.values())


def compare_payloads(ours, theirs, first, last, late=frozenset()):
    """Differences in what was sent; transitions compared. Of what began before `first` or after
    `last` nothing, nor of groups that were not evaluated at each time (`late`)."""
    wrong, compared = [], 0
    for labels in sorted(ours.said.keys() | theirs.said.keys()):
        if group_of(labels) in late:
            continue
        a, b = (transitions(inbox.said.get(labels, []), first, last) for inbox in (ours, theirs))
        compared += len(b)
        a, b = unsent(a, b), unsent(b, a)
        if a != b:
            wrong.append(f"{labels}{difference(a, b)}")
    return compared, wrong


def recorded(client, metric, first, last):
    """{labels: [(time, value)]} of a metric that rules write, from `first` to `last`."""
    answer = client.query(f"{metric}[{int(last - first)}s]", time=last)
    assert answer.status == 200, answer.text[:300]
    # What has been active since before `first` has been so since the program's start.
    return {json.dumps({name: text for name, text in series["metric"].items() if text},
                       sort_keys=True):
            [(at, max(float(value), first)) if metric == "ALERTS_FOR_STATE" else (at, value)
             for at, value in series["values"]]
            for series in answer.data["result"]}


def group_of(labels):
    """F3G0A1 is a rule of group G0 in file F3."""
    return json.loads(labels)["alertname"].partition("A")[0]


def slots(series):
    """{group: times at which one of its alerts was active}."""
    found = collections.defaultdict(set)
    for labels, points in series.items():
        found[group_of(labels)].update(at for at, _ in points)
    return found


def compare_series(mine, real, first, last):
    """Differences in the series of alerts, samples compared, slots missed, and whose. Groups of which
    one of the two missed a slot are counted and left out, on a busy machine either does: alerts
    begin later then, and fire later."""
    wrong, compared, missed, late = [], 0, 0, set()
    for metric in ("ALERTS", "ALERTS_FOR_STATE"):
        ours, theirs = (recorded(client, metric, first, last) for client in (mine, real))
        our_slots, their_slots = slots(ours), slots(theirs)
        if metric == "ALERTS":
            for group in our_slots.keys() | their_slots.keys():
                missed += len(our_slots[group] ^ their_slots[group])
                if our_slots[group] != their_slots[group]:
                    late.add(group)
        for labels in sorted(ours.keys() | theirs.keys()):
            if group_of(labels) in late:
                continue
            a, b = (series.get(labels, []) for series in (ours, theirs))
            compared += len(b)
            if a != b:
                differing = sorted(set(a) ^ set(b))[:6]
                wrong.append(f"{labels}: {len(a)} samples, Prometheus {len(b)}: {differing}")
    return compared, wrong, missed, late


def batch(options, files):
    """Groups, states compared, {group: states that differ}, transitions compared, payloads that differ,
    samples compared, series that differ, slots missed, groups left out for that."""
    # The lab has to stand before its data begin.
    begin = int(time.time()) + 12
    lab, ours, theirs = start(options.seed, begin, options.seconds, files)
    with lab:
        mine, real = lab.synoptic.client(timeout=60), Client(lab.truth.url, timeout=60)
        wait_until(lambda: len(groups_of(real)) == len(groups_of(mine)) > 0, 30, "the rules")
        if time.time() > begin:
            begin = math.ceil(time.time()) + 1
            print("note: the lab was ready after its data began", file=sys.stderr)
        time.sleep(max(0, begin + 1 - time.time()))
        differing = {}
        looks = compare_states(mine, real, begin, begin + options.seconds, differing)
        # All series end: everything is resolved, or absent.
        time.sleep(4)
        groups = len(groups_of(real))
        *series, late = compare_series(mine, real, begin + SETTLES, begin + options.seconds + 2)
        # What had been pending before `begin` fires when the program's own start says. On a busy
        # machine the last messages may take their time.
        for _ in range(30):
            compared, wrong = compare_payloads(ours, theirs, begin + SETTLES,
                                               begin + options.seconds, late)
            if not wrong:
                break
            time.sleep(1)
    for file, name in list(differing):
        if pathlib.Path(file).stem.upper() + name.upper() in late:
            del differing[file, name]
    return groups, looks, differing, compared, wrong, *series, len(late)


def live(options):
    groups = looks = compared = samples = missed = late = 0
    differing, wrong, series = {}, [], []
    for first in range(0, options.files, options.batch):
        files = range(first, min(first + options.batch, options.files))
        some = batch(options, files)
        groups, looks, compared = groups + some[0], looks + some[1], compared + some[3]
        differing.update(some[2])
        wrong += some[4]
        samples += some[5]
        series += some[6]
        missed += some[7]
        late += some[8]
        print(f"files {files[0]} to {files[-1]}: {some[3]} transitions and {some[5]} samples, "
              f"{len(some[2])} states, {len(some[4])} alerts and {len(some[6])} series differ",
              flush=True)
    for (file, name), (a, b) in list(differing.items())[:options.show]:
        print(f"STATE {file} {name}{difference(a, b)}")
    for text in wrong[:options.show]:
        print(f"PAYLOAD {text}")
    for text in series[:options.show]:
        print(f"SERIES {text}")
    print(f"alerts_groups {groups} groups\nalerts_states {looks} compared")
    print(f"alerts_states_differing {len(differing)} groups")
    print(f"alerts_transitions {compared} sent\nalerts_payloads_differing {len(wrong)} alerts")
    print(f"alerts_samples {samples} of ALERTS\nalerts_series_differing {len(series)} series\n"
          f"alerts_slots_missed {missed} slots\nalerts_groups_left_out {late} groups")
    if late > MOST_LATE * groups:
        print(f"{late} of {groups} groups missed slots: the machine is too busy to compare",
              file=sys.stderr)
        return False
    return not (differing or wrong or series) and min(compared, samples) > 5 * options.files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60, help="of each batch")
    parser.add_argument("--batch", type=int, default=50, help="files evaluated side by side")
    parser.add_argument("--show", type=int, default=8)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.smoke:
        options.files, options.seconds = 12, 40
    examples = promtool_examples()
    if examples is None:
        print("promtool's examples: skipped, need Go and the module", file=sys.stderr)
        examples = (0, [])
    for text in examples[1]:
        print(f"PROMTOOL {text}")
    print(f"alerts_promtool_examples {examples[0]} passed\n"
          f"alerts_promtool_examples_failed {len(examples[1])} failed", flush=True)
    if prometheus_major(prometheus_binary()) < 3:
        print("comparison: skipped, needs Prometheus 3.15", file=sys.stderr)
        return 1 if examples[1] else 0
    good = live(options)
    return 0 if good and not examples[1] else 1


if __name__ == "__main__":
    sys.exit(main())
