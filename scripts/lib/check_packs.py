#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Every alert of the packs in rules/ is labelled, tested and has its place in a runbook.

An alert needs tier, severity and class, a summary, a runbook that exists and has its heading, and a
test of its pack that names it. A heading without an alert is left over from something.
"""
import pathlib
import re
import sys

ALERT = re.compile(r"^ +- alert: (\S+)$", re.M)


def alerts_of(text):
    """(name, the lines of its rule) for each alert."""
    places = [(match.group(1), match.start()) for match in ALERT.finditer(text)]
    ends = [start for _, start in places[1:]] + [len(text)]
    return [(name, text[start:end]) for (name, start), end in zip(places, ends)]


def faults_of(root, pack):
    alerts = alerts_of((pack / "alerts.yaml").read_text())
    test = pack / f"{pack.name}_test.yaml"
    tests = test.read_text() if test.exists() else ""
    page = root / "docs/runbooks" / f"{pack.name}.md"
    headings = re.findall(r"^## (\S+)$", page.read_text(), re.M) if page.exists() else []
    where = pack.relative_to(root)
    for name, body in alerts:
        for need in ("tier: ", "severity: ", "class: ", "summary: ",
                     f"runbook: docs/runbooks/{pack.name}.md"):
            if need not in body:
                yield f"{where}/alerts.yaml: {name}: no {need.rstrip(': ')}"
        if not re.search(rf"\b{name}\b", tests):
            yield f"{where}: {name}: no test names it"
        if name not in headings:
            yield f"docs/runbooks/{pack.name}.md: no heading {name}"
    for part in ("series.yaml", "pack.yaml", "fixture.prom"):
        if not (pack / part).exists():
            yield f"{where}/{part}: is missing"
    for name in set(headings) - {name for name, _ in alerts}:
        yield f"docs/runbooks/{pack.name}.md: {name} is no alert of the pack"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    faults, packs = [], 0
    for pack in sorted(path for path in (root / "rules").iterdir() if path.is_dir()):
        packs += 1
        faults += faults_of(root, pack)
    for fault in faults:
        print(fault)
    print(f"check_packs: {packs} packs, {len(faults)} faults")
    return 1 if faults or not packs else 0


if __name__ == "__main__":
    sys.exit(main())
