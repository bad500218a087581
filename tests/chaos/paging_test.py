#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Breaks the pager path in every way we know, with a real Alertmanager and real Prometheus servers,
and measures what arrives. One JSON line a scenario: {id, bar, measured, pass}.

usage: paging_test.py [ID...] [--quick] [--kills N] [--pause LOW:HIGH] [--dark SECONDS] [--seed N]
                      [--list]
1,000 kills unless told otherwise; --quick is the smoke of two minutes that CI runs.
"""
import argparse
import json
import pathlib
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from chaos import (  # noqa: E402
    paging_dark, paging_delivery, paging_disk, paging_observers, paging_replicas, paging_sight,
    paging_state)
from lab.process import install_signal_handlers  # noqa: E402

QUICK = ["A1", "A7", "A8", "A22", "A23"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--quick", action="store_true", help="50 kills and the short scenarios")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--pause", default="0.1:0.7", help="seconds between kills")
    parser.add_argument("--dark", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-rss", action="store_true", help="memory has no bar (sanitizers)")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    options.kills = options.kills or (50 if options.quick else 1000)
    if options.quick and not options.ids:
        options.ids = QUICK
    options.low, options.high = map(float, options.pause.split(":"))
    scenarios = (paging_state.SCENARIOS + paging_disk.SCENARIOS + paging_delivery.SCENARIOS
                 + paging_replicas.SCENARIOS + paging_sight.SCENARIOS + paging_dark.SCENARIOS
                 + paging_observers.SCENARIOS)
    if options.list:
        for name, bar, _ in scenarios:
            print(name, bar)
        return 0
    unknown = set(options.ids) - {name for name, _, _ in scenarios}
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; --list shows them")
    install_signal_handlers()
    failed = passed = 0
    for name, bar, run in scenarios:
        if options.ids and name not in options.ids:
            continue
        begin = time.monotonic()
        try:
            measured, good = run(options)
        except Exception as error:  # whatever went wrong is the finding
            traceback.print_exc()
            measured, good = {"error": f"{type(error).__name__}: {error}"[:300]}, False
        measured["seconds"] = round(time.monotonic() - begin)
        print(json.dumps({"id": name, "bar": bar, "measured": measured, "pass": good}), flush=True)
        failed += good is False
        passed += good is True
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
