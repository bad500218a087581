#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Three regions of two Prometheus each, Alertmanager and Synoptic, with a slow incident every few
minutes. Started by scripts/demo; Ctrl-C stops all of it.

usage: scripts/demo [--seconds N]   stop by itself after N seconds
"""
import argparse
import pathlib
import shlex
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent))

from lab.api import Client, wait_until  # noqa: E402
from lab.process import stop_all  # noqa: E402
from lab.servers import ROOT, Alertmanager, prometheus_binary  # noqa: E402
from lab.topology import live_lab  # noqa: E402

REGIONS = ["us-east-1", "us-west-2", "eu-west-1"]
EVERY = 240
# Seconds after the start; each comes again every four minutes.
INCIDENTS = {
    "us-east-1": [f"at=60 every={EVERY} lag db=orders add=180 ramp=20 for=80",
                  f"at=60 every={EVERY} surge add=0.5 ramp=20 for=80"],
    "us-west-2": [f"at=60 every={EVERY} surge add=0.4 ramp=20 for=80",
                  f"at=80 every={EVERY} lag db=orders add=180 ramp=20 for=80",
                  f"at=90 every={EVERY} cut destination=us-east-1 for=110"],
}
# In the middle of it this region answers nobody.
DARK, DARK_FROM, DARK_UNTIL = "eu-west-1", 75, 150
BINARY = "build/release/bin/synoptic"
PORT = 9099  # the default of synoptic serve, when nobody else has it

QUERIES = [
    ("requests a second, by region", "sum by (region) (rate(http_requests_total[1m]))"),
    ("the slowest service anywhere", "topk(1, histogram_quantile(0.99, sum by (le, service) "
     "(rate(http_request_duration_seconds_bucket[1m]))))"),
    ("worst replication lag, by database", "max by (db) (replication_lag_seconds)"),
]


def used_and_there(resource, unit, **more):
    of = f'{{resource="{resource}"}}'
    return {"name": resource, "unit": unit, "demand": f"sum by (region) (capacity_used{of})",
            "supply": f"sum by (region) (capacity_limit{of})", **more}


# Who takes over whose load, and what they have for it.
CAPACITY = {
    "affinity": {"us-east-1": {"us-west-2": "60%", "eu-west-1": "40%"},
                 "us-west-2": {"us-east-1": "70%", "eu-west-1": "30%"},
                 "eu-west-1": {"us-east-1": "50%", "us-west-2": "50%"}},
    "target_utilisation": "95%",
    "interval": "5s",
    "resources": [
        used_and_there("cpu", "cores", scaling={"after": "3m", "rate": "2/s"}, ice="30%",
                       price=29.2, lead_time="30d"),
        used_and_there("memory", "bytes", movable="80%"),
        used_and_there("connections", "connections"),
    ],
}


# Three of the shipped checks, with the demo's own series; the others need exporters it lacks.
READINESS = {
    "defaults": False, "rpo": "60s", "rto": "10m",
    "checks": [
        {"id": "cap.static", "max_age": "30s"},
        {"id": "data.lag", "max_age": "30s", "query":
         'max by (db) (replication_lag_seconds{region="$from", destination="$to"})'},
        {"id": "data.target"},
    ],
    "drills": {"calendar": [{"kind": "traffic", "every": "7d", "grace": "2d"}],
               "measure": {"healthy": "max(replication_lag_seconds) < bool 60", "step": "5s"}},
}


SLOS = """\
slos:
- name: requests
  service: shop
  objective: 97%
  period: 7d
  sli: {events: {bad: 'http_requests_total{code=~"5.."}', total: http_requests_total}}
- name: freshness
  service: orders-db
  objective: 80%   # an incident every four minutes
  period: 7d
  sli: {freshness: {lag: 'replication_lag_seconds{db="orders"}', at_most: 30}}
