// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One HTML file: no scripts, no fonts, nothing fetched. Wide tables scroll inside themselves, so
// that the page never does; colours follow the reader's light or dark, and paper is light.
#include "fmt/format.h"
#include "reports/document.h"
#include "reports/html_text.h"

namespace synoptic::reports {
namespace {

constexpr std::string_view kStyle = R"(
:root{--ink:#1c2024;--soft:#5b646e;--page:#fff;--rule:#d5dae0;--good:#1a7f37;--warn:#9a6700;
--bad:#c4302b;--band:#0b62b826;--c0:#0b62b8;--c1:#c2570c;--c2:#1a7f37;--c3:#8a3ffc;--c4:#b3165f;
--c5:#00727a;--c6:#7a5a00;--c7:#55606c;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--page:#14171a;
--rule:#363d45;--good:#4ac26b;--warn:#d4a72c;--bad:#ff7b72;--band:#58a6ff2e;--c0:#58a6ff;--c1:#f0883e;
--c2:#4ac26b;--c3:#be95ff;--c4:#ff7eb6;--c5:#3ddbd9;--c6:#e3b341;--c7:#9aa5b1}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:64rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--page);overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.15rem;margin:2em 0 .4em;border-bottom:1px solid
var(--rule)}h3{font-size:1rem;margin:1.2em 0 .3em}.soft{color:var(--soft)}.good{color:var(--good)}
.warn{color:var(--warn)}.bad{color:var(--bad);font-weight:600}
.verdict{font-size:1.25rem;font-weight:600;margin:.3em 0}
.note{border-left:3px solid var(--warn);padding:.1em .7em;margin:.4em 0}
.wide{overflow-x:auto;max-width:100%}table{border-collapse:collapse;font-size:.9rem;width:100%;
font-variant-numeric:tabular-nums}th,td{padding:.25em .6em;border-bottom:1px solid var(--rule);
text-align:left;white-space:nowrap}.n{text-align:right}td.t{white-space:normal;min-width:10rem}
th{color:var(--soft);font-weight:600}
a{color:var(--c0);text-decoration:none}code{font:.85em/1.4 ui-monospace,monospace}
svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--soft)}
.grid{stroke:var(--rule)}.line{fill:none;stroke-width:1.6}.dashed{stroke-dasharray:5 4}
.band{fill:var(--band)}.key{display:inline-block;width:.8em;height:.8em;margin:0 .35em 0 .9em}
.c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}
.c4{stroke:var(--c4)}.c5{stroke:var(--c5)}.c6{stroke:var(--c6)}.c7{stroke:var(--c7)}
.k0{background:var(--c0)}.k1{background:var(--c1)}.k2{background:var(--c2)}.k3{background:var(--c3)}
.k4{background:var(--c4)}.k5{background:var(--c5)}.k6{background:var(--c6)}.k7{background:var(--c7)}
@media print{body{max-width:none;padding:0}.wide{overflow:visible}table{font-size:.7rem}
h2,h3,tr,svg{break-inside:avoid}td,th{white-space:normal}}
)";

// Longer text wraps; shorter keeps to its line.
constexpr size_t kWraps = 40;

std::string_view ClassOf(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "good";
    case Tone::kWarn:
      return "warn";
    case Tone::kBad:
      return "bad";
    case Tone::kPlain:
      break;
  }
  return "";
}

std::string SourceText(const Source& source) {
  std::string text = source.query;
  if (!source.model.empty()) text += "\n" + source.model;
  if (source.age_s) text += "\ndata " + SecondsText(*source.age_s) + " old";
  if (!source.coverage.empty()) text += "\ncoverage " + source.coverage;
  return text;
}

std::string SourceLink(int source) {
  return source < 0 ? "" : fmt::format("<a href=\"#source-{0}\">[{0}]</a>", source + 1);
}

