#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""/api/v1/rules and /api/v1/alerts, byte for byte those of a Prometheus that has the same rule files:
Synoptic's own rules, and Prometheus' as Synoptic shows them.

usage: rules_api_test.py [-v]
"""
import json
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import Client, wait_until  # noqa: E402
from lab.process import install_signal_handlers  # noqa: E402
from lab.servers import Prometheus, Synoptic, prometheus_binary, prometheus_major  # noqa: E402
from support.cases import Cases, equal  # noqa: E402

RULES = {"groups": [
    {"name": "firing", "interval": "1s", "limit": 10, "labels": {"team": "g<1>"}, "rules": [
        {"alert": "Plain", "expr": "vector(1) > 0"},
        {"alert": "Empty", "expr": "vector(0.1) + 0.2", "labels": {"none": "", "a": "b"},
         "annotations": {"summary": "", "runbook": "<&>\u2028\"\\"}},
        {"alert": "Template", "expr": "vector(1234567)", "labels": {"v": "{{ $value | humanize }}"},
         "annotations": {"summary": "{{ $labels.team }} {{ $labels.nothing }}",
                         "empty": "{{ if false }}x{{ end }}"}},
        {"alert": "NotANumber", "expr": "vector(NaN)"},
        {"alert": "Infinite", "expr": "-vector(Inf)"},
    ]},
    {"name": "others", "interval": "2s", "query_offset": "1s", "rules": [
        {"alert": "Pending", "expr": "vector(1)", "for": "1h30m", "keep_firing_for": "1500ms"},
        {"alert": "Inactive", "expr": "vector(1) < 0", "annotations": {"summary": "x"}},
        {"alert": "Many", "expr": 'label_replace(vector(1), "id", "1", "", "") or '
                                  'label_replace(vector(2), "id", "2", "", "")'},
        {"alert": "Same", "expr": 'label_replace(vector(1), "id", "1", "", "") or '
                                  'label_replace(vector(2), "id", "2", "", "")',
         "labels": {"id": "3"}},
        {"record": "job:one:sum", "expr": "sum  (vector(1))  by(job)", "labels": {"x": "", "y": "z"}},
        {"record": "twice", "expr": 'label_replace(vector(1), "id", "1", "", "") or '
                                    'label_replace(vector(2), "id", "2", "", "")',
         "labels": {"id": "3"}},
    ]},
]}

# What differs by nature: when, and how long.
TIMES = re.compile(r'"(evaluationTime|lastEvaluation|activeAt)": ?("[^"]*"|[-+.e0-9]+)')
QUESTIONS = ["", "?type=alert", "?type=record", "?exclude_alerts=true", "?rule_name[]=Empty",
             "?rule_group[]=others&rule_name[]=Many", '?match[]={a="b"}',
             '?match[]={x="",y="z"}', "?group_limit=1", "?rule_group[]=nothing"]
MISTAKES = ["?type=x", "?exclude_alerts=perhaps", "?group_limit=0", "?group_limit=many",
            "?group_next_token=a", "?group_limit=1&group_next_token=a", "?match[]={", "?match[]={}",
            '?match[]={none=""}']


def texts(data):
    """The document without its times, alerts in order: the one thing that no server promises."""
    def ordered(value):
        if isinstance(value, dict):
            return {k: sorted(map(ordered, v), key=json.dumps) if k == "alerts" and v
                    else ordered(v) for k, v in value.items()}
        return list(map(ordered, value)) if isinstance(value, list) else value
    text = TIMES.sub(r'"\1":0', data)
    return json.dumps(ordered(json.loads(text)), ensure_ascii=False)


def own(text, path):
    """Of Synoptic's answer the part that the rule file made."""
    document = json.loads(text)
    groups = document["data"].get("groups")
    if groups is not None:
        document["data"]["groups"] = [g for g in groups if g["file"] == path]
    else:
        document["data"]["alerts"] = [a for a in document["data"]["alerts"]
                                      if "region" not in a["labels"]]
    return json.dumps(document, ensure_ascii=False)


def shown(text, path, region):
    """Of Synoptic's answer the region's part, without what Synoptic adds."""
    document = json.loads(text)
    def bare(item):
        item["labels"].pop("region", None)
        for each in item.get("alerts") or []:
            bare(each)
        return item
    groups = []
    for group in document["data"]["groups"]:
        if group["file"] == f"{region}/main/{path}":
            group["file"] = path
            groups.append({**group, "rules": list(map(bare, group["rules"]))})
    document["data"]["groups"] = groups
    return json.dumps(document, ensure_ascii=False)


def settled(client, path):
    """Every rule was evaluated, and the alerts are there."""
    groups = [g for g in client.get("/api/v1/rules").data["groups"] if g["file"] == path]
    rules = [r for g in groups for r in g["rules"]]
    return rules and all(r["health"] != "unknown" for r in rules) \
        and sum(len(r.get("alerts") or ()) for r in rules) == 8


def main():
    cases = Cases("rules API")
    binary = prometheus_binary()
    if prometheus_major(binary) < 3:
        cases.skip("all", "needs Prometheus 3")
        return 0
    install_signal_handlers()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="synoptic-rules-api-"))
    path = str(directory / "rules.yml")
    pathlib.Path(path).write_text(json.dumps(RULES))
    prometheus = Prometheus("p", directory / "p", binary)
    config = json.loads(prometheus.config.read_text())
    prometheus.config.write_text(json.dumps({**config, "rule_files": [path]}))
    synoptic = None
    try:
        prometheus.launch().wait_ready()
        synoptic = Synoptic(directory / "s", {
            "regions": [{"name": "eu", "prometheus": [prometheus.url]}], "rule_files": [path]})
        synoptic.start()
        there, here = Client(prometheus.url), synoptic.client()
        wait_until(lambda: settled(there, path), 20, "Prometheus' rules")
        wait_until(lambda: settled(here, path), 20, "our rules")
        for question in QUESTIONS:
            with cases.case(f"/rules{question}"):
                want = there.get("/api/v1/rules" + question).text
                got = here.get("/api/v1/rules" + question).text
                if "group_limit" in question:  # each has its own groups to page through
                    equal(len(json.loads(got)["data"]["groups"]), 1)
                    equal("groupNextToken" in got, "groupNextToken" in want)
                    continue
                equal(texts(own(got, path)), texts(want))
                equal(texts(shown(got, path, "eu")), texts(want))
        with cases.case("/alerts"):
            want = there.get("/api/v1/alerts").text
            equal(texts(own(here.get("/api/v1/alerts").text, path)), texts(want))
        with cases.case("the bytes of one rule, its times apart"):
            pick = re.compile(r'\{"state":"firing","name":"Empty".*?"type":"alerting"\}')
            want = TIMES.sub("", pick.search(there.get("/api/v1/rules").text).group())
            ours = [TIMES.sub("", m) for m in pick.findall(here.get("/api/v1/rules").text)]
            assert want in ours, f"{ours} lacks {want}"
        for mistake in MISTAKES:
            with cases.case(f"/rules{mistake}"):
                want, got = (c.request("GET", "/api/v1/rules" + mistake) for c in (there, here))
                equal((got.status, got.text), (want.status, want.text))
    finally:
        if synoptic is not None:
            synoptic.stop()
        prometheus.stop()
        shutil.rmtree(directory, ignore_errors=True)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
