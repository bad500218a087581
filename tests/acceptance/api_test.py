#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What Grafana and Prometheus' clients hold on to: parameters, spellings, statuses, shapes.

usage: api_test.py [-v] [WORD...]
"""
import gzip
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from acceptance.compare import compare  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.servers import ROOT, prometheus_binary, prometheus_major  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

AT = dataset.BLOCKS_END + 1500.25
WINDOW = {"start": dataset.START, "end": dataset.END}
CHECKS = []


def check(name, v3=False):
    """v3: compares with what only Prometheus 3 answers, or spells so."""
    def add(function):
        CHECKS.append((name, v3, function))
        return function
    return add


def refused(answer, status, error_type, *parts):
    """An error as Prometheus spells it: the three keys, no data."""
    equal(answer.status, status, f"status ({answer.text[:200]})")
    document = answer.json
    equal(document["status"], "error", "status word")
    equal(document["errorType"], error_type, "errorType")
    assert "data" not in document, "an error carries data"
    for part in parts:
        contains(document["error"], part)


@check("a constant: POST, GET, and both places at once")
def _(ours, truth, lab):
    wanted = {"resultType": "scalar", "result": [4, "2"]}
    answers = [ours.post("/api/v1/query", query="1+1", time=4),
               ours.get("/api/v1/query", query="1+1", time=4),
               ours.request("POST", "/api/v1/query",
                            params={"partial": "degrade", "x": "1", "timeout": "25s"},
                            body={"query": "1+1", "time": "4"}),
               ours.request("POST", "/api/v1/query", params={"query": "1+1", "time": "4"}, body={})]
    for answer in answers:
        equal(answer.data, wanted)
        assert "warnings" not in answer.json


@check("the same bytes as Prometheus: scalar, vector, matrix, string, empty", v3=True)
def _(ours, truth, lab):
    for expression in ("1+1", '"text"', "nosuch", "sort(onlya)", "vector(1.5)", "vector(NaN)",
                       "vector(1e300)", "vector(-Inf)", "vector(1e21)", "vector(0.000001)",
                       "vector(1e-7)", "vector(123456789012345680000)"):
        got, want = ours.query(expression, time=AT), truth.query(expression, time=AT)
        equal(got.body, want.body, expression)
        equal(got.headers["Content-Type"], want.headers["Content-Type"], "Content-Type")
    ask = ("onlya", dataset.START + 1000.123, dataset.START + 2000, 77)
    equal(ours.query_range(*ask).body, truth.query_range(*ask).body)


@check("timestamps keep their milliseconds")
def _(ours, truth, lab):
    for time in (1760000123.456, "2026-01-15T01:02:03.5Z", "1768440000", 1e9):
        got = ours.query("vector(1)", time=time).text
        equal(got, truth.query("vector(1)", time=time).text)


@check("the grid of a range: 20 s over days, half seconds, milliseconds")
def _(ours, truth, lab):
    for start, end, step in ((1759978520, 1760000120, "20"), (AT - 10, AT, "0.5"),
                             (AT - 1, AT, "0.001"), (AT - 60, AT, "15s"), (AT, AT, "1m0s")):
        got = ours.query_range("vector(1)", start, end, step)
        want = truth.query_range("vector(1)", start, end, step)
        equal(got.body, want.body, f"step {step}")


@check("a day's step keeps its phase")
def _(ours, truth, lab):
    values = ours.query_range("vector(1)", 1759122000, 1759986000, 86400).data["result"][0]["values"]
    equal({stamp % 86400 for stamp, _ in values}, {18000})


@check("durations: 1m0s and 1m are one")
def _(ours, truth, lab):
    a, b = (ours.query(f"sum(rate(http_requests_total[{d}]))", time=AT).data for d in ("1m0s", "1m"))
    equal(a, b)


@check("bad parameters answer with Prometheus' text", v3=True)
def _(ours, truth, lab):
    cases = [
        ("query", {"query": ""}), ("query", {"query": "sum("}), ("query", {"query": "foo bar"}),
        ("query", {"query": "rate(foo)"}), ("query", {"query": "foo", "time": "noon"}),
        ("query", {"query": "foo", "timeout": "soon"}),
        ("query", {"query": "nofunction(foo)"}), ("query", {"query": "sum(foo) by (i"}),
        ("query", {"query": "foo{i=}"}), ("query", {"query": '{i=~"("}'}),
        ("query_range", {"query": "foo", "start": 1, "end": 2}),
        ("query_range", {"query": "foo", "start": "x", "end": 2, "step": 1}),
        ("query_range", {"query": "foo", "start": 2, "end": 1, "step": 1}),
        ("query_range", {"query": "foo", "start": 1, "end": 2, "step": 0}),
        ("query_range", {"query": "foo", "start": 1, "end": 2, "step": -5}),
        ("query_range", {"query": "foo", "start": 0, "end": 100000, "step": 1}),
        ("query_range", {"query": "foo[5m]", "start": 0, "end": 100, "step": 1}),
        ("series", {}), ("series", {"match[]": "foo{"}), ("series", {"match[]": "{}"}),
        ("series", {"match[]": "foo", "start": "x"}),
        ("labels", {"match[]": "foo{"}),
    ]
    faults = []
    for endpoint, params in cases:
        got = ours.request("POST", f"/api/v1/{endpoint}", body=params)
        want = truth.request("POST", f"/api/v1/{endpoint}", body=params)
        if (got.status, got.json.get("errorType")) != (want.status, want.json.get("errorType")):
            faults.append(f"{endpoint} {params}: {got.status} {got.text[:120]}, "
                          f"want {want.status} {want.text[:120]}")
        elif got.json.get("error") != want.json.get("error"):
            faults.append(f"{endpoint} {params}: {got.json.get('error')!r}, "
                          f"want {want.json.get('error')!r}")
    assert not faults, "\n        ".join([f"{len(faults)} of {len(cases)}"] + faults)


@check("a parse error has its position")
def _(ours, truth, lab):
    answer = ours.query("sum(foo) +\n +* 2", time=AT)
    refused(answer, 400, "bad_data")
    assert re.search(r"2:\d+", answer.json["error"]), answer.json["error"]


@check("unknown values of our own parameters are refused")
def _(ours, truth, lab):
    refused(ours.query("foo", time=AT, partial="maybe"), 400, "bad_data", "partial", "maybe")
    refused(ours.query("foo", time=AT, regions="atlantis"), 400, "bad_data", "atlantis")


@check("too many points: 400 and Prometheus' text")
def _(ours, truth, lab):
    answer = ours.query_range("foo", 0, 11001, 1)
    refused(answer, 400, "bad_data", "exceeded maximum resolution of 11,000 points per timeseries")


@check("no null where Grafana trips over it")
def _(ours, truth, lab):
    answers = [ours.query("nosuch", time=AT), ours.query("foo", time=AT),
               ours.query_range("nosuch", AT - 60, AT, 15), ours.get("/api/v1/labels", **WINDOW),
               ours.get("/api/v1/label/nosuch/values", **WINDOW), ours.get("/api/v1/rules"),
               ours.get("/api/v1/alerts"), ours.get("/api/v1/metadata"),
               ours.get("/api/v1/series", match=["nosuch"], **WINDOW)]
    for answer in answers:
        answer.data  # a success
        for bad in ('"warnings":null', '"infos":null', '"data":null', '"stats":null',
                    '"result":null', '"rules":null', '"groups":null', '"alerts":null'):
            assert bad not in answer.text, f"{bad} in {answer.text[:200]}"


@check("strange label values and numbers survive")
def _(ours, truth, lab):
    for expression in ("labelled", "weird"):
        got, want = (client.query(expression, time=AT).data["result"] for client in (ours, truth))
        equal(sorted(map(json.dumps, got)), sorted(map(json.dumps, want)))
    raw = ours.query("labelled", time=AT).text
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", raw), "raw control characters"


@check("replicas are one: rising timestamps, no series twice")
def _(ours, truth, lab):
    result = ours.query_range("http_requests_total", AT - 600, AT, 15).data["result"]
    keys = [tuple(sorted(series["metric"].items())) for series in result]
    equal(len(keys), len(set(keys)), "series")
    for series in result:
        stamps = [stamp for stamp, _ in series["values"]]
        equal(stamps, sorted(set(stamps)), "timestamps")


@check("the exemplar probe: milliseconds for seconds, an empty list")
def _(ours, truth, lab):
    answer = ours.post("/api/v1/query_exemplars", query="test", start=1759998323456,
                       end=1760000123456)
    equal(answer.data, [])


@check("labels by POST and GET are equal, sorted, limited")
def _(ours, truth, lab):
    got = ours.post("/api/v1/labels", limit=40000, **WINDOW).data
    equal(got, ours.get("/api/v1/labels", limit=40000, **WINDOW).data)
    equal(got, sorted(got))
    contains(got, "region")
    names = ours.get("/api/v1/label/__name__/values", limit=3, **WINDOW)
    equal(len(names.data), 3)
    assert names.warnings, "no truncation warning"
    equal(len(ours.get("/api/v1/series", match=['{__name__!=""}'], limit=5, **WINDOW).data), 5)


@check("a broken match[] is refused at once, both methods")
def _(ours, truth, lab):
    for answer in (ours.post("/api/v1/labels", match=["foo{"]),
                   ours.get("/api/v1/labels", match=["foo{"])):
        refused(answer, 400, "bad_data")
        assert answer.seconds < 0.1, f"took {answer.seconds:.3f} s"


@check("names with dots, as Grafana escapes them", v3=True)
def _(ours, truth, lab):
    path = "/api/v1/label/U__http_2e_status/values"
    equal(ours.get(path, **WINDOW).data, truth.get(path, **WINDOW).data)


@check("methods that are not for a path: 405")
def _(ours, truth, lab):
    equal(ours.post("/api/v1/label/job/values").status, 405)
    equal(ours.post("/api/v1/status/buildinfo").status, 405)


@check("buildinfo looks like Prometheus 3, and like nothing else")
def _(ours, truth, lab):
    data = ours.get("/api/v1/status/buildinfo").data
    assert re.match(r"3\.\d+\.\d+", data["version"]), data
    for key in ("features", "application"):
        assert key not in data, data


@check("runtimeinfo and config answer")
def _(ours, truth, lab):
    contains(ours.get("/api/v1/status/runtimeinfo").data, "startTime")
    contains(ours.get("/api/v1/status/config").data["yaml"], "us-east-1")


@check("metadata: lists with type, help and unit, never empty")
def _(ours, truth, lab):
    answer = ours.get("/api/v1/metadata", limit=40000)
    for name, entries in answer.data.items():
        assert entries, f"{name}: empty list"
        for entry in entries:
            equal(sorted(entry), ["help", "type", "unit"], name)


@check("rules: groups are lists, file and name unique")
def _(ours, truth, lab):
    groups = ours.get("/api/v1/rules").data["groups"]
    keys = [(group["file"], group["name"]) for group in groups]
    equal(len(keys), len(set(keys)))
    for group in groups:
        assert isinstance(group["rules"], list), group


@check("gzip when wished, none for what we do not speak")
def _(ours, truth, lab):
    path = "/api/v1/query_range"
    params = {"query": "http_requests_total", "start": AT - 3600, "end": AT, "step": 15}
    plain = ours.request("POST", path, body=params)
    assert plain.headers.get("Content-Encoding") is None
    zipped = ours.request("POST", path, body=params,
                          headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    equal(zipped.headers.get("Content-Encoding"), "gzip")
    equal(gzip.decompress(zipped.body), plain.body)
    for coding in ("deflate", "zstd", "identity"):
        answer = ours.request("POST", path, body=params, headers={"Accept-Encoding": coding})
        equal(answer.headers.get("Content-Encoding"), None, coding)
        equal(answer.body, plain.body, coding)
    small = ours.request("POST", "/api/v1/query", body={"query": "1", "time": "4"},
                         headers={"Accept-Encoding": "gzip"})
    assert small.headers.get("Content-Encoding") in (None, "gzip")


@check("no API path redirects")
def _(ours, truth, lab):
    for path in ("/api/v1/query/", "/api/v1//query", "/api/v1/labels/"):
        status = ours.request("GET", path).status
        assert not 300 <= status < 400, f"{path}: {status}"


@check("paths of other products are not ours")
def _(ours, truth, lab):
    for path in ("/api/v2/status", "/alertmanager/api/v2/status", "/config/v1/rules", "/rules"):
        answer = ours.get(path)
        assert answer.status != 200 or "json" not in (answer.headers["Content-Type"] or ""), path
    equal(ours.request("POST", "/api/v1/write", body=b"x").status, 404)


@check("parse_query and format_query agree with Prometheus", v3=True)
def _(ours, truth, lab):
    for expression in ("sum by(i)(rate( foo[5m] )) > 1", "foo offset 5m + on(i) group_left bar",
                       '{__name__="foo",i=~"a|b"} @ end()'):
        equal(ours.post("/api/v1/format_query", query=expression).data,
              truth.post("/api/v1/format_query", query=expression).data)
        equal(ours.post("/api/v1/parse_query", query=expression).data,
              truth.post("/api/v1/parse_query", query=expression).data, expression)


@check("health, readiness and our own metrics")
def _(ours, truth, lab):
    for path in ("/-/healthy", "/-/ready", "/metrics"):
        equal(ours.get(path).status, 200, path)
    text = ours.get("/metrics").text
    for name in ("synoptic_build_info", "synoptic_query_duration_seconds",
                 "synoptic_upstream_requests_total", "synoptic_upstream_up", "synoptic_region_up",
                 "process_resident_memory_bytes"):
        assert re.search(rf"^{name}(_count)?[{{ ]", text, re.MULTILINE), f"no {name}"


@check("every expression of the shipped dashboards has an answer")
def _(ours, truth, lab):
    variables = {"$region": ".*", "$__rate_interval": "1m0s"}
    for file in sorted((ROOT / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                expression = target["expr"]
                for name, value in variables.items():
                    expression = expression.replace(name, value)
                answer = ours.query_range(expression, AT - 600, AT, 15)
                assert answer.data["result"], f"{file.name}: {panel['title']}: no series"
                compare(expression, answer.data,
                        truth.query_range(expression, AT - 600, AT, 15).data)


@check("an 8 KiB expression by POST; a URL that is too long is 414")
def _(ours, truth, lab):
    # Sixty matchers of 140 characters: long, as Grafana's variables make it, but not deep.
    long = "count(foo{" + ", ".join(f'i!="{n:0>135}"' for n in range(60)) + "})"
    assert len(long) > 8192, len(long)
    equal(ours.query(long, time=AT).data["result"][0]["value"][1], "6")
    equal(ours.request("GET", "/api/v1/query?query=" + "1%2B" * 20000 + "1").status, 414)


@check("the header says complete, once")
def _(ours, truth, lab):
    answer = ours.query("sum(foo)", time=AT)
    equal(answer.headers.get_all("Synoptic-Coverage"), ["complete"])
    equal("warnings" in answer.json, False)


@check("regions= asks these regions only")
def _(ours, truth, lab):
    answer = ours.query("foo", time=AT, regions="us-east-1,eu-west-1")
    equal({series["metric"]["region"] for series in answer.data["result"]},
          {"us-east-1", "eu-west-1"})


@check("coverage=1 adds a block and changes nothing else")
def _(ours, truth, lab):
    plain = ours.query("foo", time=AT).json
    with_block = ours.query("foo", time=AT, coverage="1").json
    extra = set(with_block) - set(plain) | set(with_block["data"]) - set(plain["data"])
    assert extra, "no block"
    equal(sorted(map(json.dumps, with_block["data"]["result"])),
          sorted(map(json.dumps, plain["data"]["result"])))


def main():
    cases = Cases("api")
    binary = prometheus_binary()
    major = prometheus_major(binary)
    with dataset.start_lab(binary, major) as lab:
        truth = Client(lab.truth.url)
        ours = truth if "--self" in sys.argv else lab.start_synoptic().client()
        if ours is not truth:
            wait_until(lambda: ours.query("sum(foo)", time=AT).status == 200, 10, "first answer")
        for name, v3, function in CHECKS:
            if v3 and major < 3:
                cases.skip(name, "needs Prometheus 3 beside it")
            elif cases.wanted(name):
                with cases.case(name):
                    function(ours, truth, lab)
        if lab.synoptic:
            with cases.case("Synoptic stops in order"):
                lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
