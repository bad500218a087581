#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Three regions answer as one: Synoptic over six Prometheus against one that holds everything.

usage: federation_test.py [-v] [--self] [WORD...]   only cases whose name holds a WORD
--self compares the truth with itself: a test of the lab and of the expressions, without Synoptic.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from acceptance import dataset  # noqa: E402
from acceptance.compare import Different, compare  # noqa: E402
from acceptance.expressions import expressions  # noqa: E402
from lab.api import Client  # noqa: E402
from lab.servers import prometheus_binary, prometheus_major  # noqa: E402
from support.cases import Cases, equal  # noqa: E402

# In the blocks, near their end, in the head, and after series have gone.
INSTANTS = [dataset.START + 1801.337, dataset.BLOCKS_END + 61.5, dataset.BLOCKS_END + 1500.25]
# (start, end, step): off the scrape grid; across blocks and head; long steps; one step.
RANGES = [
    (dataset.START + 2700.123, dataset.START + 4500.5, 37),
    (dataset.BLOCKS_END - 900.75, dataset.BLOCKS_END + 1500, 61.7),
    (dataset.START - 600.5, dataset.END + 900, 613),
    (dataset.START + 4000.2, dataset.START + 4000.2, 15),
]
# On the grid, where Prometheus 2 and 3 read the left end of a range differently.
ON_GRID = (dataset.START + 3000, dataset.START + 4200, 15)


def same(expression, ours, truth, ask, major):
    got, want = ask(ours), ask(truth)
    if want.status != 200:
        equal(got.status, want.status, f"truth says {want.json.get('error')!r}; status")
        equal(got.json["errorType"], want.json["errorType"], "errorType")
        return
    compare(expression, got.data, want.data, same_engine=major >= 3)
    if ours is not truth and got.headers.get("Synoptic-Coverage") != "complete":
        raise Different(f"Synoptic-Coverage: {got.headers.get('Synoptic-Coverage')!r}, want complete")


def query_cases(cases, ours, truth, major):
    ranges = RANGES + ([ON_GRID] if major >= 3 else [])
    for group, expression in expressions(major):
        if not cases.wanted(f"{group}: {expression}"):
            continue
        with cases.case(f"{group}: {expression}: instant"):
            for time in INSTANTS:
                same(expression, ours, truth, lambda client: client.query(expression, time=time),
                     major)
        with cases.case(f"{group}: {expression}: range"):
            for start, end, step in ranges:
                same(expression, ours, truth,
                     lambda client: client.query_range(expression, start, end, step), major)


SELECTIONS = [
    None,
    "foo",
    '{region="eu-west-1"}',
    '{region=~"us.*", __name__=~"foo|up"}',
    'foo{region!="us-east-1"}',
    "nosuch",
    '{__name__=~".*http.*"}',
]


def metadata_cases(cases, ours, truth, major):
    window = {"start": dataset.START, "end": dataset.END}
    names = ["__name__", "region", "i", "service", "destination", "nosuch"]
    names += ["U__http_2e_status"] if major >= 3 else []
    for selection in SELECTIONS:
        shown = selection or "all"
        if selection is not None and cases.wanted(f"series {shown}"):
            with cases.case(f"series {shown}"):
                answers = [client.get("/api/v1/series", match=[selection], **window).data
                           for client in (ours, truth)]
                keys = [sorted(tuple(sorted(labels.items())) for labels in answer)
                        for answer in answers]
                equal(keys[0], keys[1])
        if cases.wanted(f"labels {shown}"):
            with cases.case(f"labels {shown}"):
                match = [selection] if selection else None
                equal(*(client.post("/api/v1/labels", match=match, **window).data
                        for client in (ours, truth)))
        for name in names:
            if cases.wanted(f"values of {name} for {shown}"):
                with cases.case(f"values of {name} for {shown}"):
                    match = [selection] if selection else None
                    equal(*(client.get(f"/api/v1/label/{name}/values", match=match, **window).data
                            for client in (ours, truth)))


def main():
    cases = Cases("federation")
    binary = prometheus_binary()
    major = prometheus_major(binary)
    with dataset.start_lab(binary, major) as lab:
        truth = Client(lab.truth.url)
        ours = truth if "--self" in sys.argv else lab.start_synoptic().client()
        query_cases(cases, ours, truth, major)
        metadata_cases(cases, ours, truth, major)
        if lab.synoptic:
            with cases.case("Synoptic stops in order"):
                lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
