#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What rules record is kept over kill -9, is seen by queries and by other rules, is counted once, and
reaches a real Prometheus by remote write: all of it, whoever of the two was away.

usage: recorded_test.py [-v]
"""
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import Client, wait_until  # noqa: E402
from lab.servers import Prometheus, prometheus_binary  # noqa: E402
from lab.topology import live_lab  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1"]
LOOKBACK = 3  # seconds: what is not recorded any more is gone after that
SMALL = ["--services=1", "--pods=1", "--databases=1", "--pools=1", "--nodes=1"]
RULES = {"groups": [
    {"name": "regions", "interval": "1s", "rules": [
        {"record": "region:up:sum", "expr": "sum by (region) (up)"},
        {"record": "global:up:sum", "expr": "sum(region:up:sum)", "labels": {"made": "here"}}]},
    {"name": "readers", "interval": "1s", "rules": [
        {"alert": "SomethingIsUp", "expr": "global:up:sum > 0", "labels": {"severity": "info"}}]}]}


def samples(client, selector, until):
    """{time: value} of the one series, times up to `until`."""
    result = client.query(f"{selector}[10m]").data["result"]
    equal(len(result), 1, f"series of {selector}")
    return {at: value for at, value in result[0]["values"] if at <= until}


def newest(client, selector):
    result = client.query(f"timestamp({selector})").data["result"]
    return float(result[0]["value"][1]) if result else 0


def same_samples(synoptic, far, selector):
    """Both hold the same, as far as Synoptic recorded until now."""
    until = newest(synoptic, selector)
    wait_until(lambda: newest(far, selector) >= until, 15, f"{selector} at the receiver")
    ours, theirs = samples(synoptic, selector, until), samples(far, selector, until)
    equal(theirs, ours, "samples at the receiver")
    return ours


def kill(daemon):
    daemon.signal_group(signal.SIGKILL)
    daemon.process.wait()


def metric(client, name):
    text = client.get("/metrics").text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith(name) and line[len(name)] in "{ ")


def run(cases, lab, far):
    rules = lab.directory / "rules.yaml"
    rules.write_text(json.dumps(RULES))
    synoptic = lab.start_synoptic(**{
        "global": {"evaluation_interval": "1s", "external_labels": {"observer": "acceptance"},
                   "query": {"lookback_delta": f"{LOOKBACK}s"}},
        "rule_files": [str(rules)],
        "store": {"retention": "1d", "max_size": "64MiB"},
        "remote_write": [{"url": f"{far.url}/api/v1/write", "name": "far",
                          "queue_config": {"batch_send_deadline": "200ms", "max_backoff": "1s"}}]})
    client = synoptic.client()
    with cases.case("recorded series are queried with the labels they were recorded with"):
        wait_until(lambda: len(client.query("region:up:sum").data["result"]) == 2
                   and client.query("global:up:sum").data["result"], 20, "recordings")
        found = client.query("region:up:sum").data["result"]
        equal(sorted(one["metric"]["region"] for one in found), sorted(REGIONS))
        one = client.query('region:up:sum{region="%s"}' % REGIONS[0])
        equal(len(one.data["result"]), 1)
        equal(one.headers.get("Synoptic-Coverage"), "complete")
    with cases.case("a rule reads what the rule before it recorded, each series once"):
        ups = float(client.query("sum(up)").data["result"][0]["value"][1])
        wait_until(lambda: float(client.query("global:up:sum").data["result"][0]["value"][1]) == ups,
                   5, "the sum of all")
        equal(float(client.query("sum(region:up:sum)").data["result"][0]["value"][1]), ups)
    with cases.case("series and labels list them"):
        listed = client.get("/api/v1/series", **{"match[]": "global:up:sum"}).data
        equal(listed, [{"__name__": "global:up:sum", "made": "here"}])
        contains(client.get("/api/v1/label/__name__/values").data, "region:up:sum")
        contains(client.get("/api/v1/labels").data, "made")
    with cases.case("alerts of a group that reads recorded series are series, too"):
        wait_until(lambda: client.query('ALERTS{alertstate="firing"}').data["result"], 10, "ALERTS")
        alert = client.query('ALERTS{alertname="SomethingIsUp"}').data["result"][0]
        equal(alert["metric"]["severity"], "info")
        since = client.query("ALERTS_FOR_STATE").data["result"]
        assert abs(float(since[0]["value"][1]) - time.time()) < 60, since
    receiver = Client(far.url)
    with cases.case("remote write brings the same samples, with external labels"):
        time.sleep(2)
        same_samples(client, receiver, "global:up:sum")
        found = receiver.query('global:up:sum{observer="acceptance",made="here"}').data["result"]
        equal(len(found), 1)
    with cases.case("kill -9 loses nothing that was seen"):
        until = newest(client, "global:up:sum")
        before = samples(client, "global:up:sum", until)
        kill(synoptic)
        synoptic.start(synoptic.port)
        client = synoptic.client()
        equal(samples(client, "global:up:sum", until), before)
        wait_until(lambda: newest(client, "global:up:sum") > until, 10, "recording goes on")
    with cases.case("what was recorded while the receiver was away reaches it afterwards"):
        kill(far)
        time.sleep(3)
        kill(synoptic)
        synoptic.start(synoptic.port)
        client = synoptic.client()
        time.sleep(2)
        assert metric(client, "synoptic_remote_write_waiting") > 0, "nothing waits"
        far.launch().wait_ready()
        begin = time.monotonic()
        kept = same_samples(client, Client(far.url), "global:up:sum")
        print(f"remote_write_catch_up {time.monotonic() - begin:.2f} s")
        assert len(kept) >= 8, kept
        equal(metric(client, "synoptic_remote_write_dropped_total"), 0, "dropped")
        equal(metric(client, "synoptic_remote_write_lost_total"), 0, "lost")


    dark(cases, lab, synoptic, client)
    with cases.case("a new rule is evaluated over the past when it is asked for"):
        RULES["groups"].append({"name": "new", "interval": "1s", "rules": [
            {"record": "new:up:count", "expr": "count(up)"}]})
        rules.write_text(json.dumps(RULES))
        begin = time.time() - 20
        synoptic.process.send_signal(signal.SIGHUP)
        wait_until(lambda: newest(client, "new:up:count") > begin, 20, "the new rule's recording")
        done = subprocess.run([synoptic.binary, "rules", "backfill", f"--server={synoptic.url}",
                               f"--from={begin:.3f}", "--group=new"],
                              capture_output=True, text=True, check=False)
        equal(done.returncode, 0, done.stderr)
        contains(done.stdout, "1 recording rules at ")
        wait_until(lambda: len([at for at in samples(client, "new:up:count", time.time())
                                if at < begin + 15]) >= 14, 40, "samples of the past")
    with cases.case("a backtest runs rules over the history, and in the dark"):
        tried = lab.directory / "tried.json"
        tried.write_text(json.dumps({"groups": [{"name": "tried", "interval": "1s", "rules": [
            {"alert": "Up", "expr": "up == 1", "for": "2s"}]}]}))
        end = int(time.time()) - 2
        command = [synoptic.binary, "rules", "backtest", str(tried), f"--server={synoptic.url}",
                   f"--start={end - 8}", f"--end={end}", "--output=json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        equal(done.returncode, 0, done.stderr)
        rule = json.loads(done.stdout)["rules"][0]
        equal((rule["fired"], rule["held_seconds"]), (len(REGIONS), 0))
        command.append(f"--outage=region={REGIONS[0]},from={end - 3}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        equal(done.returncode, 0, done.stderr)
        held = [event for event in json.loads(done.stdout)["events"] if event["what"] == "held"]
        equal([event["labels"]["region"] for event in held], [REGIONS[0]])
        contains(held[0]["unseen"], REGIONS[0])


def dark(cases, lab, synoptic, client):
    server = lab.replicas[REGIONS[1]][0]
    begin = time.time()
    server.freeze()
    try:
        with cases.case("while a region is dark, who reads the gap hears of it, and alerts are held"):
            wait_until(lambda: metric(client, "synoptic_store_missed_slots") >= 3, 20, "gaps")
            time.sleep(LOOKBACK + 2)
            answer = client.query("global:up:sum")
            equal(answer.data["result"], [])
            contains(answer.headers.get("Synoptic-Coverage"), "synoptic/recordings(missed)")
            states = [alert["state"] for alert in client.get("/api/v1/alerts").data["alerts"]
                      if alert["labels"]["alertname"] == "SomethingIsUp"]
            equal(states, ["firing"])
    finally:
        server.thaw()
    with cases.case("what was missed is made up for at its own times, in the order of its readers"):
        wait_until(lambda: metric(client, "synoptic_store_missed_slots") == 0, 60, "made up for")
        until = newest(client, "global:up:sum")
        for selector in ("global:up:sum", 'region:up:sum{region="%s"}' % REGIONS[0]):
            times = sorted(at for at in samples(client, selector, until) if at >= begin)
            assert len(times) >= 5, f"{selector}: {times}"
            gaps = [b - a for a, b in zip(times, times[1:])]
            assert max(gaps) < 1.5, f"{selector}: a gap of {max(gaps):.1f} s"


def main():
    cases = Cases("recorded")
    with live_lab(REGIONS, replicas=1, exporter_flags=SMALL) as lab:
        far = lab.add(Prometheus("far", lab.directory / "far", prometheus_binary()))
        far.launch().wait_ready()
        run(cases, lab, far)
        with cases.case("Synoptic stops in order"):
            lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
