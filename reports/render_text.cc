// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// For a terminal: aligned columns, no colours (they would end up in files).
#include <algorithm>

#include "base/strings.h"
#include "base/utf8.h"
#include "fmt/format.h"
#include "reports/document.h"

namespace synoptic::reports {
namespace {

// Columns on a terminal, near enough: code points.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void Append(std::string_view text, size_t width, bool right, std::string& out) {
  const std::string pad(width - std::min(width, Width(text)), ' ');
  out += right ? pad : "";
  out += text;
  out += right ? "" : pad;
}

std::string HeadOf(const Column& column) {
  return column.unit.empty() ? column.name : fmt::format("{} [{}]", column.name, column.unit);
}

void AppendTable(const Table& table, std::string& out) {
  if (!table.title.empty()) out += table.title + "\n";
  std::vector<size_t> widths;
  for (const Column& column : table.columns) widths.push_back(Width(HeadOf(column)));
  for (const Row& row : table.rows) {
    for (size_t c = 0; c < row.cells.size(); ++c) {
      widths[c] = std::max(widths[c], Width(row.cells[c].text));
    }
  }
  const auto line = [&](auto text_of) {
    std::string one;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (c > 0) one += "  ";
      Append(text_of(c), widths[c], table.columns[c].number, one);
    }
    while (one.ends_with(' ')) one.pop_back();
    out += one + "\n";
  };
  line([&](size_t c) { return HeadOf(table.columns[c]); });
  for (const Row& row : table.rows) line([&](size_t c) { return row.cells[c].text; });
  out += "\n";
}

}  // namespace

std::string RenderText(const Document& document) {
  std::string out = document.title;
  if (document.at_ms != 0) out += " at " + TimeText(document.at_ms);  // else it is timeless
  out += '\n';
  if (!document.verdict.empty()) out += document.verdict + "\n";
  for (const std::string& warning : document.warnings) out += "note: " + warning + "\n";
  out += "\n";
  for (const Section& section : document.sections) {
    if (!section.title.empty())
      out += section.title + "\n" + std::string(Width(section.title), '-') + "\n";
    for (const std::string& paragraph : section.paragraphs) out += paragraph + "\n";
    if (!section.paragraphs.empty()) out += "\n";
    for (const Table& table : section.tables) AppendTable(table, out);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace synoptic::reports
