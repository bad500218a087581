# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Regions in the dark: nothing is resolved and nothing fired by our own blindness."""
import time

from lab.api import Client
from lab.servers import Prometheus, prometheus_binary

from .paging_world import World, alert, metric, wait_until

REGIONS = ("us", "eu", "ap")


def lab(world):
    """Three real Prometheus servers that scrape themselves."""
    binary = prometheus_binary()
    servers = {}
    for name in REGIONS:
        server = Prometheus(name, world.directory / name, binary)
        server.launch().wait_ready()
        world.callback(server.stop)
        world.callback(server.thaw)
        server.write_config([f"127.0.0.1:{server.port}"], None, "1s")
        Client(server.url).request("POST", "/-/reload")
        servers[name] = server
    for server in servers.values():
        wait_until(lambda s=server: Client(s.url).query("up").data["result"], 20, "a first scrape")
    return servers


def blind_rules():
    """Fifty rules that a tool which takes a dark region for an empty one would fire."""
    rules = []
    for name in REGIONS:
        rules += [f'absent(up{{region="{name}"}})', f'absent_over_time(up{{region="{name}"}}[20s])',
                  f'sum(up{{region="{name}"}} or vector(0)) < 1',
                  f'count(up{{region="{name}"}} or vector(0)) < 1']
    for n in (1, 2, 3):
        rules += [f"count(up) < {n}", f"sum(up) < {n}", f"count(group by (region) (up)) < {n}",
                  f"count(count by (region) (up)) < {n}", f"sum(up or vector(0)) < {n}"]
    rules += [
        "sum(up) / 3 < 0.9", "count(up) / 3 < 0.9", "sum(up) / scalar(vector(3)) < 0.7",
        'up{region="us"} unless on() up{region="eu"}', 'up{region="us"} unless on() up{region="ap"}',
        'up{region="eu"} unless on() up{region="us"}', "vector(1) unless on() (count(up) == 3)",
        "vector(1) unless on() (sum(up) == 3)", "absent(count(up) >= 3)", "absent(sum(up) > 2)",
        'absent(up{region="eu"} == 1)', "3 - sum(up) > 0", "3 - count(up) > 0",
        "(sum(up) or vector(0)) < 3", "(count(up) or vector(0)) < 3",
        "count(up) != 3", "sum(up) != 3", "min(count by (region) (up)) < 1",
        "count(up) - 3 < 0", "sum(sum by (region) (up)) < 3", "count(up == 1) < 3",
        "sum(up == bool 1) < 3", "quantile(0.5, up) < 1"]
    return rules[:50]


def a9_a10(options):
    """One of three regions is frozen while its alert fires; 50 rules that must not."""
    dark_s = options.dark
    with World() as world:
        servers = lab(world)
        hook = world.hook()
        am = world.script()
        exprs = blind_rules()
        rules = [alert("Fires", 'up == 1', labels={"severity": "page"})]
        pending = [alert("Pending", "up == 1", **{"for": "10m"})]
        false = [alert(f"False{i}", expr) for i, expr in enumerate(exprs)]
        program = world.synoptic(
            {name: servers[name].url for name in REGIONS},
            [world.rules(*rules, *pending), world.rules(*false, interval="2s")], [am], [hook],
            observers={"interval": "2s", "confirm": "6s"})
        program.start()
        wait_until(lambda: len(hook.of(alertname="Fires")) == 3, 30, "three firing")
        time.sleep(5)
        # Until each server had scraped once they were true.
        false_before = [g for g in hook.got if g[2]["alertname"].startswith("False")]
        begin = time.time()
        servers["eu"].freeze()
        wait_until(lambda: hook.of(alertname="SynopticRegionUnreachable"), 60, "the region is told")
        told = hook.of(alertname="SynopticRegionUnreachable")[0]
        told_s = told[0] - begin
        time.sleep(max(0, begin + dark_s - time.time()))
        alerts = program.client().get("/api/v1/alerts").data["alerts"]
        held = [a for a in alerts if a["labels"]["alertname"] == "Fires"
                and a["labels"].get("region") == "eu"]
        servers["eu"].thaw()
        wait_until(lambda: [g for g in hook.of(alertname="SynopticRegionUnreachable")
                            if g[1] == "resolved"], 60, "the region is back")
        time.sleep(4)
        resolved = [g for g in hook.of(alertname="Fires") if g[1] == "resolved"]
        false_fires = [g[2]["alertname"] for g in hook.got
                       if g[2]["alertname"].startswith("False") and g[1] == "firing"
                       and g[0] > begin]
        other = sorted({g[2]["alertname"] for g in hook.got
                        if g[2]["alertname"].startswith("Synoptic")})
        wrong = sorted({exprs[int(name[5:])] for name in false_fires})
        program.stop()
        return {"dark_s": dark_s, "rules": len(exprs), "false_resolves": len(resolved),
                "false_fires": len(false_fires), "false_before": len(false_before),
                "held": len(held), "region_told_s": round(told_s, 1),
                "region_alert": told[2].get("region"), "builtin_alerts": other,
                **({"wrong": wrong} if wrong else {})}, \
            not resolved and not false_fires and len(held) == 1 and told_s <= 6 + 2 * 2 + 15 \
            and told[2].get("region") == "eu"


def a20(options):
    """Evaluations that take longer than the interval: skipped and counted, never queued up."""
    with World() as world:
        region = world.region(lambda t: [])
        program = world.synoptic({"here": region.url}, [world.rules(alert("Flap"))])
        program.start()
        time.sleep(3)
        region.delay = 1.6
        start = len(region.asked)
        time.sleep(12)
        slow = len(region.asked) - start
        region.delay = 0
        time.sleep(2)
        start = len(region.asked)
        time.sleep(5)
        after = len(region.asked) - start
        return {"evaluations_in_12_slow_s": slow, "evaluations_in_5_s_after": after}, \
            slow <= 13 and 4 <= after <= 7


SCENARIOS = [
    ("A9+A10", "0 false resolves, 0 false fires of 50 rules, the region told by name", a9_a10),
    ("A20", "no pile-up", a20),
]
