// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Markdown with GitHub's tables: for tickets and wikis.
#include "fmt/format.h"
#include "reports/document.h"

namespace synoptic::reports {
namespace {

// What would end a cell or start markup.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '*' || c == '_' || c == '<' || c == '`') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// Code that may hold backquotes.
std::string Code(std::string_view text) {
  if (text.empty()) return "";
  const std::string fence = text.find('`') == std::string_view::npos ? "`" : "``";
  std::string line(text);
  for (char& c : line) c = c == '\n' ? ' ' : c;
  return fmt::format("{}{}{}", fence, line, fence);
}

void AppendTable(const Table& table, std::string& out) {
  if (!table.title.empty()) out += fmt::format("**{}**\n\n", Escaped(table.title));
  out += '|';
  for (const Column& column : table.columns) {
    out += fmt::format(
        " {} |", Escaped(column.unit.empty() ? column.name
                                             : fmt::format("{} [{}]", column.name, column.unit)));
  }
  out += " source |\n|";
  for (const Column& column : table.columns) out += column.number ? "---:|" : "---|";
  out += "---|\n";
  for (const Row& row : table.rows) {
    out += '|';
    for (const Cell& cell : row.cells) {
      const std::string text = Escaped(cell.text);
      out += cell.tone == Tone::kBad ? fmt::format(" **{}** |", text) : fmt::format(" {} |", text);
    }
    out += row.source >= 0 ? fmt::format(" [{}] |\n", row.source + 1) : "  |\n";
  }
  out += "\n";
}

// A chart has no form in Markdown: its extremes and its end.
void AppendChart(const Chart& chart, std::string& out) {
  out += fmt::format("**{}** [{}]\n\n| line | least | most | last |\n|---|---:|---:|---:|\n",
                     Escaped(chart.title), Escaped(chart.unit));
  for (const Chart::Line& line : chart.lines) {
    double least = 0, most = 0, last = 0;
    bool any = false;
    for (const double value : line.values) {
      if (!(value == value)) continue;
      least = any ? std::min(least, value) : value;
      most = any ? std::max(most, value) : value;
      last = value;
      any = true;
    }
    if (!any) continue;
    out += fmt::format("| {} | {} | {} | {} |\n", Escaped(line.name), NumberText(least),
                       NumberText(most), NumberText(last));
  }
  out += "\n";
}

}  // namespace

std::string RenderMarkdown(const Document& document) {
  std::string out =
      fmt::format("# {}\n\n{}\n\n", Escaped(document.title), TimeText(document.at_ms));
  if (!document.verdict.empty()) out += fmt::format("**{}**\n\n", Escaped(document.verdict));
  for (const std::string& warning : document.warnings) {
    out += fmt::format("> {}\n", Escaped(warning));
  }
  if (!document.warnings.empty()) out += "\n";
  for (const Section& section : document.sections) {
    if (!section.title.empty()) out += fmt::format("## {}\n\n", Escaped(section.title));
    for (const std::string& paragraph : section.paragraphs) out += Escaped(paragraph) + "\n\n";
    for (const Table& table : section.tables) AppendTable(table, out);
    for (const Chart& chart : section.charts) AppendChart(chart, out);
  }
  if (!document.sources.empty()) out += "## Sources\n\n";
  for (size_t i = 0; i < document.sources.size(); ++i) {
    const Source& source = document.sources[i];
    out += fmt::format("{}. {} {}{}{}\n", i + 1, Code(source.query),
                       source.model.empty() ? "" : "; " + Escaped(source.model),
                       source.age_s ? "; data " + SecondsText(*source.age_s) + " old" : "",
                       source.coverage.empty() ? "" : "; coverage " + Escaped(source.coverage));
  }
  return out;
}

}  // namespace synoptic::reports
