#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""Reports as HTML in a real browser: no error in the console, nothing wider than a phone, readable in
light and dark, and on paper; nothing is fetched.

usage: report_page_test.py [-v] [-k WORD]
"""
import html
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.api import wait_until  # noqa: E402
from lab.topology import lab_with_past  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"]
NOW = int(time.time()) // 60 * 60
NAMES = ["capacity", "slo", "readiness", "drills"]
PHONE = 360  # px

# Loads the report as a phone would, and says in its title what came of it.
FRAME = """<!doctype html><html><body>
<iframe src="%s" style="width:%dpx;height:800px;border:0;color-scheme:%s"></iframe>
<script>
const rgb = (text) => text.match(/[0-9.]+/g).slice(0, 3).map((c) => {
  c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;});
const light = (text) => {const [r, g, b] = rgb(text); return 0.2126 * r + 0.7152 * g + 0.0722 * b;};
document.querySelector('iframe').onload = (event) => {
  const page = event.target.contentDocument, view = event.target.contentWindow;
  const back = light(view.getComputedStyle(page.body).backgroundColor);
  let contrast = 21, worst = '';
  for (const node of page.querySelectorAll('p,td,th,h1,h2,h3,a,div.soft,text')) {
    if (!node.textContent.trim()) continue;
    const style = view.getComputedStyle(node);
    const ink = light(node.tagName === 'text' ? style.fill : style.color);
    const ratio = (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05);
    if (ratio < contrast) { contrast = ratio; worst = node.outerHTML.slice(0, 200); }
  }
  document.title = JSON.stringify({
    width: page.documentElement.scrollWidth, back, contrast, worst,
    tables: page.querySelectorAll('tbody tr').length, charts: page.querySelectorAll('svg').length,
    fetched: view.performance.getEntriesByType('resource').map((entry) => entry.name)});
};
</script></body></html>
"""


def series(region):
    load = {"us-east-1": 700, "eu-west-1": 500, "ap-south-1": 300}[region]
    out = {}
    total = 0
    for at in range(NOW - 6 * 3600, NOW, 60):
        wave = 1 + 0.2 * math.sin(at / 3600)
        total += 60 * load
        for name, value, labels in (
                ("cpu_used", load * wave, {}), ("cpu_there", 1200, {}), ("up", 1, {"job": "service"}),
                ("requests_total", total * 0.002, {"code": "500"}),
                ("requests_total", total * 0.998, {"code": "200"})):
            key = tuple(sorted({"__name__": name, **labels}.items()))
            out.setdefault(key, []).append((at * 1000, value))
    return [(dict(key), samples) for key, samples in out.items()]


def chromium(*arguments):
    done = subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--allow-file-access-from-files", "--enable-logging=stderr", "--virtual-time-budget=3000",
         *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    told = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    assert not told, "\n".join(told)
    return done.stdout


def as_phone(folder, page, scheme):
    frame = folder / f"{page.stem}-{scheme}.html"
    frame.write_text(FRAME % (page.name, PHONE, scheme))
    dom = chromium("--dump-dom", "--window-size=800,900", frame.as_uri())
    found = re.search(r"<title>(.*?)</title>", dom, re.S)
    assert found, f"the page did not load: {dom[-500:]}"
    return json.loads(html.unescape(found.group(1)))


def page_cases(cases, folder, name, text):
    page = folder / f"{name}.html"
    page.write_text(text)
    with cases.case(f"{name}: one file, no scripts, fits a phone, in light and dark"):
        assert "<script" not in text and " src=" not in text
        seen = {scheme: as_phone(folder, page, scheme) for scheme in ("light", "dark")}
        for scheme, was in seen.items():
            assert was["width"] <= PHONE, f"{scheme}: {was['width']} px wide"
            assert was["tables"] > 0, f"{scheme}: no rows"
            assert was["contrast"] >= 4.5, f"{scheme}: {was['contrast']:.2f} of {was['worst']}"
            equal(was["fetched"], [], "fetched")
        assert seen["light"]["back"] > 0.8 > 0.2 > seen["dark"]["back"], seen
    with cases.case(f"{name}: on paper"):
        paper = folder / f"{name}.pdf"
        chromium(f"--print-to-pdf={paper}", page.as_uri())
        assert paper.read_bytes().startswith(b"%PDF-") and paper.stat().st_size > 5000
    return text


def source_cases(cases, client):
    with cases.case("each number of the capacity report has query, age, coverage and model"):
        report = client.post("/api/v1/synoptic/reports", name="capacity", format="json").json
        assert report["sources"], "no sources"
        for source in report["sources"]:
            assert source["query"] and source["model"] and source["coverage"], source
        numbers = [(table, row) for section in report["sections"] for table in section["tables"]
                   for row in table["rows"]]
        assert numbers, "no rows"


def schedule_case(cases, written):
    with cases.case("a schedule writes every report in every form"):
        wait_until(lambda: len(list(written.glob("*"))) == 8, 30, "eight files", interval=0.5)
        names = sorted(path.name[len("2026-01-01-"):] for path in written.glob("*"))
        equal(names, sorted(f"{name}.{form}" for name in NAMES for form in ("html", "json")))


def main():
    cases = Cases("report_page")
    if shutil.which("chromium") is None:
        cases.skip("reports in a browser", "no chromium here")
        sys.exit(cases.finish())
    blocks = {region: series(region) for region in REGIONS}
    with lab_with_past(REGIONS, blocks, {region: [] for region in REGIONS}, replicas=1,
                       truth=False) as lab:
        slos = lab.directory / "slos.yaml"
        slos.write_text("slos:\n- name: requests\n  service: shop\n  objective: 99%\n  period: 6h\n"
                        "  sli: {events: {bad: 'requests_total{code=\"500\"}', total: "
                        "requests_total}}\n")
        written = lab.directory / "written"
        synoptic = lab.start_synoptic(
            slo_files=[str(slos)],
            capacity={"weights": "supply", "growth": "1%", "resources": [
                {"name": "cpu", "unit": "cores", "demand": "sum by (region) (cpu_used)",
                 "supply": "sum by (region) (cpu_there)", "lead_time": "30d"}]},
            readiness={"drills": {"calendar": [{"kind": "traffic", "every": "7d", "grace": "2d"}]}},
            reports={"directory": str(written), "every": "1d", "formats": ["html", "json"]})
        client = synoptic.client(timeout=120)
        wait_until(lambda: client.query("up", time=NOW - 60).headers.get("Synoptic-Coverage")
                   == "complete", 10, "complete answers after the start")
        folder = lab.directory / "pages"
        folder.mkdir()
        for name in NAMES:
            answer = client.post("/api/v1/synoptic/reports", name=name, format="html",
                                 at=str(NOW - 60))
            equal(answer.status, 200, answer.text[:300])
            page_cases(cases, folder, name, answer.text)
        source_cases(cases, client)
        schedule_case(cases, written)
        answer = client.post("/api/v1/synoptic/reports", name="weather")
        with cases.case("an unknown report is refused, with those there are"):
            equal(answer.status, 400)
            contains(answer.json["error"], "expected capacity, slo, readiness or drills")
        lab.stop_synoptic()
    sys.exit(cases.finish())


if __name__ == "__main__":
    main()
