#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""What Grafana asks and how it reads the answers, row by row (1 to 48). Rows that another test of this
folder proves are named in ELSEWHERE, and looked for there.

usage: grafana_test.py [-v] [--idle] [WORD...]    --idle: row 40 with all of its 100 s
"""
import concurrent.futures
import http.client
import json
import math
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from acceptance.compare import compare  # noqa: E402
from lab.api import Client, wait_until  # noqa: E402
from lab.servers import Synoptic, prometheus_binary, prometheus_major  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

AT = dataset.BLOCKS_END + 1500.25
WINDOW = {"start": dataset.START, "end": dataset.END}
DARK = "eu-west-1"
RULES = """
groups:
- name: g{n}
  rules:
  - {{alert: Always{n}, expr: vector(1), labels: {{severity: page}}}}
  - {{alert: Never{n}, expr: vector(1) > 2}}
  - {{record: one:{n}, expr: vector({n})}}
"""

# Row: file, the check's name there.
ELSEWHERE = {
    2: ("api", "a constant: POST, GET, and both places at once"),
    3: ("api", "timestamps keep their milliseconds"),
    4: ("api", "the grid of a range: 20 s over days, half seconds, milliseconds"),
    7: ("api", "too many points: 400 and Prometheus' text"),
    11: ("api", "no null where Grafana trips over it"),
    13: ("api", "strange label values and numbers survive"),
    14: ("api", "coverage=1 adds a block and changes nothing else"),
    15: ("api", "replicas are one: rising timestamps, no series twice"),
    16: ("histograms", "{expression}: range"),
    17: ("histograms", "{expression}: instant"),
    22: ("api", "labels by POST and GET are equal, sorted, limited"),
    23: ("api", "a broken match[] is refused at once, both methods"),
    25: ("api", "names with dots, as Grafana escapes them"),
    26: ("api", "methods that are not for a path: 405"),
    29: ("api", "buildinfo looks like Prometheus 3, and like nothing else"),
    36: ("api", "gzip when wished, none for what we do not speak"),
    37: ("api", "no API path redirects"),
    38: ("api", "paths of other products are not ours"),
    47: ("api", "an 8 KiB expression by POST; a URL that is too long is 414"),
}
ROWS = []


def row(number, name, dark=False):
    """dark: with one region frozen."""
    def add(function):
        ROWS.append((number, name, dark, function))
        return function
    return add


class Scene:
    def __init__(self, lab, ours, truth, warm):
        self.lab, self.ours, self.truth, self.warm = lab, ours, truth, warm
        self.url = lab.synoptic.url

    def upstream_requests(self):
        """Of queries: probes and their like go to /query with vector(1), beside everything."""
        lines = self.ours.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines
                   if line.startswith("synoptic_upstream_requests_total"))


def error_of(answer, status, kind, *parts):
    equal(answer.status, status, answer.text[:300])
    document = answer.json
    equal((document["status"], document["errorType"]), ("error", kind))
    assert "data" not in document, "an error carries data"
    for part in parts:
        contains(document["error"], part)


@row(1, "the health check asks nobody")
def _(s):
    # A probe a replica and five seconds, at most; sixty queries would be hundreds of requests.
    before, begun = s.upstream_requests(), time.monotonic()
    for _ in range(60):
        equal(s.ours.query("1+1", time=4).data, {"resultType": "scalar", "result": [4, "2"]})
    asked = s.upstream_requests() - before
    assert asked <= 6 * (2 + (time.monotonic() - begun) / 4), f"{asked} requests"


@row(5, "a day's step keeps its phase, through the cache too")
def _(s):
    for _ in range(2):
        for client in (s.ours, s.warm):
            values = client.query_range("vector(1)", 1759122000, 1759986000, 86400).data
            equal({stamp % 86400 for stamp, _ in values["result"][0]["values"]}, {18000})
    ask = ("max(foo)", dataset.START - 3 * 86400 + 1800, dataset.END + 86400 + 1800, 86400)
    for _ in range(2):
        equal(s.warm.query_range(*ask).data, s.truth.query_range(*ask).data)


@row(6, "[1m0s] and [1m] are one: the second is in the cache")
def _(s):
    window = (dataset.START + 600, dataset.BLOCKS_END, 60)
    first = s.warm.query_range("sum(rate(http_requests_total[2m0s]))", *window)

    def bytes_read():
        return sum(float(line.split()[-1]) for line in s.warm.get("/metrics").text.splitlines()
                   if line.startswith("synoptic_upstream_bytes_total"))
    before = bytes_read()
    second = s.warm.query_range("sum(rate(http_requests_total[2m]))", *window)
    equal(second.data, first.data)
    assert bytes_read() - before < 3000, "the regions were asked again"


@row(8, "over a threshold: 422, or a warning")
def _(s):
    ask = {"query": "http_requests_total", "time": AT}
    over = s.ours.request("POST", "/api/v1/query", body=ask,
                          params={"max_samples_processed_error_threshold": "1"})
    error_of(over, 422, "execution", "max_samples_processed_error_threshold")
    warned = s.ours.request("POST", "/api/v1/query", body=ask,
                            params={"max_samples_processed_warning_threshold": "1"})
    contains(" ".join(warned.warnings), "max_samples_processed_warning_threshold=1")


@row(9, "partial=require and alerts' requests are strict", dark=True)
def _(s):
    error_of(s.ours.query("sum(foo)", time=AT, partial="require"), 503, "unavailable", DARK)
    for name in ("FromAlert", "Fromalert"):
        answer = s.ours.request("POST", "/api/v1/query", body={"query": "sum(foo)", "time": AT},
                                headers={name: "true"})
        error_of(answer, 503, "unavailable", DARK)


@row(10, "degrade: complete in itself, one warning, last, and the header", dark=True)
def _(s):
    answer = s.ours.query("sum by (region) (foo)", time=AT)
    equal(answer.status, 200)
    assert answer.headers["Synoptic-Coverage"].startswith("partial"), answer.headers
    equal(sum(DARK in one for one in answer.warnings), 1)
    contains(answer.warnings[-1], DARK)
    assert answer.text.index('"data"') < answer.text.index('"warnings"')
    want = [one for one in s.truth.query("sum by (region) (foo)", time=AT).data["result"]
            if one["metric"]["region"] != DARK]
    equal(sorted(map(json.dumps, answer.data["result"])), sorted(map(json.dumps, want)))


@row(12, "errors have no data, empty results are []")
def _(s):
    error_of(s.ours.query("sum(", time=AT), 400, "bad_data")
    for path, ask in (("query", {"time": AT}),
                      ("query_range", {"start": AT - 60, "end": AT, "step": 15})):
        contains(s.ours.post("/api/v1/" + path, query="nosuch", **ask).text, '"result":[]')


@row(18, "buckets of a heatmap have the same steps, a region dark", dark=True)
def _(s):
    data = s.ours.query_range("sum by (le) (rate(http_request_duration_seconds_bucket[5m]))",
                              dataset.BLOCKS_END - 1800, dataset.BLOCKS_END + 1200, 60).data
    assert len(data["result"]) == 5, "five buckets"
    equal(len({tuple(stamp for stamp, _ in one["values"]) for one in data["result"]}), 1)


@row(19, "the exemplar probe in milliseconds: [] in 50 ms")
def _(s):
    ask = {"query": "test", "start": 1759998323456, "end": 1760000123456}
    seconds = []
    for _ in range(5):
        answer = s.ours.post("/api/v1/query_exemplars", **ask)
        equal((answer.status, answer.data), (200, []))
        seconds.append(answer.seconds)
    assert min(seconds) < 0.05, seconds


@row(21, "statistics when asked for, none otherwise")
def _(s):
    stats = s.ours.query("sum(foo)", time=AT, stats="all").data["stats"]
    assert isinstance(stats["samples"]["totalQueryableSamples"], int), stats
    assert "stats" not in s.ours.query("sum(foo)", time=AT).data


@row(24, "names by a leading .*, limited, quick")
def _(s):
    path, match = "/api/v1/label/__name__/values", ['{__name__=~".*re.*"}']
    for limit in (1000, 2):
        got, want = (c.get(path, match=match, limit=limit, **WINDOW) for c in (s.ours, s.truth))
        equal(got.data, want.data)
    contains(got.warnings, "results truncated due to limit")
    assert min(s.ours.get(path, match=match, limit=1000, **WINDOW).seconds for _ in range(5)) < 0.1


@row(27, "all series, limited")
def _(s):
    everything = s.ours.get("/api/v1/series", match=['{__name__!=""}'], limit=40000, **WINDOW).data
    equal(len(everything), len(s.truth.get("/api/v1/series", match=['{__name__!=""}'],
                                           **WINDOW).data))
    equal(len(s.ours.get("/api/v1/series", match=['{__name__!=""}'], limit=7, **WINDOW).data), 7)


@row(28, "metadata: never an empty list, a region dark", dark=True)
def _(s):
    answer = s.ours.get("/api/v1/metadata", limit=40000)
    equal(answer.status, 200)
    for name, entries in answer.data.items():
        assert entries and {"type", "help", "unit"} <= set(entries[0]), (name, entries)


@row(30, "groups of rules: unique, lists")
def _(s):
    groups = s.ours.get("/api/v1/rules").data["groups"]
    assert {f"g{n}" for n in range(3)} <= {g["name"] for g in groups}, groups
    equal(len({(g["file"], g["name"]) for g in groups}), len(groups))
    assert all(isinstance(g["rules"], list) for g in groups)


@row(31, "exactly the group that is asked for")
def _(s):
    one = s.ours.get("/api/v1/rules").data["groups"][1]
    got = s.ours.get("/api/v1/rules", **{"file": one["file"], "file[]": one["file"],
                                         "rule_group": one["name"], "rule_group[]": one["name"]})
    equal([(g["file"], g["name"]) for g in got.data["groups"]], [(one["file"], one["name"])])


@row(32, "pages of groups: each once, no token on the last")
def _(s):
    names, token = [], None
    while True:
        data = s.ours.get("/api/v1/rules", group_limit=1, group_next_token=token).data
        names += [g["name"] for g in data["groups"]]
        token = data.get("groupNextToken")
        if not token:
            assert "groupNextToken" not in data or data["groupNextToken"] is None or token == ""
            break
    equal(names, [g["name"] for g in s.ours.get("/api/v1/rules").data["groups"]])
    assert len(s.ours.get("/api/v1/rules", exclude_alerts="true").body) < \
        len(s.ours.get("/api/v1/rules").body)


@row(33, "states, times and values have Grafana's types")
def _(s):
    def firing():
        return [rule for group in s.ours.get("/api/v1/rules").data["groups"]
                for rule in group["rules"] if rule.get("alerts")]
    rules = wait_until(lambda: len(firing()) == 3 and firing(), 30, "alerts fire")
    for group in s.ours.get("/api/v1/rules").data["groups"]:
        assert "T" in group["lastEvaluation"], group
        for rule in group["rules"]:
            if rule["type"] == "alerting":
                assert rule["state"] in ("firing", "pending", "inactive", "unknown"), rule
    for rule in rules:
        for alert in rule["alerts"]:
            assert "T" in alert["activeAt"] and isinstance(alert["value"], str), alert


@row(34, "the search API: lines, a trailer, names that fit")
def _(s):
    answer = s.ours.get("/api/v1/search/metric_names", **{
        "search[]": "htp_requests", "sort_by": "score", "batch_size": 1,
        "fuzz_alg": "jarowinkler", "fuzz_threshold": 80, **WINDOW})
    contains(answer.headers["Content-Type"], "application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    equal(lines[-1], {"status": "success", "has_more": False})
    equal(lines[0]["results"][0], {"name": "http_requests_total"})
    assert all(len(line["results"]) <= 1 for line in lines[:-1]), lines
    first = [json.loads(line) for line in s.ours.get(
        "/api/v1/search/label_values", label="service", limit=2, **WINDOW).text.splitlines()]
    equal(first, [{"results": [{"value": "cart"}, {"value": "checkout"}]},
                  {"status": "success", "has_more": True}])


@row(35, "search switched off: 404 or unavailable")
def _(s):
    config = {"regions": [{"name": "a", "prometheus": ["http://127.0.0.1:1"]}],
              "web": {"search": False, "external_url": "http://h/prefix"}}
    other = s.lab.add(Synoptic(s.lab.directory / "prefixed", config, name="prefixed")).start()
    for prefix in ("", "/prefix"):
        answer = Client(other.url + prefix).get("/api/v1/search/metric_names")
        assert answer.status == 404 or answer.json["errorType"] == "unavailable", answer.text
    # And through a path prefix (row 1, 37).
    for _ in range(2):
        equal(Client(other.url + "/prefix").query("1+1", time=4).data["result"], [4, "2"])


@row(39, "no receiver of remote write: Prometheus' words")
def _(s):
    answer = s.ours.request("POST", "/api/v1/write", body=b"")
    equal(answer.status, 404, answer.text)
    contains(answer.text, "remote write receiver")


@row(42, "timeout=3s is kept with a frozen region", dark=True)
def _(s):
    answer = s.ours.request("POST", "/api/v1/query", body={"query": "sum(foo)", "time": AT},
                            params={"timeout": "3s"})
    assert answer.seconds < 3 and answer.status == 200, (answer.seconds, answer.text)
    contains(answer.headers["Synoptic-Coverage"], "partial")


@row(43, "sixty panels at once, twice: the same answers")
def _(s):
    def ask(_):
        return Client(s.url).query_range("sum by (service) (rate(http_requests_total[5m]))",
                                         AT - 3600, AT, 60)
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(ask, range(120)))
    equal({one.status for one in answers}, {200})
    equal(len({one.body for one in answers}), 1)


@row(44, "who asks is in the query log, credentials are not (45)")
def _(s):
    headers = {"X-Dashboard-Uid": "board-7", "X-Panel-Id": "panel-9", "X-Grafana-User": "ada",
               "X-Rule-Uid": "rule-3", "Cookie": "session=secret1",
               "Authorization": "Bearer secret2", "X-Id-Token": "secret3"}
    s.ours.request("POST", "/api/v1/query", body={"query": "sum(foo)", "time": AT}, headers=headers)
    log = wait_until(lambda: "board-7" in s.lab.synoptic.log_since_launch() and
                     s.lab.synoptic.log_since_launch(), 5, "the query in the log")
    for wanted in ("panel-9", "ada", "rule-3"):
        contains(log, wanted)
    for secret in ("secret1", "secret2", "secret3"):
        assert secret not in log, secret
    assert "board-7" not in s.ours.get("/metrics").text


@row(41, "a client that leaves takes its upstream requests along")
def _(s):
    def cancelled():
        return sum(float(line.split()[-1]) for line in s.ours.get("/metrics").text.splitlines()
                   if line.startswith("synoptic_upstream_requests_total")
                   and 'code="cancelled"' in line)
    before = cancelled()
    servers = s.lab.replicas["ap-south-1"]
    for server in servers:
        server.freeze()
    try:
        link = socket.create_connection((s.ours.host, s.ours.port))
        link.sendall(b"GET /api/v1/query?query=sum(foo)&partial=require&time=%d HTTP/1.1\r\n"
                     b"Host: h\r\n\r\n" % int(AT))
        time.sleep(0.1)
        link.close()
        wait_until(lambda: cancelled() > before, 1, "a cancelled request upstream")
    finally:
        for server in servers:
            server.thaw()
    wait_until(lambda: s.ours.query("sum(foo)", time=AT).headers["Synoptic-Coverage"] == "complete",
               20, "all regions again")


@row(46, "many series, a region missing: its line is there once", dark=True)
def _(s):
    answer = s.ours.query_range('{__name__!=""}', AT - 60, AT, 15)
    assert len(answer.data["result"]) > 100
    equal(answer.text.count("regions missing"), 1, answer.warnings)


SESSION = [
    ("POST", "query", {"query": "1+1", "time": "4"}),
    ("POST", "query_range", {"query": "sum by (service) (rate(http_requests_total[1m0s]))",
                             "start": dataset.START + 600, "end": dataset.BLOCKS_END, "step": "20"}),
    ("POST", "query", {"query": "topk(3, foo)", "time": AT}),
    ("POST", "query", {"query": "histogram_quantile(0.9, sum by (le) "
                                "(rate(http_request_duration_seconds_bucket[5m])))", "time": AT}),
    ("POST", "labels", {"limit": 40000, **WINDOW}),
    ("GET", "label/service/values", {"limit": 40000, **WINDOW}),
    ("GET", "label/__name__/values", {"limit": 40000, "match[]": '{__name__=~".*http.*"}', **WINDOW}),
    ("POST", "query_exemplars", {"query": "test", "start": 1759998323456, "end": 1760000123456}),
]


@row(48, "a session of Grafana's: the answers of one Prometheus")
def _(s):
    for method, path, ask in SESSION:
        where = {"body": ask} if method == "POST" else {"params": ask}
        got, want = (c.request(method, "/api/v1/" + path, **where).data for c in (s.ours, s.truth))
        if path.startswith("query") and isinstance(got, dict):
            compare(str(ask), got, want)
        else:
            equal(got, want, path)


def all_dark(s):
    """Row 1 again, all regions stopped."""
    for region in dataset.REGIONS:
        for server in s.lab.replicas[region]:
            server.freeze()
    try:
        for client in (s.ours, Client(s.url)):
            answer = client.query("1+1", time=4)
            equal((answer.status, answer.data["result"]), (200, [4, "2"]))
            assert "warnings" not in answer.json and answer.seconds < 0.5, answer.seconds
    finally:
        for region in dataset.REGIONS:
            for server in s.lab.replicas[region]:
                server.thaw()


def main():
    cases = Cases("grafana")
    here = pathlib.Path(__file__).resolve().parent
    for number, (file, name) in sorted(ELSEWHERE.items()):
        with cases.case(f"{number}: {file}_test has it: {name}"):
            contains((here / f"{file}_test.py").read_text(), name)
    binary = prometheus_binary()
    with dataset.start_lab(binary, prometheus_major(binary)) as lab:
        rules = []
        for n in range(3):
            path = lab.directory / f"rules{n}.yaml"
            path.write_text(RULES.format(n=n))
            rules.append(str(path))
        more = {"rule_files": rules, "global": {"evaluation_interval": "1s"}}
        warm = lab.start_synoptic(**more, cache={}).client()
        ours = lab.start_synoptic(flags=["--log-level", "debug"], **more).client()
        for client in (ours, warm):
            wait_until(lambda: client.query("sum(foo)", time=AT).status == 200, 10, "first answer")
        idle = http.client.HTTPConnection(ours.host, ours.port, timeout=10)
        idle.request("GET", "/api/v1/query?query=1%2B1&time=4")
        idle.getresponse().read()
        idle_since = time.monotonic()
        scene = Scene(lab, ours, Client(lab.truth.url), warm)
        for number, name, _, check in (one for one in ROWS if not one[2]):
            with cases.case(f"{number}: {name}"):
                check(scene)
        for server in lab.replicas[DARK]:
            server.freeze()
        try:
            wait_until(lambda: "partial" in ours.query("sum(foo)", time=AT).headers["Synoptic-Coverage"],
                       10, "a partial answer")
            for number, name, _, check in (one for one in ROWS if one[2]):
                with cases.case(f"{number}: {name}"):
                    check(scene)
        finally:
            for server in lab.replicas[DARK]:
                server.thaw()
        with cases.case("1: all regions stopped"):
            all_dark(scene)
        rest = 100 - (time.monotonic() - idle_since) if "--idle" in sys.argv else 0
        time.sleep(max(0, rest))
        with cases.case(f"40: a connection idle for {math.floor(time.monotonic() - idle_since)} s"):
            idle.request("GET", "/api/v1/query?query=1%2B1&time=4")
            equal(json.loads(idle.getresponse().read())["data"]["result"], [4, "2"])
        with cases.case("Synoptic stops in order"):
            lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
