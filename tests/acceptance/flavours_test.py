#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Thanos and Mimir as regions, by what their documentation says that they do differently: each is a
real Prometheus behind a gate that insists on it.

usage: flavours_test.py [-v]
"""
import http.client
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from acceptance.compare import compare  # noqa: E402
from acceptance.sources_test import AT, EXPRESSIONS, RANGE, only  # noqa: E402
from lab import fake_upstream  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.fake_upstream import FakeUpstream  # noqa: E402
from lab.servers import Synoptic, prometheus_binary, prometheus_major  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

REGION = "us-east-1"
STEP = 7  # no divisor of the range's start: a grid that is moved is another one


def parameters(handler):
    query = handler.path.partition("?")[2]
    form = handler.form.decode("latin-1") if handler.headers.get("Content-Type", "").startswith(
        "application/x-www-form") else ""
    return urllib.parse.parse_qsl(query) + urllib.parse.parse_qsl(form)


def pass_on(handler, backend, path, pairs=None):
    """pairs: the parameters to ask with; None: as they came."""
    host = urllib.parse.urlsplit(backend.url)
    connection = http.client.HTTPConnection(host.hostname, host.port, timeout=30)
    keep = ("Content-Type", "Content-Encoding", "Accept-Encoding", "X-Prometheus-Remote-Read-Version")
    headers = {name: handler.headers[name] for name in keep if handler.headers.get(name)}
    body, query = handler.form, handler.path.partition("?")[2]
    if pairs is not None and handler.command == "POST":
        body, query = urllib.parse.urlencode(pairs).encode(), ""
    elif pairs is not None:
        query = urllib.parse.urlencode(pairs)
    connection.request(handler.command, path + ("?" + query if query else ""), body=body,
                       headers=headers)
    answer = connection.getresponse()
    data = answer.read()
    fake_upstream._reply(handler, answer.status, answer.headers["Content-Type"] or "text/plain", data)
    connection.close()


def refuse(handler, status, text):
    fake_upstream._reply(handler, status, "application/json", json.dumps(
        {"status": "error", "errorType": "bad_data", "error": text}).encode())


class Thanos:
    """Querier: no remote read; dedup with the replica labels it is told; half an answer, with a
    warning only, unless partial_response=false; downsampled data unless max_source_resolution=0s."""

    def __init__(self, backend):
        self.backend, self.seen, self.half = backend, [], False

    def __call__(self, handler):
        path = handler.path.partition("?")[0]
        pairs = parameters(handler)
        asked = dict(pairs)
        if path in ("/api/v1/read", "/api/v1/status/config"):
            return fake_upstream._reply(handler, 404, "text/plain", b"404 page not found")
        if path in ("/api/v1/query", "/api/v1/query_range") and asked["query"] != "vector(1)":
            self.seen.append(asked)
            if asked.get("dedup") != "true" or asked.get("replicaLabels[]") is None:
                return refuse(handler, 400, "replicas are told apart")
            if asked.get("max_source_resolution") != "0s":
                return refuse(handler, 400, "downsampled data")
            if self.half:  # a store below it is down
                if asked.get("partial_response") == "false":
                    return refuse(handler, 422, "fetch series: store is not there")
                return refuse(handler, 500, "half an answer would have been taken for a whole one")
        own = ("dedup", "partial_response", "max_source_resolution", "replicaLabels[]")
        return pass_on(handler, self.backend, path, [one for one in pairs if one[0] not in own]
                       if path != "/api/v1/read" else None)


class Mimir:
    """Behind /prometheus; every request names its tenant; the grid of a range is aligned to the step
    where the tenant is configured so."""

    def __init__(self, backend):
        self.backend, self.aligns, self.without_tenant = backend, False, 0

    def __call__(self, handler):
        path = handler.path.partition("?")[0]
        if handler.headers.get("X-Scope-OrgID") != "team-a":
            self.without_tenant += 1
            return fake_upstream._reply(handler, 401, "text/plain", b"no org id")
        if not path.startswith("/prometheus/"):
            return fake_upstream._reply(handler, 404, "text/plain", b"404 page not found")
        path = path[len("/prometheus"):]
        pairs = None
        if path == "/api/v1/query_range" and self.aligns:
            pairs = dict(parameters(handler))
            step = float(pairs["step"])
            for end in ("start", "end"):
                pairs[end] = str(float(pairs[end]) // step * step)
            pairs = list(pairs.items())
        return pass_on(handler, self.backend, path, pairs)


def start(lab, name, shard):
    config = {"regions": [{"name": REGION, "shards": [shard]}], "cache": {"memory": 0}}
    client = lab.add(Synoptic(lab.directory / name, config, name=name)).start().client()
    wait_until(lambda: client.query("count(foo)", time=AT).data["result"], 20, "first answer")
    return client


def compare_alone(ours, truth, leave_out=()):
    start_at, end, _ = RANGE
    for expression in EXPRESSIONS:
        if expression in leave_out:
            continue
        got = ours.query_range(expression, start_at + 3.5, end, STEP).data
        compare(expression, got, truth.query_range(only(expression, REGION), start_at + 3.5, end,
                                                   STEP).data)


def main():
    cases = Cases("flavours")
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary)) as lab:
        truth, backend = Client(lab.truth.url), lab.replicas[REGION][0]
        # Of another region.
        others = ('http_requests_total{code="500",region="eu-west-1"}',)

        thanos = Thanos(backend)
        gate = FakeUpstream(thanos)
        ours = start(lab, "over-thanos", {"flavor": "thanos", "replicas": [{"url": gate.url}]})
        with cases.case("Thanos: the answers of one Prometheus"):
            # (A query API leaves stale markers out.)
            compare_alone(ours, truth, others + ("gone",))
        with cases.case("Thanos: pushed down, whole, deduplicated, at full resolution"):
            thanos.seen.clear()
            ours.query("sum by (service) (rate(http_requests_total[5m]))", time=AT)
            equal(len(thanos.seen), 1)
            contains(thanos.seen[0]["query"], "sum by (service)")
            equal(thanos.seen[0]["partial_response"], "false")
        with cases.case("Thanos: half an answer is a missing region"):
            thanos.half = True
            answer = ours.query("sum(foo)", time=AT)
            assert answer.status != 200 or "partial" in answer.headers["Synoptic-Coverage"], answer.text
            thanos.half = False

        mimir = Mimir(backend)
        gate_of_mimir = FakeUpstream(mimir)
        shard = {"flavor": "mimir", "replicas": [{"url": gate_of_mimir.url + "/prometheus"}],
                 "http": {"headers": {"X-Scope-OrgID": "team-a"}}}
        ours = start(lab, "over-mimir", shard)
        with cases.case("Mimir: the answers of one Prometheus, by remote read and by query"):
            compare_alone(ours, truth, others + ("gone",))
            compare("gone", ours.query_range("gone", *RANGE).data,
                    truth.query_range(f'gone{{region="{REGION}"}}', *RANGE).data)
            equal(mimir.without_tenant, 0, "requests without a tenant")
        with cases.case("Mimir: an answer on another grid is refused, not drawn"):
            mimir.aligns = True
            answer = ours.query_range("sum(rate(http_requests_total[5m]))", RANGE[0] + 3.5, RANGE[1],
                                      STEP, coverage="1")
            contains(answer.text, "bad_response")
            mimir.aligns = False
        for one in (gate, gate_of_mimir):
            one.stop()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