"""


def port_is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def start(lab, incidents=None, interval="5s"):
    """incidents: {region: [line, ...]}, the demo's own unless given."""
    alertmanager = lab.add(Alertmanager(lab.directory / "alertmanager"))
    alertmanager.launch().wait_ready()
    slos = lab.directory / "slos.yaml"
    slos.write_text(SLOS)
    options = {"slo_files": [str(slos)], "global": {"evaluation_interval": interval, "external_labels": {"observer": "demo"}},
               "rule_files": [str(ROOT / "rules/replication.yaml"),
                              str(ROOT / "tests/lab/demo/rules.yml")],
               "capacity": CAPACITY, "readiness": READINESS,
               "alerting": {"alertmanagers": [{"static_configs": [
                   {"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]}}
    synoptic = lab.start_synoptic(port=PORT if port_is_free(PORT) else 0,
                                  cache={"memory": "128MiB"}, **options)
    for region, lines in (INCIDENTS if incidents is None else incidents).items():
        for line in lines:
            lab.exporters[region].incident(line)
    return synoptic, alertmanager


def darken(lab, dark):
    """The servers of DARK stand still, or go on."""
    for server in lab.replicas[DARK]:
        server.freeze() if dark else server.thaw()


def tell(lab, synoptic, alertmanager):
    print(f"\nSynoptic      {synoptic.url}")
    print(f"Alertmanager  {alertmanager.url}")
    for region, servers in lab.replicas.items():
        print(f"{region:<13} {'  '.join(server.url for server in servers)}")
    print(f"logs          {lab.directory}")
    print("\nTry:")
    for what, expression in QUERIES:
        ask = shlex.quote("query=" + expression)
        print(f"  # {what}\n  curl -s --data-urlencode {ask} {synoptic.url}/api/v1/query")
    print(f"\nAfter a minute replication lags, first in us-east-1, then in us-west-2 too; again every "
          f"{EVERY // 60} minutes:\n  curl -s {synoptic.url}/api/v1/alerts\n"
          f"  curl -s {alertmanager.url}/api/v2/alerts\n"
          f"One incident at three tiers, OrdersBehind, OrdersBehindInRegion, OrdersBehindWorldwide; in the "
          f"middle of it {DARK} is\ndark, and the last one tells between what its value lies:\n"
          f"  curl -s '{synoptic.url}/api/v1/rules?type=alert&rule_group[]=orders'\n"
          f"Would the others carry us-east-1 (before, and while it is in trouble)?\n"
          f"  {BINARY} whatif --lose us-east-1 --server {synoptic.url}\n"
          f"  {BINARY} failover check --from us-east-1 --to us-west-2 --server {synoptic.url}\n"
          f"  {BINARY} slo list --server {synoptic.url}\n"
          f"  {BINARY} report capacity --format html --out capacity.html --server {synoptic.url}\n"
          "Make a region dark and ask again:\n"
          f"  kill -STOP {' '.join(str(server.pid) for server in lab.replicas[REGIONS[2]])}   "
          "# and -CONT\n\nCtrl-C stops everything.", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="stop after this long")
    arguments = parser.parse_args()
    print("starting three regions, Alertmanager and Synoptic ...", flush=True)
    with live_lab(REGIONS, interval="5s", binary=prometheus_binary("quick")) as lab:
        synoptic, alertmanager = start(lab)
        client = Client(synoptic.url)
        for _, expression in QUERIES:
            wait_until(lambda: client.query(expression).data["result"], 60, expression, 0.5)
        tell(lab, synoptic, alertmanager)
        begin, is_dark = time.monotonic(), False
        end = begin + (arguments.seconds or float("inf"))
        try:
            while time.monotonic() < end:
                for daemon in lab.daemons:
                    daemon.check_alive()
                now = DARK_FROM <= (time.monotonic() - begin) % EVERY < DARK_UNTIL
                if now != is_dark:
                    is_dark = now
                    darken(lab, now)
                    print(f"{DARK} is {'dark' if now else 'back'}", flush=True)
                time.sleep(1)
        except KeyboardInterrupt:
            pass
        finally:
            darken(lab, False)
        print("\nstopping", flush=True)
    stop_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
