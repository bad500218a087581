// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/civil.h"
#include "fmt/format.h"

namespace synoptic::app {
namespace {

constexpr std::string_view kMarks[] = {"*", "+", "o", "x", "#", "@", "%", "="};
constexpr int kColours[] = {32, 33, 36, 35, 31, 34, 92, 96};  // ANSI foregrounds
constexpr size_t kMostInLegend = 20;
constexpr size_t kLeastColumns = 20;

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void Add(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  bool empty() const { return low > high; }
  // Where `v` lies, of `cells` cells.
  size_t Cell(double v, size_t cells) const {
    if (high <= low) return cells / 2;
    // Halved first: the distance of two doubles may be no double.
    const double share = (v / 2 - low / 2) / (high / 2 - low / 2);
    return std::min(cells - 1, static_cast<size_t>(share * static_cast<double>(cells)));
  }
};

// The number of the series drawn in a cell, or -1.
class Canvas {
 public:
  Canvas(size_t columns, size_t rows) : columns_(columns), cells_(columns * rows, -1) {}
  void Draw(size_t column, size_t row, int series) { cells_[row * columns_ + column] = series; }
  int At(size_t column, size_t row) const { return cells_[row * columns_ + column]; }

 private:
  const size_t columns_;
  std::vector<int> cells_;
};

std::string Mark(int series, bool colour) {
  if (series < 0) return " ";
  const auto i = static_cast<size_t>(series) % std::size(kMarks);
  if (!colour) return std::string(kMarks[i]);
  return fmt::format("\x1b[{}m{}\x1b[0m", kColours[i], kMarks[i]);
}

std::string Number(double v) { return fmt::format("{:.4g}", v); }

std::string TimeText(double time_s) {
  return IsoText(CivilOf(static_cast<int64_t>(std::floor(time_s)))) + "Z";
}

// `text` in at most `columns` characters.
std::string Cut(std::string_view text, size_t columns) {
  size_t at = 0;
  for (size_t used = 0; at < text.size(); ++used) {
    size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    if (used + 1 == columns && next < text.size()) return std::string(text.substr(0, at)) + "…";
    at = next;
  }
  return std::string(text);
}

std::string Legend(const Result& result, const ChartOptions& options) {
  std::string out;
  const size_t shown = std::min(result.series.size(), kMostInLegend);
  for (size_t i = 0; i < shown; ++i) {
    const Result::Series& series = result.series[i];
    const std::string_view what = series.histograms ? " (mean of a histogram)" : "";
    out += fmt::format("  {} {}\n", Mark(static_cast<int>(i), options.colour),
                       Cut(series.labels.ToString() + std::string(what),
                           std::max(options.columns, kLeastColumns) - 4));
  }
  if (shown < result.series.size()) {
    out += fmt::format("  and {} more series\n", result.series.size() - shown);
  }
  return out;
}

}  // namespace

std::string ChartOf(const Result& result, const ChartOptions& options) {
  if (result.series.empty()) return "";
  Extent time, value;
  for (const Result::Series& series : result.series) {
    for (const Result::Point& point : series.points) {
      if (!std::isfinite(point.number)) continue;
      time.Add(point.time_s);
      value.Add(point.number);
    }
  }
  if (value.empty()) return "no finite values to draw\n" + Legend(result, options);

  const std::string top = Number(value.high), bottom = Number(value.low);
  const std::string middle = Number(value.low / 2 + value.high / 2);
  const size_t margin = std::max({top.size(), bottom.size(), middle.size()});
  const size_t rows = std::max<size_t>(options.rows, 3);
  const size_t columns = std::max(options.columns, margin + 3 + kLeastColumns) - margin - 3;
  Canvas canvas(columns, rows);
  // The first series on top of the others.
  for (size_t s = result.series.size(); s-- > 0;) {
    for (const Result::Point& point : result.series[s].points) {
      if (!std::isfinite(point.number)) continue;
      canvas.Draw(time.Cell(point.time_s, columns), rows - 1 - value.Cell(point.number, rows),
                  static_cast<int>(s));
    }
  }
  std::string out;
  for (size_t row = 0; row < rows; ++row) {
    const std::string_view label = row == 0                ? std::string_view(top)
                                   : row == rows - 1       ? std::string_view(bottom)
                                   : row == (rows - 1) / 2 ? std::string_view(middle)
                                                           : "";
    std::string line;
    for (size_t column = 0; column < columns; ++column) {
      line += Mark(canvas.At(column, row), options.colour);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += fmt::format("{:>{}} │{}{}\n", label, margin, line.empty() ? "" : " ", line);
  }
  const std::string from = TimeText(time.low), to = TimeText(time.high);
  out += std::string(margin + 1, ' ') + "└";
  for (size_t i = 0; i <= columns; ++i) out += "─";
  out += '\n' + std::string(margin + 3, ' ') + from;
  if (from != to && columns > from.size() + to.size()) {
    out += std::string(columns - from.size() - to.size(), ' ') + to;
  }
  return out + '\n' + Legend(result, options);
}

}  // namespace synoptic::app
