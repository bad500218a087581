#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""An incident in one region becomes an alert at a real Alertmanager, with its labels, in time, and
resolves after it. The rules are those of the demo.

usage: alert_test.py [-v]
"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import Client, wait_until  # noqa: E402
from lab.servers import ROOT, Alertmanager  # noqa: E402
from lab.topology import live_lab  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
SICK, ALSO_SICK = REGIONS[0], REGIONS[1]
INTERVAL = 2.0
# Two evaluation intervals, and what scraping (1 s), sending and asking take here.
WITHIN = 2 * INTERVAL + 1.5
SMALL = ["--services=1", "--pods=1", "--databases=2", "--pools=1", "--nodes=1"]


def seen(lab, region, condition):
    """Waits until the region's own servers know: the alert's clock starts here."""
    for server in lab.replicas[region]:
        client = Client(server.url)
        query = f'max(replication_lag_seconds{{db="orders"}}) {condition}'
        wait_until(lambda: client.query(query).data["result"], 10, f"{region}: {query}")


def reaches(alertmanager, **labels):
    begin = time.monotonic()
    alerts = wait_until(lambda: alertmanager.alerts(**labels), WITHIN, f"alert {labels}")
    return alerts, time.monotonic() - begin


def resolves(alertmanager, **labels):
    wait_until(lambda: not alertmanager.alerts(**labels), WITHIN, f"resolved {labels}")


def run(cases, lab, alertmanager):
    synoptic = lab.start_synoptic(
        **{"global": {"evaluation_interval": f"{INTERVAL:g}s",
                      "external_labels": {"observer": "acceptance"}},
           "rule_files": [str(ROOT / "rules/replication.yaml")],
           "alerting": {"alertmanagers": [
               {"static_configs": [{"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]}})
    client = synoptic.client()
    with cases.case("all quiet before the incident"):
        seen(lab, SICK, "< 60")
        time.sleep(INTERVAL + 1)
        equal(alertmanager.alerts(), [])

    lab.exporters[SICK].incident("lag db=orders add=300 for=600")
    with cases.case("the incident reaches Alertmanager within two intervals"):
        seen(lab, SICK, "> 60")
        alerts, seconds = reaches(alertmanager, alertname="RegionReplicationDegraded")
        print(f"alert_reaches_alertmanager {seconds:.2f} s")
        equal(len(alerts), 1, "alerts")
        labels = alerts[0]["labels"]
        equal(labels, {"alertname": "RegionReplicationDegraded", "region": SICK, "tier": "regional",
                       "db": "orders", "severity": "page", "observer": "acceptance"})
        contains(alerts[0]["annotations"]["summary"], f"orders in {SICK}")
    with cases.case("the local tier names each link"):
        alerts, _ = reaches(alertmanager, alertname="ReplicationLagHigh", tier="local")
        links = sorted(alert["labels"]["destination"] for alert in alerts)
        equal(links, sorted(region for region in REGIONS if region != SICK))
    with cases.case("the global tier keeps quiet for one region"):
        equal(alertmanager.alerts(tier="global"), [])
    with cases.case("/api/v1/alerts and rules show it firing"):
        firing = [alert for alert in client.get("/api/v1/alerts").data["alerts"]
                  if alert["labels"]["alertname"] == "RegionReplicationDegraded"]
        equal([(alert["state"], alert["labels"]["region"]) for alert in firing], [("firing", SICK)])
        assert isinstance(firing[0]["value"], str), "value is a string"
        rules = [rule for group in client.get("/api/v1/rules").data["groups"]
                 for rule in group["rules"] if rule["name"] == "RegionReplicationDegraded"]
        assert rules, "the rule is not listed"
        assert any(rule.get("state") == "firing" for rule in rules), rules

    lab.exporters[ALSO_SICK].incident("lag db=orders add=300 for=600")
    with cases.case("two regions raise the global tier"):
        seen(lab, ALSO_SICK, "> 60")
        alerts, _ = reaches(alertmanager, tier="global", db="orders")
        equal(alerts[0]["labels"]["alertname"], "GlobalReplicationDegraded")
        assert "region" not in alerts[0]["labels"], alerts[0]["labels"]

    for region in (SICK, ALSO_SICK):
        lab.exporters[region].incident("")
    with cases.case("all resolve after the incident"):
        for region in (SICK, ALSO_SICK):
            seen(lab, region, "< 60")
        resolves(alertmanager, alertname="RegionReplicationDegraded")
        resolves(alertmanager, tier="global")
        resolves(alertmanager, tier="local")

    lab.exporters[SICK].incident("lag db=orders add=300 for=600")
    with cases.case("an Alertmanager that was away gets the alert when it is back"):
        alertmanager.stop()
        seen(lab, SICK, "> 60")
        time.sleep(INTERVAL)
        alertmanager.launch().wait_ready()
        wait_until(lambda: alertmanager.alerts(alertname="RegionReplicationDegraded", region=SICK),
                   30, "the alert, sent again")


def main():
    cases = Cases("alert")
    with live_lab(REGIONS, replicas=2, exporter_flags=SMALL) as lab:
        alertmanager = lab.add(Alertmanager(lab.directory / "alertmanager"))
        alertmanager.launch().wait_ready()
        run(cases, lab, alertmanager)
        with cases.case("Synoptic stops in order"):
            lab.stop_synoptic()
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