void AppendRow(const Document& document, const Table& table, const Row& row, std::string& out) {
  out += "<tr>";
  for (size_t c = 0; c < row.cells.size(); ++c) {
    const Cell& cell = row.cells[c];
    std::string classes(ClassOf(cell.tone));
    if (table.columns[c].number) classes += " n";
    if (!cell.number && cell.text.size() > kWraps) classes += " t";
    out += classes.empty() ? "<td" : fmt::format("<td class=\"{}\"", classes);
    if (cell.number && row.source >= 0) {
      out += fmt::format(" title=\"{}\"",
                         HtmlText(SourceText(document.sources[static_cast<size_t>(row.source)])));
    }
    out += fmt::format(">{}</td>", HtmlText(cell.text));
  }
  out += fmt::format("<td>{}</td></tr>\n", SourceLink(row.source));
}

void AppendTable(const Document& document, const Table& table, std::string& out) {
  if (!table.title.empty()) out += fmt::format("<h3>{}</h3>\n", HtmlText(table.title));
  out += "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>";
  for (const Column& column : table.columns) {
    out +=
        fmt::format("<th{}>{}{}</th>", column.number ? " class=\"n\"" : "", HtmlText(column.name),
                    column.unit.empty() ? "" : " [" + HtmlText(column.unit) + "]");
  }
  out += "<th>source</th></tr></thead><tbody>\n";
  for (const Row& row : table.rows) AppendRow(document, table, row, out);
  out += "</tbody></table></div>\n";
}

void AppendChart(const Chart& chart, std::string& out) {
  out += fmt::format("<h3>{}{} {}</h3>\n", HtmlText(chart.title),
                     chart.unit.empty() ? "" : " [" + HtmlText(chart.unit) + "]",
                     SourceLink(chart.source));
  out += RenderSvg(chart) + "\n<div class=\"soft\">";
  for (size_t i = 0; i < chart.lines.size(); ++i) {
    out += fmt::format("<span class=\"key k{}\"></span>{}", i % 8, HtmlText(chart.lines[i].name));
  }
  out += "</div>\n";
}

void AppendSources(const Document& document, std::string& out) {
  if (document.sources.empty()) return;
  out +=
      "<h2>Sources</h2>\n<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th></th><th>query"
      "</th><th>model</th><th class=\"n\">data age</th><th>coverage</th></tr></thead><tbody>\n";
  for (size_t i = 0; i < document.sources.size(); ++i) {
    const Source& source = document.sources[i];
    out += fmt::format(
        "<tr id=\"source-{0}\"><td>[{0}]</td><td class=\"t\"><code>{1}</code></td><td "
        "class=\"t\">{2}</td><td class=\"n\">{3}</td><td class=\"t\">{4}</td></tr>\n",
        i + 1, HtmlText(source.query), HtmlText(source.model),
        source.age_s ? SecondsText(*source.age_s) : "", HtmlText(source.coverage));
  }
  out += "</tbody></table></div>\n";
}

}  // namespace

std::string RenderHtml(const Document& document) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
      "name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{}</title>\n"
      "<link rel=\"icon\" href=\"data:,\">\n<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n<p "
      "class=\"soft\">{}</p>\n",
      HtmlText(document.title), kStyle, HtmlText(document.title), TimeText(document.at_ms));
  if (!document.verdict.empty()) {
    out += fmt::format("<p class=\"verdict {}\">{}</p>\n", ClassOf(document.tone),
                       HtmlText(document.verdict));
  }
  for (const std::string& warning : document.warnings) {
    out += fmt::format("<p class=\"note\">{}</p>\n", HtmlText(warning));
  }
  for (const Section& section : document.sections) {
    out += "<section>\n";
    if (!section.title.empty()) out += fmt::format("<h2>{}</h2>\n", HtmlText(section.title));
    for (const std::string& paragraph : section.paragraphs) {
      out += fmt::format("<p>{}</p>\n", HtmlText(paragraph));
    }
    for (const Chart& chart : section.charts) AppendChart(chart, out);
    for (const Table& table : section.tables) AppendTable(document, table, out);
    out += "</section>\n";
  }
  AppendSources(document, out);
  return out + "</body>\n</html>\n";
}

}  // namespace synoptic::reports
