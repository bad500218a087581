#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The demo's incident: a local page, the regional alert it rolls up to, and the global one, decided
and with its bounds while a region is dark; then the region is back. The program is the demo's.

usage: incident_test.py [-v]
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import wait_until  # noqa: E402
from lab.demo import demo  # noqa: E402
from lab.topology import live_lab  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

SMALL = ["--services=1", "--pods=1", "--databases=1", "--pools=1", "--nodes=1"]
FIRST, SECOND = demo.REGIONS[:2]
WITHIN = 20


def firing(client, name, **labels):
    return [a for a in client.get("/api/v1/alerts").data["alerts"]
            if a["state"] == "firing" and a["labels"]["alertname"] == name
            and all(a["labels"].get(k) == v for k, v in labels.items())]


def run(cases, lab):
    synoptic, alertmanager = demo.start(lab, incidents={}, interval="2s")
    client = synoptic.client()
    query = 'max by (region) (replication_lag_seconds{db="orders"})'
    wait_until(lambda: len(client.query(query).data["result"]) == len(demo.REGIONS), 30,
               "all regions are seen")
    lab.exporters[FIRST].incident("lag db=orders add=300 for=600")
    with cases.case("one region lags: a local page, and the regional alert that stands for it"):
        local = wait_until(lambda: alertmanager.alerts(alertname="OrdersBehind", region=FIRST),
                           WITHIN, "the local page")
        equal(local[0]["labels"]["tier"], "local")
        equal(local[0]["labels"]["rolls_up_to"], "OrdersBehindInRegion")
        regional = wait_until(
            lambda: alertmanager.alerts(alertname="OrdersBehindInRegion", region=FIRST), WITHIN,
            "the regional alert")
        equal(regional[0]["labels"]["tier"], "regional")
        equal(firing(client, "OrdersBehindWorldwide"), [])

    with cases.case("a region goes dark: what is not known fires nothing"):
        demo.darken(lab, True)
        wait_until(lambda: demo.DARK in (client.query(query).headers.get("Synoptic-Coverage", "")),
                   WITHIN, "the region is missing")
        equal(firing(client, "OrdersBehindWorldwide"), [])

    lab.exporters[SECOND].incident("lag db=orders add=300 for=600")
    with cases.case("a second region lags: the global alert is decided in the dark, with bounds"):
        alert = wait_until(lambda: alertmanager.alerts(alertname="OrdersBehindWorldwide"), WITHIN,
                           "the global alert")[0]
        equal(alert["labels"]["tier"], "global")
        contains(alert["annotations"]["synoptic_coverage"], demo.DARK)
        contains(alert["annotations"]["synoptic_coverage"], "between 2 and ")
        contains(alert["annotations"]["summary"], "orders lag in 2 regions")
        equal(len(firing(client, "OrdersBehindInRegion")), 2)

    with cases.case("the region is back: the same alert, and nothing unseen about it"):
        demo.darken(lab, False)
        wait_until(lambda: [a for a in firing(client, "OrdersBehindWorldwide")
                            if "synoptic_coverage" not in a["annotations"]], WITHIN,
                   "the alert without bounds")
        equal(len(firing(client, "OrdersBehindWorldwide")), 1)


def main():
    cases = Cases("incident")
    with live_lab(demo.REGIONS, exporter_flags=SMALL) as lab:
        try:
            run(cases, lab)
        finally:
            demo.darken(lab, False)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
