# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Regions that answer, and whose answers do not count: clocks that are off, targets that are gone.
The regions are real Prometheus servers that scrape."""
import json
import shutil
import time

from lab.api import Client
from lab.servers import Prometheus, prometheus_binary

from . import clock
from .paging_world import HttpThread, World, alert, kill, metric, wait_until

TARGETS = 40  # in each region


class Exporter(HttpThread):
    """What every target answers."""

    def __init__(self, text="flap 1\n"):
        self.text = text
        super().__init__()

    def answer(self, handler, method, path, body):
        text = self.text.encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain; version=0.0.4")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)


def targets(server, exporter, count, interval="1s"):
    """From now on it scrapes so many."""
    server.config.write_text(json.dumps({
        "global": {"scrape_interval": interval, "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "service", "static_configs": [
            {"targets": [f"127.0.0.1:{exporter.port}"], "labels": {"instance": str(i)}}
            for i in range(count)]}] if count else []}))


def reload(server):
    assert Client(server.url).request("POST", "/-/reload").status == 200


def firing(program, region):
    alerts = program.client().get("/api/v1/alerts").data["alerts"]
    return [a for a in alerts if a["labels"]["alertname"] == "Flap"
            and a["labels"]["region"] == region and a["state"] == "firing"]


def real_regions(world, exporters, count):
    """{name: a Prometheus server that scrapes so many targets, and has}"""
    servers = {}
    for name, exporter in exporters.items():
        server = Prometheus(name, world.directory / f"prometheus-{name}", prometheus_binary())
        targets(server, exporter, count)
        server.launch().wait_ready()
        world.callback(server.stop)
        servers[name] = server
    for server in servers.values():
        wait_until(lambda s=server: len(Client(s.url).query("flap").data["result"]) == count, 20,
                   "a first scrape of all")
    return servers


def two_regions(world, hook, count):
    """Two regions, in each of which one alert fires; Synoptic over them."""
    exporter = Exporter()
    world.callback(exporter.stop)
    servers = real_regions(world, {"us": exporter, "eu": exporter}, count)
    program = world.synoptic({name: s.url for name, s in servers.items()},
                             [world.rules(alert("Flap", "max by (region) (flap) == 1"))],
                             hooks=[hook], observers={"interval": "1s", "confirm": "6s"})
    program.start()
    wait_until(lambda: len(hook.of(alertname="Flap")) == 2, 20, "two firing")
    return servers, exporter, program


def a11(options):
    """A region loses half of its targets, then all its data, and answers as if nothing were."""
    with World() as world:
        hook = world.hook()
        servers, exporter, program = two_regions(world, hook, TARGETS)
        eu = servers["eu"]
        name = "synoptic_region_series_drop_ratio"
        time.sleep(12)
        quiet = metric(program, name, region="eu")
        targets(eu, exporter, TARGETS // 2)
        reload(eu)
        begin = time.time()
        wait_until(lambda: (metric(program, name, region="eu") or 0) > 0.4, 20, "the drop is told")
        half_s = time.time() - begin
        half = metric(program, name, region="eu")
        # An empty restore: the same address, no data, no targets.
        port = eu.port
        kill(eu)
        shutil.rmtree(eu.data)
        targets(eu, exporter, 0)
        eu.port = port
        eu.launch().wait_ready()
        begin = time.time()
        wait_until(lambda: metric(program, name, region="eu") == 1, 20, "nothing is left")
        told = wait_until(lambda: hook.of(alertname="SynopticRegionStale"), 20, "told by name")
        told_s = told[0][0] - begin
        targets(eu, exporter, TARGETS)
        reload(eu)
        wait_until(lambda: metric(program, name, region="eu") == 0, 20, "all are back")
        program.stop()
        resolved = [g for g in hook.of(alertname="Flap") if g[1] == "resolved"]
        return {"quiet": quiet, "half": half, "half_told_s": round(half_s, 1),
                "none_told_s": round(told_s, 1), "region": told[0][2].get("region"),
                "other_region": metric_of_other(hook), "false_resolves": len(resolved)}, \
            quiet == 0 and half == 0.5 and half_s <= 7 and told_s <= 7 and not resolved \
            and told[0][2].get("region") == "eu" and not metric_of_other(hook)


def metric_of_other(hook):
    return [g[2] for g in hook.of(alertname="SynopticRegionStale") if g[2].get("region") != "eu"]


def a12(options):
    """A region's clock is off, by seconds, minutes and days, and steps back."""
    if reason := clock.why_not():
        return {"cannot": reason}, False
    with World() as world:
        hook = world.hook()
        servers, _, program = two_regions(world, hook, 1)
        hands = clock.Clock(servers["eu"].process.pid)
        errors, rows = [], {}
        for skew in (30, -30, 600, -600, 86400, -86400, 0):
            hands.set(skew)
            time.sleep(8)
            seen = metric(program, "synoptic_region_clock_skew_seconds", region="eu")
            errors.append(abs(seen - skew))
            rows[str(skew)] = {"seen": round(seen, 2), "firing": len(firing(program, "eu"))}
        report = program.client().get("/api/v1/synoptic/observers").json["data"]
        told = {r["region"]: r.get("clockSkewSeconds") for r in report["regions"]}
        time.sleep(3)
        resolved = [g for g in hook.of(alertname="Flap") if g[1] == "resolved"]
        other = metric(program, "synoptic_region_clock_skew_seconds", region="us")
        program.stop()
        return {"skews": rows, "worst_error_s": round(max(errors), 2), "other_region_s": other,
                "status_tells": told, "false_resolves": len(resolved)}, \
            max(errors) <= 1 and not resolved and abs(other) <= 1 \
            and all(row["firing"] == 1 for row in rows.values())


SCENARIOS = [
    ("A11", "the share of lost targets is told within one look (5 s); none left: stale, by name", a11),
    ("A12", "skew known to 1 s; no false resolve at +-30 s, +-10 min, +-1 day", a12),
]
