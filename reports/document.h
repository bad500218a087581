// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A report before it has a form: sections of text, tables and charts, every number with its source.
// One document becomes HTML (one file, no scripts, nothing fetched), Markdown, JSON, CSV, or text
// for a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::reports {

// Where numbers come from.
struct Source {
  std::string query;
  std::string model;            // how they were computed from what the query gave
  std::optional<double> age_s;  // of the oldest sample behind them, at the report's time
  std::string coverage;         // "complete", or who is missing and why
};

// How a cell or a line of text is meant.
enum class Tone { kPlain, kGood, kWarn, kBad };

struct Cell {
  std::string text;
  std::optional<double> number;  // as computed, for JSON and CSV
  Tone tone = Tone::kPlain;

  Cell() = default;
  Cell(std::string t, Tone tone_of = Tone::kPlain)  // NOLINT(google-explicit-constructor)
      : text(std::move(t)), tone(tone_of) {}
  Cell(const char* t) : text(t) {}  // NOLINT(google-explicit-constructor)
  Cell(std::string t, double n, Tone tone_of = Tone::kPlain)
      : text(std::move(t)), number(n), tone(tone_of) {}
};

struct Column {
  Column(std::string n) : name(std::move(n)) {}  // NOLINT(google-explicit-constructor)
  Column(const char* n) : name(n) {}             // NOLINT(google-explicit-constructor)
  Column(std::string n, std::string u, bool is_number)
      : name(std::move(n)), unit(std::move(u)), number(is_number) {}
  std::string name;
  std::string unit;     // beside the name
  bool number = false;  // set to the right
};

struct Row {
  std::vector<Cell> cells;
  int source = -1;  // index in the document's sources; -1: none
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<Row> rows;
};

// Lines over time. NaN is a gap.
struct Chart {
  struct Line {
    std::string name;
    std::vector<double> values;
    bool dashed = false;  // a limit or a forecast
  };
  std::string title;
  std::string unit;
  int64_t start_ms = 0;
  int64_t step_ms = 1;
  std::vector<Line> lines;
  // Between the two, shaded: an interval of a forecast or of what is known.
  std::vector<double> band_low, band_high;
  int source = -1;
};

struct Section {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<Table> tables;
  std::vector<Chart> charts;
};

struct Document {
  std::string kind;  // capacity, slo, readiness, drills, whatif
  std::string title;
  int64_t at_ms = 0;    // the time it is about
  std::string verdict;  // one word or a few; empty: none
  Tone tone = Tone::kPlain;
  std::vector<std::string> warnings;  // what was unseen or assumed
  std::vector<Section> sections;
  std::vector<Source> sources;

  int AddSource(Source source) {
    sources.push_back(std::move(source));
    return static_cast<int>(sources.size()) - 1;
  }
};

enum class Form { kText, kHtml, kMarkdown, kJson, kCsv };
// InvalidArgument for a name that is none of text, html, markdown, json, csv.
absl::StatusOr<Form> FormNamed(std::string_view name);
// The media type of a form.
std::string_view MediaType(Form form);
// "html", "md", "json", "csv", "txt".
std::string_view FileExtension(Form form);

std::string Render(const Document& document, Form form);
// The forms themselves.
std::string RenderText(const Document& document);
std::string RenderMarkdown(const Document& document);
std::string RenderHtml(const Document& document);
std::string RenderJson(const Document& document);
std::string RenderCsv(const Document& document);
// One chart as an SVG element whose colours follow the page's.
std::string RenderSvg(const Chart& chart);

// Four digits where there are fewer before the point: 0.0123, 12.35, 1234, -, never, 1.235e+09.
std::string NumberText(double value);
// 81.3%
std::string PercentText(double ratio);
// 45s, 7m30s, 3h20m, 12d; "never" for +Inf.
std::string SecondsText(double seconds);
// 2026-03-04 12:00:05Z
std::string TimeText(int64_t ms);
// Cells made of these.
Cell NumberCell(double value, Tone tone = Tone::kPlain);
Cell PercentCell(double ratio, Tone tone = Tone::kPlain);
Cell SecondsCell(double seconds, Tone tone = Tone::kPlain);

}  // namespace synoptic::reports
