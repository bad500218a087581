# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Random rule files over two metrics, level (a gauge of plateaus) and work_total (a counter), and the
samples that move their alerts through every state: pending, firing, kept firing, resolved, gone."""
import json
import random

REGIONS = ["ap", "eu", "us"]
JOBS = ["api", "db", "web"]
PLATEAU = 8  # seconds for which a level holds
LEVELS = [0, 3, 6, 9]


def samples(seed, region, begin_ms, seconds):
    """[(labels, [(ms, value)])] of a region, a sample a second, the same for every run of a seed."""
    dice = random.Random(f"{seed} {region}")
    series = []
    for job in JOBS:
        for instance in "12":
            levels = [dice.choice(LEVELS) for _ in range(seconds // PLATEAU + 1)]
            # Some series end and come back: what becomes of their alerts?
            holes = {n for n in range(len(levels)) if dice.random() < 0.12}
            level = [(begin_ms + 1000 * s, levels[s // PLATEAU]) for s in range(seconds)
                     if s // PLATEAU not in holes]
            total, work = 0, []
            for s in range(seconds):
                total += levels[s // PLATEAU] * 2
                work.append((begin_ms + 1000 * s, total))
            labels = {"job": job, "instance": instance}
            series.append(({"__name__": "level", **labels}, level))
            series.append(({"__name__": "work_total", **labels}, work))
    return series


def expression(dice):
    k = dice.choice([1, 4, 7])
    job = dice.choice(JOBS)
    return dice.choice([
        f"level > {k}", f'level{{job="{job}"}} >= {k}', f"sum by (region) (level) > {4 * k}",
        f"max by (region, job) (level) > {k}", f"rate(work_total[5s]) > {2 * k}",
        f"sum(rate(work_total[4s])) by (job) > {4 * k}", f"avg(level) > {k}",
        f'level{{region="{dice.choice(REGIONS)}"}} < {k}', f"count by (job) (level > {k}) > 1",
        f"level > {k} unless on (job, region) (sum by (job, region) (level) > {3 * k})",
        f"level > {k} and on (region) sum by (region) (level) > {4 * k}",
        f'absent(level{{job="{job}",instance="1",region="eu"}})', 'absent(level{job="none"})',
        f"min_over_time(level[6s]) > {k}", "changes(level[10s]) > 0",
        f"level / on (job, instance) group_left level{{region=\"eu\"}} > {k - 3}",
        "level + on (job) level", "level > bool 4", f"vector(time() % 16) > {k}", f"vector({k}) > 3",
        f"label_replace(level, \"team\", \"t-$1\", \"job\", \"(.).*\") > {k}",
        f"quantile by (job) (0.5, level) > {k}", f"(level > {k}) or (level < 1)",
        f"predict_linear(level[6s], 10) > {2 * k}", f"level offset 3s > {k}",
        f"max_over_time(sum by (region) (level)[6s:2s]) > {4 * k}", f"vector(scalar(sum(level))) > {9 * k}",
    ])


LABELS = [
    {"severity": "page"}, {"severity": "{{ if gt $value 5.0 }}page{{ else }}ticket{{ end }}"},
    {"team": "{{ $labels.job }}", "job": "over"}, {"where": "{{ $labels.region | toUpper }}"},
    {"gone": "{{ $labels.no_such_label }}"}, {},
]
ANNOTATIONS = [
    {"summary": "{{ $labels.job }} in {{ $labels.region }} is at {{ $value }}"},
    {"summary": "{{ $value | humanize }} {{ printf \"%.2f\" $value }}"},
    {"others": '{{ range query "sum by (region) (level)" | sortByLabel "region" }}'
               "{{ .Labels.region }}={{ .Value }} {{ end }}"},
    {"from": "{{ $externalLabels.cluster }} {{ externalURL }} {{ pathPrefix }}"},
    {"broken": '{{ (query "no_such" | first).Value }}'}, {"missing": "{{ $labels.no_such_label }}."}, {},
    {"all": "{{ range $k, $v := $labels }}{{ $k }}:{{ $v }},{{ end }}"},
]


def rule(dice, name):
    out = {"alert": name, "expr": expression(dice)}
    if dice.random() < 0.6:
        out["for"] = dice.choice(["1s", "2s", "5s", "9s"])
    if dice.random() < 0.35:
        out["keep_firing_for"] = dice.choice(["2s", "4s", "11s"])
    if labels := dice.choice(LABELS):
        out["labels"] = labels
    if annotations := dice.choice(ANNOTATIONS):
        out["annotations"] = annotations
    return out


def rule_file(seed, number):
    """Names are of this file alone, so that what is sent can be told apart."""
    dice = random.Random(f"rules {seed} {number}")
    groups = []
    for name in range(dice.randint(1, 2)):
        group = {"name": f"g{name}", "interval": dice.choice(["1s", "2s", "2s", "3s"]),
                 "rules": [rule(dice, f"F{number}G{name}A{n}") for n in range(dice.randint(1, 4))]}
        if dice.random() < 0.3:
            group["query_offset"] = dice.choice(["1s", "4s"])
        if dice.random() < 0.2:
            group["labels"] = {"group": "{{ $labels.job }}" if dice.random() < 0.3 else "all"}
        groups.append(group)
    return json.dumps({"groups": groups}, indent=1)
