// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A chart as inline SVG. Colours are classes of the page's style sheet, so that it prints and turns
// dark with the page; the view box scales to whatever width there is.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fmt/format.h"
#include "reports/document.h"
#include "reports/html_text.h"

namespace synoptic::reports {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 200;
constexpr double kLeft = 56, kRight = 8, kTop = 8, kBottom = 22;
// More points than pixels say nothing more.
constexpr size_t kMaxPoints = 600;

struct Scale {
  double low = 0;
  double high = 1;
  size_t points = 1;
  double X(size_t i) const {
    const double share = points > 1 ? static_cast<double>(i) / static_cast<double>(points - 1) : 0;
    return kLeft + share * (kWidth - kLeft - kRight);
  }
  double Y(double value) const {
    return kTop + (high - value) / (high - low) * (kHeight - kTop - kBottom);
  }
};

// 1, 2 or 5 times a power of ten, for about four lines.
double NiceStep(double span) {
  const double raw = span / 4;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10 * power;
}

Scale ScaleOf(const Chart& chart) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  Scale scale;
  const auto see = [&](const std::vector<double>& values) {
    scale.points = std::max(scale.points, values.size());
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  };
  for (const Chart::Line& line : chart.lines) see(line.values);
  see(chart.band_low);
  see(chart.band_high);
  if (low > high) return scale;
  if (low > 0 && low < 0.5 * high) low = 0;
  if (low == high) high = low + std::max(1.0, std::abs(low) * 0.1);
  const double step = NiceStep(high - low);
  scale.low = std::floor(low / step) * step;
  scale.high = std::ceil(high / step) * step;
  return scale;
}

size_t Stride(size_t points) { return std::max<size_t>(1, (points + kMaxPoints - 1) / kMaxPoints); }

std::string PathOf(const std::vector<double>& values, const Scale& scale) {
  std::string path;
  bool pen_down = false;
  const size_t stride = Stride(values.size());
  for (size_t i = 0; i < values.size(); i += stride) {
    if (!std::isfinite(values[i])) {
      pen_down = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", scale.X(i), scale.Y(values[i]));
    pen_down = true;
  }
  return path;
}

std::string BandOf(const Chart& chart, const Scale& scale) {
  if (chart.band_low.empty() || chart.band_low.size() != chart.band_high.size()) return "";
  std::vector<std::pair<size_t, double>> around;
  for (size_t i = 0; i < chart.band_high.size(); ++i) {
    if (std::isfinite(chart.band_high[i])) around.emplace_back(i, chart.band_high[i]);
  }
  for (size_t i = chart.band_low.size(); i-- > 0;) {
    if (std::isfinite(chart.band_low[i])) around.emplace_back(i, chart.band_low[i]);
  }
  std::string points;
  for (const auto& [i, value] : around) {
    points += fmt::format("{:.1f},{:.1f} ", scale.X(i), scale.Y(value));
  }
  return points.empty() ? "" : fmt::format(R"(<polygon class="band" points="{}"/>)", points);
}

std::string Axes(const Chart& chart, const Scale& scale) {
  std::string out;
  const double step = NiceStep(scale.high - scale.low);
  for (double at = scale.low; at <= scale.high + step / 2; at += step) {
    const double y = scale.Y(at);
    out += fmt::format(R"(<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)", kLeft,
                       kWidth - kRight, y);
    out += fmt::format(R"(<text x="{}" y="{:.1f}" text-anchor="end">{}</text>)", kLeft - 6, y + 4,
                       NumberText(std::abs(at) < step * 1e-9 ? 0 : at));
  }
  const auto time = [&](size_t point) {
    const std::string text = TimeText(chart.start_ms + static_cast<int64_t>(point) * chart.step_ms);
    const int64_t span = static_cast<int64_t>(scale.points) * chart.step_ms;
    return span > 2 * 86'400'000 ? text.substr(5, 5) : text.substr(11, 5);
  };
  const size_t last = scale.points - 1;
  for (const auto& [point, anchor] :
       {std::pair(size_t{0}, "start"), {last / 2, "middle"}, {last, "end"}}) {
    out += fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>)", scale.X(point),
                       kHeight - 6, anchor, time(point));
  }
  return out;
}

}  // namespace

std::string RenderSvg(const Chart& chart) {
  const Scale scale = ScaleOf(chart);
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)", kWidth,
                                kHeight, HtmlText(chart.title));
  out += Axes(chart, scale);
  out += BandOf(chart, scale);
  for (size_t i = 0; i < chart.lines.size(); ++i) {
    out += fmt::format(R"(<path class="line c{}{}" d="{}"><title>{}</title></path>)", i % 8,
                       chart.lines[i].dashed ? " dashed" : "", PathOf(chart.lines[i].values, scale),
                       HtmlText(chart.lines[i].name));
  }
  return out + "</svg>";
}

}  // namespace synoptic::reports
