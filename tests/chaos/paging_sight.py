# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Regions that answer, and whose answers do not count: clocks that are off, targets that are gone."""
import time

from .paging_world import World, alert, metric, wait_until


def firing(program, region):
    alerts = program.client().get("/api/v1/alerts").data["alerts"]
    return [a for a in alerts if a["labels"]["alertname"] == "Flap"
            and a["labels"]["region"] == region and a["state"] == "firing"]


def two_regions(world, hook):
    """Two scripted regions, in each of which one alert fires; Synoptic over them."""
    regions = {name: world.region(lambda t: [({"__name__": "flap", "id": "1"}, 1)])
               for name in ("us", "eu")}
    program = world.synoptic({name: r.url for name, r in regions.items()},
                             [world.rules(alert("Flap"))], hooks=[hook],
                             observers={"interval": "1s", "confirm": "6s"})
    program.start()
    wait_until(lambda: len(hook.of(alertname="Flap")) == 2, 20, "two firing")
    return regions, program


def a11(options):
    """A region loses half of its targets, then all of them, and answers as if nothing were."""
    with World() as world:
        hook = world.hook()
        regions, program = two_regions(world, hook)
        eu = regions["eu"]
        eu.targets = 40
        name = "synoptic_region_series_drop_ratio"
        time.sleep(12)
        quiet = metric(program, name, region="eu")
        eu.targets = 20
        begin = time.time()
        wait_until(lambda: (metric(program, name, region="eu") or 0) > 0.4, 20, "the drop is told")
        half_s = time.time() - begin
        half = metric(program, name, region="eu")
        eu.targets = 0  # after a restore, or another tenant's: no series left
        begin = time.time()
        wait_until(lambda: metric(program, name, region="eu") == 1, 20, "nothing is left")
        told = wait_until(lambda: hook.of(alertname="SynopticRegionStale"), 20, "told by name")
        told_s = told[0][0] - begin
        eu.targets = 40
        wait_until(lambda: metric(program, name, region="eu") == 0, 20, "all are back")
        program.stop()
        return {"quiet": quiet, "half": half, "half_told_s": round(half_s, 1),
                "none_told_s": round(told_s, 1), "region": told[0][2].get("region"),
                "other_region": metric_of_other(hook)}, \
            quiet == 0 and half == 0.5 and half_s <= 7 and told_s <= 7 \
            and told[0][2].get("region") == "eu" and not metric_of_other(hook)


def metric_of_other(hook):
    return [g[2] for g in hook.of(alertname="SynopticRegionStale") if g[2].get("region") != "eu"]


def a12(options):
    """A region's clock is off, by seconds, minutes and days, and steps back."""
    with World() as world:
        hook = world.hook()
        regions, program = two_regions(world, hook)
        eu = regions["eu"]
        errors, rows = [], {}
        for skew in (30, -30, 600, -600, 86400, -86400, 0):
            eu.skew = skew
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
