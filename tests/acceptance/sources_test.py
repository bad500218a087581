#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Synoptic as a source for others, and others than Prometheus as its sources: a Prometheus that
reads or scrapes it, a Synoptic above it, one that asks itself in a circle, VictoriaMetrics.

usage: sources_test.py [-v] [WORD...]
"""
import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from acceptance.compare import compare  # noqa: E402
from lab import remote_write  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.process import free_port  # noqa: E402
from lab.servers import (Prometheus, Synoptic, VictoriaMetrics, prometheus_binary,  # noqa: E402
                         prometheus_major, synoptic_binary)
from support.cases import Cases, contains, equal  # noqa: E402

AT = dataset.BLOCKS_END + 1500.25
RANGE = (dataset.BLOCKS_END - 1800, dataset.BLOCKS_END + 1200, 60)
EXPRESSIONS = [
    "foo", "up", 'http_requests_total{code="500",region="eu-west-1"}', "spike", "sparse", "gone",
    "sum by (service) (rate(http_requests_total[5m]))",
    "histogram_quantile(0.9, sum by (le, region) (rate(http_request_duration_seconds_bucket[5m])))",
    "max_over_time(temperature_celsius[10m])", "count by (region) (up)", "bytes_total offset 7m",
    "topk(2, replication_lag_seconds)", "increase(bytes_total[17m])", "labelled",
]


class Reader(Prometheus):
    """A Prometheus without data of its own that reads from Synoptic."""

    def __init__(self, directory, binary, source):
        super().__init__("reader", directory, binary)
        config = json.loads(self.config.read_text())
        config["remote_read"] = [{"url": source + "/api/v1/read", "read_recent": True}]
        self.config.write_text(json.dumps(config))


def compare_all(ours, truth, expressions):
    for expression in expressions:
        compare(expression, ours.query_range(expression, *RANGE).data,
                truth.query_range(expression, *RANGE).data)


def write_fresh(lab, name="fresh"):
    """A few samples of this very minute in every region, and in the truth."""
    now = int(time.time() * 1000)
    for nth, (region, servers) in enumerate(lab.replicas.items()):
        series = [({"__name__": name, "i": str(i), **({"instance": "x"} if i else {})},
                   [(now - 20_000 + i, 1e6 * nth + i), (now - 5_000 - i, -0.5 * i)])
                  for i in range(3)]
        series.append(({"__name__": name + "_gone"}, [(now - 9_000, 1.0), (now - 8_000,
                                                                         remote_write.STALE)]))
        for server in servers:
            remote_write.write(server.url, series)
        remote_write.write(lab.truth.url, [({**labels, "region": region}, samples)
                                           for labels, samples in series])


def check_federate(lab, ours, truth):
    write_fresh(lab)
    selectors = ["fresh", "fresh_gone", '{__name__=~"fresh.*",region="eu-west-1"}']
    wanted = truth.get("/federate", match=selectors)
    equal(ours.get("/federate", match=selectors).body, wanted.body)
    contains(wanted.text, "fresh{")
    for accept in (None, "text/plain;version=0.0.4;escaping=allow-utf-8"):
        got, want = (client.get("/federate", match=selectors, headers=accept and {"Accept": accept})
                     for client in (ours, truth))
        equal(got.headers["Content-Type"], want.headers["Content-Type"])
    equal(ours.get("/federate").body, b"")
    bad = ours.get("/federate", match=["fresh{"])
    equal((bad.status, bad.text.strip()), (400, truth.get("/federate", match=["fresh{"]).text.strip()))


def nested(lab, inner_url, name="outer"):
    config = {"regions": [{"name": "emea", "labels": {"area": "emea"}, "shards": [
        {"flavor": "synoptic", "replicas": [{"url": inner_url}]}]}]}
    outer = lab.add(Synoptic(lab.directory / name, config, name=name)).start().client()
    wait_until(lambda: outer.query("count(foo)", time=AT).status == 200, 10, "first answer")
    return outer


def check_partial_through_levels(lab, outer):
    for server in lab.replicas["ap-south-1"]:
        server.freeze()
    try:
        answer = wait_until(lambda: (lambda a: a.warnings and a)(
            outer.query("sum(foo)", time=AT, coverage="1")), 20, "a partial answer")
        contains(answer.headers["Synoptic-Coverage"], "partial; missing=emea/ap-south-1(")
        contains(answer.warnings[-1], "emea/ap-south-1 (")
        part = answer.json["coverage"]["parts"][0]
        equal((part["region"], part["state"]), ("emea", "partial"))
        equal([one["region"] for one in part["missing"]], ["ap-south-1"])
        strict = outer.query("sum(foo)", time=AT, partial="require")
        equal((strict.status, strict.json["errorType"]), (503, "unavailable"))
        labels = outer.get("/api/v1/labels", start=dataset.START, end=dataset.END)
        contains(labels.headers["Synoptic-Coverage"], "emea/ap-south-1(")
    finally:
        for server in lab.replicas["ap-south-1"]:
            server.thaw()
    wait_until(lambda: outer.query("sum(foo)", time=AT).headers["Synoptic-Coverage"] == "complete",
               40, "all regions again")


def check_loop(lab):
    """Two Synoptics that each have the other as a region beside a real one."""
    ports = {"left": free_port(), "right": free_port()}
    clients = {}
    for name, other in (("left", "right"), ("right", "left")):
        config = {"regions": [
            {"name": "near", "prometheus": [lab.replicas["us-east-1"][0].url]},
            {"name": "far", "shards": [{"flavor": "synoptic", "replicas": [
                {"url": f"http://127.0.0.1:{ports[other]}"}]}]}]}
        daemon = lab.add(Synoptic(lab.directory / name, config, name=name))
        clients[name] = daemon.start(ports[name]).client()
        equal(daemon.port, ports[name], "port")
    time.sleep(0.1)
    for path, ask in (("query", lambda: clients["left"].query("count(up)", time=AT, coverage="1")),
                      ("rules", lambda: clients["left"].get("/api/v1/rules"))):
        wanted = "partial; missing=far/far(http_508)"
        answer = wait_until(lambda: (lambda a: a.headers["Synoptic-Coverage"] == wanted and a)(ask()),
                            20, f"{path}: {wanted}")
        assert answer.seconds < 2, f"{path} took {answer.seconds:.2f} s"


def check_victoria(lab, truth):
    """Its own functions are not Prometheus': everything is read raw and computed here."""
    region = "us-east-1"
    server = lab.add(VictoriaMetrics(lab.directory / "victoria")).launch()
    server.wait_ready()
    blocks, tail = dataset.build(region)
    series = [(labels, samples + [one for one in late if one[1] is not remote_write.STALE])
              for (labels, samples), (_, late) in zip(blocks, tail)]
    remote_write.write(server.url, series)
    config = {"regions": [{"name": region, "shards": [
        {"flavor": "victoriametrics", "replicas": [{"url": server.url}]}]}]}
    ours = lab.add(Synoptic(lab.directory / "over-victoria", config, name="over-victoria"))
    ours = ours.start().client()
    wait_until(lambda: ours.query("count(foo)", time=AT).data["result"], 20, "first answer")
    for expression in EXPRESSIONS:
        if expression in ("gone", 'http_requests_total{code="500",region="eu-west-1"}'):
            continue  # its API leaves stale markers out, as Prometheus' own does
        got = ours.query_range(expression, *RANGE).data
        alone = truth.query_range(only(expression, region), *RANGE).data
        # It keeps about twelve digits of a value.
        compare(expression, got, alone, same_engine=False)
    equal(ours.get("/api/v1/label/job/values", start=dataset.START, end=dataset.END).data,
          ["service"])
    series = ours.get("/api/v1/series", match=["foo"], start=dataset.START, end=dataset.END).data
    equal({one["region"] for one in series}, {region})


