# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Three observers in three regions: one that is cut off says so and leaves global pages to the
others; a region that is lost is told by name, and by nobody as its own isolation."""
import time

from lab.api import Client

from .paging_replicas import Link
from .paging_sight import Exporter, real_regions
from .paging_world import HttpThread, World, alert, wait_until

NAMES = ("us", "eu", "ap")


class Gate(HttpThread):
    """How one observer reaches one region."""

    def __init__(self, region):
        self.region = region
        self.cut = False
        super().__init__()

    def answer(self, handler, method, path, body):
        if self.cut:
            handler.close_connection = True
            return
        kind = handler.headers.get("Content-Type")
        answer = Client(self.region.url, timeout=5).request(
            method, path, body=body.decode() or None, headers={"Content-Type": kind} if kind else {})
        if self.cut:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.headers.get("Content-Type", "text/plain"))
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)


def told(hook, name, status="firing", **labels):
    return [g for g in hook.of(alertname=name, **labels) if g[1] == status]


def observers(world, regions, going):
    """{name: (hook, its gates by region, how the others reach it)}"""
    rules = [world.rules(
        alert("Near", "flap == 2", labels={"tier": "local"}),
        alert("Far", "count(flap == 2) >= 1", labels={"tier": "global"}))]
    links = {name: Link() for name in NAMES}
    result = {}
    for name in NAMES:
        hook, gates = world.hook(), {region: Gate(regions[region]) for region in NAMES}
        for server in (links[name], *gates.values()):
            world.callback(server.stop)
        # A way of its own to each peer, to be cut from this side.
        program = world.synoptic(
            {region: gate.url for region, gate in gates.items()}, rules, hooks=[hook], name=name,
            observers={"name": name, "region": name, "interval": "1s", "confirm": "6s", "peers": [
                {"url": links[peer].url, "region": peer} for peer in NAMES if peer != name]})
        going[name] = program.start()
        links[name].target = program
        result[name] = (hook, gates, links[name])
    return result


def isolated(options):
    """The observer in eu loses every way out; then the region ap is lost to all."""
    with World() as world:
        exporters = {name: Exporter() for name in NAMES}
        for exporter in exporters.values():
            world.callback(exporter.stop)
        regions = real_regions(world, exporters, 1)
        seen = observers(world, regions, {})
        time.sleep(8)  # each has heard the others
        hook, gates, link = seen["eu"]
        before = {name: len(seen[name][0].got) for name in NAMES}
        cut = time.time()
        gates["us"].cut = gates["ap"].cut = link.cut = True
        wait_until(lambda: told(hook, "SynopticObserverIsolated"), 40, "eu says that it is alone")
        told_s = told(hook, "SynopticObserverIsolated")[0][0] - cut
        exporters["eu"].text = "flap 2\n"
        wait_until(lambda: told(hook, "Near"), 20, "a local page of who is isolated")
        wait_until(lambda: all(told(seen[n][0], "Far") for n in ("us", "ap")), 20,
                   "the global page of the others")
        time.sleep(5)
        muted = not told(hook, "Far")
        regions_told = [g[2] for n in NAMES for g in told(seen[n][0], "SynopticRegionUnreachable")]
        others = [g[2]["alertname"] for n in ("us", "ap")
                  for g in told(seen[n][0], "SynopticObserverIsolated")]
        gates["us"].cut = gates["ap"].cut = link.cut = False
        wait_until(lambda: told(hook, "SynopticObserverIsolated", "resolved"), 40, "eu is back")
        wait_until(lambda: told(hook, "Far"), 20, "its global page")
        lost = time.time()
        for name in NAMES:
            seen[name][1]["ap"].cut = True
        for name in NAMES:
            wait_until(lambda n=name: told(seen[n][0], "SynopticRegionUnreachable", region="ap"),
                       40, f"{name} tells of the lost region")
        lost_s = max(told(seen[n][0], "SynopticRegionUnreachable")[0][0] for n in NAMES) - lost
        alone = sum(len(told(seen[n][0], "SynopticObserverIsolated")) for n in NAMES)
        wrong = [g[2] for n in NAMES for g in told(seen[n][0], "SynopticRegionUnreachable")
                 if g[2]["region"] != "ap"]
        return {"isolated_told_s": round(told_s, 1), "global_page_muted": muted,
                "regions_told_by_the_isolated": len(regions_told), "others_isolated": len(others),
                "told_before": sum(before.values()), "lost_region_told_s": round(lost_s, 1),
                "isolation_told": alone, "wrong_regions": wrong}, \
            muted and not regions_told and not others and not wrong and alone == 1 \
            and told_s <= 20 and lost_s <= 20


SCENARIOS = [
    ("A9-isolated", "who is cut off tells that, once, and no region and no global page; a lost "
                    "region is told by all, by name", isolated),
]
