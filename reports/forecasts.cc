// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/forecasts.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "domain/forecast/growth.h"
#include "domain/stats/trend.h"

namespace synoptic::reports {
namespace {

constexpr size_t kDay = 24;
constexpr size_t kWeek = 7 * kDay;
constexpr size_t kWeeks = 4;
constexpr double kHourS = 3600;
constexpr double kDayS = 86'400;
constexpr double kWeekS = 7 * kDayS;
constexpr double kQuantile = 0.95;

using Values = std::span<const double>;

std::optional<double> MeanError(Values actual, Values forecast) {
  double sum = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == 0) return std::nullopt;
    sum += std::abs(actual[i] - forecast[i]) / std::abs(actual[i]);
  }
  return sum / static_cast<double>(actual.size());
}

// The week after `past`, hour by hour; empty when there are no two weeks.
std::vector<double> SeasonalWeek(Values past, double growth, double q) {
  const size_t weeks = std::min(kWeeks, past.size() / kWeek);
  if (weeks < 2) return {};
  const Values used = past.last(weeks * kWeek);
  std::vector<std::vector<double>> buckets(kWeek);
  for (size_t i = 0; i < used.size(); ++i) buckets[i % kWeek].push_back(used[i]);
  return domain::SeasonalQuantile(buckets, 1 + growth, q).value_or(std::vector<double>());
}

ModelForecast Seasonal(Values past, double limit, double growth) {
  ModelForecast out;
  out.model = "seasonal quantile: 95th of each hour of the week";
  const std::vector<double> next = SeasonalWeek(past, growth, kQuantile);
  if (next.empty()) return out;
  const auto above = std::find_if(next.begin(), next.end(), [&](double v) { return v > limit; });
  if (above != next.end()) {
    out.reaches_s = static_cast<double>(above - next.begin() + 1) * kHourS;
  } else {
    const double peak = *std::max_element(next.begin(), next.end());
    const auto weeks = domain::CompoundExhaustion(peak, limit, growth);
    if (weeks.ok()) out.reaches_s = kWeekS + *weeks * kWeekS;
  }
  // A quantile is meant to lie above: the median is what can be off.
  if (past.size() > kWeek) {
    const auto median = SeasonalWeek(past.first(past.size() - kWeek), growth, 0.5);
    if (!median.empty()) out.mape = MeanError(past.last(kWeek), median);
  }
  return out;
}

// Daily means, and their times in seconds; whole days from the end.
void Days(Values past, std::vector<double>* t_s, std::vector<double>* means) {
  const size_t days = past.size() / kDay;
  for (size_t d = 0; d < days; ++d) {
    const Values day = past.subspan(past.size() - (days - d) * kDay, kDay);
    t_s->push_back(static_cast<double>(d) * kDayS);
    means->push_back(std::accumulate(day.begin(), day.end(), 0.0) / kDay);
  }
}

ModelForecast Linear(Values past, double limit) {
  ModelForecast out;
  out.model = "straight line through daily means";
  std::vector<double> t_s, means;
  Days(past, &t_s, &means);
  if (means.size() < 3) return out;
  // The line is of means; the limit is for peaks: what lies between the two stays.
  const Values last_day = past.last(std::min(past.size(), kWeek));
  const double above =
      *std::max_element(last_day.begin(), last_day.end()) -
      std::accumulate(last_day.begin(), last_day.end(), 0.0) / static_cast<double>(last_day.size());
  const auto breach = domain::TimeToBreach(t_s, means, limit - above);
  if (breach.ok()) {
    out.reaches_s = breach->best;
    out.earliest_s = breach->earliest;
    out.latest_s = breach->latest;
  }
  if (means.size() >= 7 + 2) {
    const size_t known = means.size() - 7;
    const auto fit = domain::FitLine(Values(t_s).first(known), Values(means).first(known));
    if (fit.ok()) {
      std::vector<double> line;
      for (size_t d = known; d < means.size(); ++d) line.push_back(fit->At(t_s[d]));
      out.mape = MeanError(Values(means).last(7), line);
    }
  }
  return out;
}

ModelForecast Compound(Values past, double limit, double growth) {
  ModelForecast out;
  out.model = "declared growth of last week's peak";
  if (past.empty()) return out;
  const auto peak_of = [](Values values) {
    return *std::max_element(values.begin(), values.end());
  };
  const double peak = peak_of(past.last(std::min(past.size(), kWeek)));
  const auto weeks = domain::CompoundExhaustion(peak, limit, growth);
  if (weeks.ok()) out.reaches_s = *weeks * kWeekS;
  if (past.size() >= 2 * kWeek) {
    const double before = peak_of(past.subspan(past.size() - 2 * kWeek, kWeek));
    out.mape = MeanError(std::vector{peak}, std::vector{before * (1 + growth)});
  }
  return out;
}

}  // namespace

std::vector<ModelForecast> ForecastsOf(const std::vector<double>& hourly, double limit,
                                       double weekly_growth) {
  return {Seasonal(hourly, limit, weekly_growth), Linear(hourly, limit),
          Compound(hourly, limit, weekly_growth)};
}

Table ForecastTable() {
  Table table;
  table.title = "When the limit is reached";
  table.columns = {"resource",
                   "model",
                   Column("reaches the limit in", "", true),
                   Column("earliest", "95 %", true),
                   Column("latest", "95 %", true),
                   Column("off on the last week", "", true),
                   Column("first week that fails", "at declared growth", true)};
  return table;
}

void AppendForecastRows(const std::string& resource, const std::vector<ModelForecast>& models,
                        std::optional<int> week, int source, Table* table) {
  const auto seconds = [](const std::optional<double>& value) {
    return value ? SecondsCell(*value) : Cell("-");
  };
  for (const ModelForecast& model : models) {
    Row row;
    row.source = source;
    row.cells = {resource,
                 model.model,
                 seconds(model.reaches_s),
                 seconds(model.earliest_s),
                 seconds(model.latest_s),
                 model.mape ? PercentCell(*model.mape) : Cell("-"),
                 week              ? NumberCell(*week)
                 : model.reaches_s ? Cell("none in ten years")
                                   : Cell("-")};
    table->rows.push_back(std::move(row));
  }
}

}  // namespace synoptic::reports
