# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Rules as services have them, over the metrics of the lab's exporter: rates, error ratios, latency
quantiles, lag and capacity, a recording and an alerting rule of each kind in turn. Rule number i is
the same at every run."""
import json

SERVICE_NAMES = ["checkout", "cart", "catalog", "search", "login", "mail", "images", "billing"]
DATABASES = ["orders", "users", "catalog", "payments", "sessions", "audit"]
WINDOWS = ["1m", "90s", "2m", "150s", "3m", "4m", "5m", "6m", "7m", "8m", "9m", "10m"]
SERVICES, PODS, POOLS = 50, 4, 8
EXPORTER_FLAGS = [f"--services={SERVICES}", f"--pods={PODS}", f"--pools={POOLS}"]

# expression, a threshold that few pass
KINDS = [
    ('sum by (region) (rate(http_requests_total{{service="{s}",method="{m}"}}[{w}]))', 1e5),
    ('sum(rate(http_requests_total{{service="{s}",code=~"5.."}}[{w}]))'
     ' / sum(rate(http_requests_total{{service="{s}"}}[{w}]))', 0.2),
    ('histogram_quantile(0.99, sum by (le, region)'
     ' (rate(http_request_duration_seconds_bucket{{service="{s}",method="{m}"}}[{w}])))', 20),
    ('sum by (region, code) (increase(http_requests_total{{pod="{p}"}}[{w}]))', 1e7),
    ('max by (region) (rate(http_requests_total{{pod="{p}",method="{m}"}}[{w}]))', 1e5),
    ('max without (pod) (rate(http_requests_total{{service="{s}",code="500"}}[{w}]))', 1e4),
    ('sum by (region) (capacity_used{{pool="{pool}"}})'
     ' / sum by (region) (capacity_limit{{pool="{pool}"}})', 0.9),
    ('max by (region, destination) (max_over_time(replication_lag_seconds{{db="{db}"}}[{w}]))', 60),
]


def label_values(client):
    """What the exporter calls its services, pods and so on."""
    return {name: client.get(f"/api/v1/label/{name}/values").data
            for name in ("service", "pod", "pool", "db")}


def expression(values, i):
    """(expression, threshold) number i."""
    kind, i = i % len(KINDS), i // len(KINDS)

    def pick(names):
        nonlocal i
        i, at = divmod(i, len(names))
        return names[at]

    text, threshold = KINDS[kind]
    filled = text.format(w=pick(WINDOWS), p=values["pod"][(i * 7) % len(values["pod"])],
                         s=pick(values["service"]), m=pick(["GET", "POST"]),
                         pool=values["pool"][i % len(values["pool"])],
                         db=values["db"][i % len(values["db"])])
    return filled, threshold


def recording(values, i):
    return {"record": f"bench:rule_{i}", "expr": expression(values, i)[0]}


def alerting(values, i):
    text, threshold = expression(values, i)
    # One in fifty fires.
    value = -1 if i % 50 == 7 else threshold * (1 + i % 13 / 13)
    return {"alert": f"Bench{i}", "expr": f"{text} > {value:g}", "for": "30s",
            "labels": {"severity": "page" if i % 3 else "ticket"},
            "annotations": {"summary": "{{ $labels.region }} has {{ $value | humanize }}"}}


def write_rules(folder, values, count, interval, per_group=50, per_file=1000):
    """count recording and count alerting rules, in groups of per_group, in files of per_file. Returns
    the pattern that names the files, and all expressions."""
    folder.mkdir()
    rules = [rule for i in range(count) for rule in (recording(values, i), alerting(values, i))]
    for first in range(0, len(rules), per_file):
        last = min(first + per_file, len(rules))
        groups = [{"name": f"g{at // per_group}", "interval": interval,
                   "rules": rules[at:min(at + per_group, last)]}
                  for at in range(first, last, per_group)]
        (folder / f"rules{first // per_file}.json").write_text(json.dumps({"groups": groups}))
    return f"{folder}/*.json", [rule["expr"] for rule in rules]