def check_live(lab):
    """Mistakes that only the servers themselves can show."""
    write_fresh(lab, "live")
    near, far = lab.replicas["us-east-1"], lab.replicas["eu-west-1"]

    def run(regions):
        file = lab.directory / "live.yml"
        file.write_text(json.dumps({"regions": regions}))
        done = subprocess.run([synoptic_binary(), "check", "config", "--live", "--output", "json",
                               str(file)], capture_output=True, text=True, check=False)
        document = json.loads(done.stdout)
        equal(done.returncode, 0 if document["ok"] else 1, "exit code")
        return document["ok"], [(one["level"], one["what"], one["where"] + ": " + one["text"])
                                for one in document["live"] if one["level"] != "note"]

    def shard(name, *urls):
        return {"name": name, "labels": {"shard": name}, "replicas": [{"url": url} for url in urls]}

    pair = {"name": "us", "prometheus": [server.url for server in near]}
    equal(run([{**pair, "canary": "live"}]), (True, []))
    equal(run([{**pair, "canary": "none"}]), (True, []))
    # Nothing is scraped here: without `up` nobody knows who is whole, and that has its price.
    ok, found = run([pair])
    equal((ok, [one[:2] for one in found]), (True, [("warning", "canary")]))
    contains(found[0][2], "no replica has a series of `canary: up`")
    # An undeclared replica, as a shard of its own.
    ok, found = run([{"name": "us", "shards": [shard("a", near[0].url), shard("b", near[1].url)]}])
    equal((ok, [one[:2] for one in found]), (False, [("error", "same_series")]))
    contains(found[0][2], "list them as replicas of one shard")
    # Two regions' servers as replicas of each other, one of them dark.
    dead = f"http://127.0.0.1:{free_port()}"
    ok, found = run([{"name": "us", "prometheus": [near[0].url, lab.truth.url, dead]}])
    equal(ok, False)
    contains([one[:2] for one in found], ("error", "reach"))
    contains([one[:2] for one in found], ("warning", "replicas_differ"))
    contains([one[:2] for one in found], ("warning", "labels"))
    ok, found = run([{"name": "us", "shards": [{**shard("main", far[0].url),
                                                "flavor": "victoriametrics"}]}])
    equal((ok, found[0][:2]), (False, ("error", "flavor")))


def only(expression, region):
    """The expression as the truth has to be asked for one region."""
    out, names = expression, ["foo", "up", "spike", "sparse", "http_requests_total", "bytes_total",
                              "http_request_duration_seconds_bucket", "temperature_celsius",
                              "replication_lag_seconds", "labelled"]
    for name in names:
        out = out.replace(name, f'{name}{{region="{region}"}}')
    return out


def main():
    cases = Cases("sources")
    binary = prometheus_binary()
    major = prometheus_major(binary)
    with dataset.start_lab(binary, major) as lab:
        truth = Client(lab.truth.url)
        ours = lab.start_synoptic().client()
        wait_until(lambda: ours.query("sum(foo)", time=AT).status == 200, 10, "first answer")
        if major >= 3:
            with cases.case("/federate has the bytes of one Prometheus with everything"):
                check_federate(lab, ours, truth)
        with cases.case("a Prometheus reads from Synoptic as if it had the samples itself"):
            reader = lab.add(Reader(lab.directory / "reader", binary, lab.synoptic.url)).launch()
            reader.wait_ready()
            compare_all(Client(reader.url), truth, EXPRESSIONS)
        outer = nested(lab, lab.synoptic.url)
        with cases.case("a Synoptic above a Synoptic answers as one Prometheus"):
            for expression in EXPRESSIONS:
                got = outer.query_range(expression, *RANGE).data
                for series in got["result"]:
                    series["metric"].pop("area", None)
                compare(expression, got, truth.query_range(expression, *RANGE).data)
        with cases.case("what is missing inside is told outside"):
            check_partial_through_levels(lab, outer)
        with cases.case("a circle of Synoptics ends where it began"):
            check_loop(lab)
        with cases.case("check config --live finds mistakes of the topology"):
            check_live(lab)
        if shutil.which("victoria-metrics"):
            with cases.case("VictoriaMetrics as a region"):
                check_victoria(lab, truth)
        else:
            cases.skip("VictoriaMetrics as a region", "victoria-metrics is not installed")
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
