// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/capacity_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>

#include "base/status.h"
#include "domain/capacity/what_if.h"
#include "domain/forecast/accuracy.h"
#include "domain/forecast/growth.h"
#include "domain/forecast/holt_winters.h"
#include "promql/model/sample.h"
#include "reports/forecasts.h"
#include "reports/what_if_document.h"

namespace synoptic::reports {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int kDay = 24;
constexpr int kWeek = 7 * kDay;
constexpr size_t kMostSteps = 8640;  // servers refuse more than 11,000 of a range
constexpr double kZ95 = 1.959963984540054;

std::vector<std::vector<double>> ByRegion(const CapacitySpec& spec, const Amount& amount,
                                          const promql::Grid& grid, const Answer* answer) {
  const double nothing = std::nan("");
  std::vector<std::vector<double>> values(spec.regions.size(),
                                          std::vector<double>(grid.size(), nothing));
  for (size_t r = 0; r < spec.regions.size(); ++r) {
    if (const auto it = amount.fixed.find(spec.regions[r].name); it != amount.fixed.end()) {
      std::fill(values[r].begin(), values[r].end(), it->second);
    }
    if (answer == nullptr) continue;
    for (const Answer::Series& series : answer->series) {
      bool carries = true;
      for (const promql::Label label : spec.regions[r].labels) {
        carries = carries && series.labels.Get(label.name) == label.value;
      }
      for (size_t i = 0; carries && i < series.values.size() && i < grid.size(); ++i) {
        if (promql::IsAbsent(series.values[i])) continue;
        double& cell = values[r][i];
        cell = std::isnan(cell) ? series.values[i] : cell + series.values[i];
      }
    }
  }
  return values;
}

// Means of so many values; NaN where one is missing.
std::vector<double> MeansOf(const std::vector<double>& values, size_t of) {
  std::vector<double> means;
  for (size_t i = 0; i + of <= values.size(); i += of) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i);
    means.push_back(std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(of), 0.0) /
                    static_cast<double>(of));
  }
  return means;
}

std::vector<promql::Grid> PartsOf(const promql::Grid& grid) {
  std::vector<promql::Grid> parts;
  const int64_t span = static_cast<int64_t>(kMostSteps - 1) * grid.step;
  for (int64_t start = grid.start; start <= grid.end; start += span + grid.step) {
    parts.push_back({start, std::min(start + span, grid.end), grid.step});
  }
  return parts;
}

// One answer of the parts', over the whole grid; an error of any part is that of all.
absl::StatusOr<Answer> Joined(const promql::Grid& grid,
                              std::span<const absl::StatusOr<Answer>> parts) {
  Answer whole;
  whole.grid = grid;
  std::map<promql::Labels, size_t> known;
  size_t offset = 0;
  for (const absl::StatusOr<Answer>& part : parts) {
    if (!part.ok()) return part.status();
    for (const Answer::Series& series : part->series) {
      const auto [it, fresh] = known.try_emplace(series.labels, whole.series.size());
      if (fresh) {
        whole.series.push_back({series.labels, std::vector<double>(grid.size(), promql::Absent())});
      }
      std::vector<double>& values = whole.series[it->second].values;
      for (size_t i = 0; i < series.values.size() && offset + i < values.size(); ++i) {
        if (!promql::IsAbsent(series.values[i])) values[offset + i] = series.values[i];
      }
    }
    for (const Unseen& unseen : part->unseen) {
      const bool told = std::any_of(whole.unseen.begin(), whole.unseen.end(),
                                    [&](const Unseen& u) { return u.region == unseen.region; });
      if (!told) whole.unseen.push_back(unseen);
    }
    offset += part->grid.size();
  }
  return whole;
}

// The last stretch without a gap.
std::vector<double> Contiguous(const std::vector<double>& values) {
  size_t begin = values.size();
  while (begin > 0 && std::isfinite(values[begin - 1])) --begin;
  return {values.begin() + static_cast<std::ptrdiff_t>(begin), values.end()};
}

// Trained without the last week and held against it.
void Backtest(const std::vector<double>& values, Outlook* out) {
  if (values.size() < static_cast<size_t>(2 * kDay + kWeek)) return;
  const std::vector<double> train(values.begin(), values.end() - kWeek);
  const std::vector<double> actual(values.end() - kWeek, values.end());
  const auto fitted = domain::FitHoltWinters(train, kDay, {});
  if (!fitted.ok()) return;
  const auto forecast = domain::ForecastSteps(*fitted, kWeek);
  if (!forecast.ok()) return;
  const auto low = domain::ForecastBound(*forecast, -kZ95);
  const auto high = domain::ForecastBound(*forecast, kZ95);
  if (!low.ok() || !high.ok()) return;
  const auto accuracy = domain::ForecastAccuracy(actual, forecast->mean, train, *low, *high);
  if (!accuracy.ok()) return;
  out->mape = accuracy->mape;
  out->interval_coverage = accuracy->coverage;
}

void Foresee(Outlook* out) {
  const std::vector<double> values = Contiguous(out->total);
  out->model = "too little history for a forecast: two days without a gap are needed";
  if (values.size() < 2 * kDay) return;
  const auto fitted = domain::FitHoltWinters(values, kDay, {});
  if (!fitted.ok()) return;
  const auto forecast = domain::ForecastSteps(*fitted, kWeek);
  if (!forecast.ok()) return;
  out->forecast = forecast->mean;
  out->low = domain::ForecastBound(*forecast, -kZ95).value_or(std::vector<double>());
  out->high = domain::ForecastBound(*forecast, kZ95).value_or(std::vector<double>());
  out->model = "Holt-Winters with a daily season, 95 % interval";
  if (out->limit > 0) {
    const auto exceeds = domain::ExceedanceOf(out->limit, forecast->mean, forecast->error);
    if (exceeds.ok()) out->exceeds_in = exceeds->first;
  }
  Backtest(values, out);
  if (out->mape) {
    out->model += fmt::format("; on the last week, unseen by it: off by {} on average, {} inside",
                              PercentText(*out->mape), PercentText(*out->interval_coverage));
  }
}

Chart ChartOf(const Resource& resource, const History& history, const Outlook& outlook,
              int source) {
  Chart chart;
  chart.title = resource.name;
  chart.unit = resource.unit;
  chart.start_ms = history.grid.start;
  chart.step_ms = kHourMs;
  chart.source = source;
  const size_t past = outlook.total.size();
  const std::vector<double> gap(past, std::nan(""));
  const auto after = [&](const std::vector<double>& values) {
    std::vector<double> line = gap;
    line.insert(line.end(), values.begin(), values.end());
    return line;
  };
  chart.lines.push_back({"demand", outlook.total});
  if (outlook.limit > 0) {
    chart.lines.push_back({"usable without the largest region",
                           std::vector<double>(past + outlook.forecast.size(), outlook.limit),
                           true});
  }
  if (!outlook.forecast.empty()) {
    chart.lines.push_back({"forecast", after(outlook.forecast), true});
    chart.band_low = after(outlook.low);
    chart.band_high = after(outlook.high);
  }
  return chart;
}

Section LossesNow(const CapacitySpec& spec, const CapacityInputs& inputs,
                  const std::vector<WhatIf>& losses) {
  Section section;
  section.title = "Losing a region now";
  Table table;
  table.columns = {"lost", "fits", "binding", Column("headroom", "", true),
                   Column("shed", "", true)};
  for (const WhatIf& answer : losses) {
    Row row;
    const bool good = answer.fits == domain::Verdict::kTrue;
    row.cells = {LostText(spec, answer.scenario),
                 Cell(std::string(FitName(answer.fits)), good ? Tone::kGood : Tone::kBad)};
    if (answer.binding) {
      const PoolOutcome& pool = answer.pools[*answer.binding];
      row.source = static_cast<int>(pool.resource);
      row.cells.emplace_back(PoolName(spec, pool.resource, pool.pool) + " in " +
                             spec.regions[*pool.tightest].name);
      row.cells.push_back(PercentCell(pool.tightest_fraction, good ? Tone::kPlain : Tone::kBad));
      row.cells.push_back(NumberCell(pool.shed));
    } else {
      row.cells.insert(row.cells.end(), {Cell("-"), Cell("-"), Cell("-")});
    }
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  static_cast<void>(inputs);
  return section;
}

Row OutlookRow(const Resource& resource, const Outlook& outlook, double growth, int source) {
  Row row;
  row.source = source;
  const double now = outlook.total.empty() ? std::nan("") : outlook.total.back();
  row.cells = {resource.name,
               resource.unit,
               NumberCell(now),
               outlook.limit > 0 ? NumberCell(outlook.limit) : Cell("-"),
               outlook.n_plus_1_share ? PercentCell(*outlook.n_plus_1_share) : Cell("-"),
               outlook.exceeds_in         ? SecondsCell(*outlook.exceeds_in * 3600.0, Tone::kBad)
               : outlook.forecast.empty() ? Cell("-")
                                          : Cell("not within a week")};
  const auto weeks =
      domain::CompoundExhaustion(std::isfinite(now) ? now : 0, outlook.limit, growth);
  row.cells.push_back(weeks.ok() && growth > 0 ? SecondsCell(*weeks * 7 * 86'400) : Cell("-"));
  row.cells.push_back(outlook.mape ? PercentCell(*outlook.mape) : Cell("-"));
  row.cells.push_back(outlook.interval_coverage ? PercentCell(*outlook.interval_coverage)
                                                : Cell("-"));
  return row;
}

}  // namespace

Outlook OutlookOf(const CapacitySpec& spec, size_t resource, const History& history) {
  const double target = spec.resources[resource].target;
  Outlook out;
  const size_t steps = history.grid.size();
  out.total.assign(steps, std::nan(""));
  std::vector<size_t> whole;  // steps at which all regions that ever were are known
  std::vector<size_t> present;
  for (size_t r = 0; r < history.demand.size(); ++r) {
    const auto& demand = history.demand[r];
    if (std::any_of(demand.begin(), demand.end(), [](double v) { return std::isfinite(v); })) {
      present.push_back(r);
    }
  }
  for (size_t i = 0; i < steps && !present.empty(); ++i) {
    double sum = 0;
    for (const size_t r : present) sum += history.demand[r][i];
    if (!std::isfinite(sum)) continue;
    out.total[i] = sum;
    whole.push_back(i);
  }
  std::vector<double> capacity(spec.regions.size());
  double all = 0, largest = 0;
  for (const size_t r : present) {
    for (size_t i = steps; i-- > 0;) {
      if (!std::isfinite(history.supply[r][i])) continue;
      capacity[r] = history.supply[r][i];
      break;
    }
    all += capacity[r];
    largest = std::max(largest, capacity[r]);
  }
  out.limit = target * (all - largest);
  std::vector<std::vector<double>> loads(spec.regions.size());
  for (size_t r = 0; r < loads.size(); ++r) {
    for (const size_t i : whole) {
      const double load = history.demand[r][i];
      loads[r].push_back(std::isfinite(load) ? load : 0);
    }
  }
  if (present.size() == spec.regions.size() && present.size() > 1 && !whole.empty()) {
    const auto weights = WeightsOf(spec, capacity);
    if (weights.ok()) {
      const auto coverage = domain::LossCoverage(loads, capacity, target, *weights);
      if (coverage.ok()) out.n_plus_1_share = coverage->share;
      domain::Pool peak;
      peak.capacity = capacity;
      peak.target_utilisation = target;
      const size_t week =
          static_cast<size_t>(std::max<int64_t>(1, kWeek * kHourMs / history.grid.step));
      for (size_t r = 0; r < loads.size(); ++r) {
        peak.regions.push_back(spec.regions[r].name);
        const auto end = loads[r].end();
        const auto begin = end - static_cast<std::ptrdiff_t>(std::min(week, loads[r].size()));
        peak.load.push_back(*std::max_element(begin, end));
      }
      const auto failing = domain::FirstFailingWeek(peak, *weights, spec.growth);
      if (failing.ok()) out.failing_week = *failing;
    }
  }
  // Seasons are hours of the day, however fine the history is.
  out.total =
      MeansOf(out.total, static_cast<size_t>(std::max<int64_t>(1, kHourMs / history.grid.step)));
  Foresee(&out);
  return out;
}

Task<Document> CapacityReport(Door door, CapacityDesk& desk, int64_t at_ms, Deadline deadline) {
  const CapacitySpec& spec = desk.spec();
  CO_ASSIGN_OR_RETURN(const CapacityInputs inputs,
                      co_await desk.Gather(door, at_ms, true, deadline));
  std::vector<WhatIf> losses;
  for (size_t r = 0; r < spec.regions.size(); ++r) {
    CO_ASSIGN_OR_RETURN(WhatIf answer, AskWhatIf(spec, inputs.pools, {{r}, 1}));
    losses.push_back(std::move(answer));
  }
  const int64_t step = spec.history_step_ms;
  const int64_t end = at_ms / kHourMs * kHourMs;
  const promql::Grid grid{end - spec.history_ms + step, end, step};
  const std::vector<promql::Grid> parts = PartsOf(grid);
  std::vector<Question> questions;
  for (const Resource& resource : spec.resources) {
    for (const Amount* amount : {&resource.demand, &resource.supply}) {
      if (amount->query.empty()) continue;
      for (const promql::Grid& part : parts) questions.push_back({amount->query, part});
    }
  }
  const auto answers = co_await AskAll(door, std::move(questions), deadline);
  Document document;
  document.kind = "capacity";
  document.title = "Capacity";
  document.at_ms = at_ms;
  document.sources = inputs.sources;
  document.warnings = losses.empty() ? std::vector<std::string>() : losses[0].notes;
  const bool good = std::all_of(losses.begin(), losses.end(), [](const WhatIf& answer) {
    return answer.fits == domain::Verdict::kTrue;
  });
  document.verdict = good ? "Any single region can be lost" : "Not every region can be lost";
  document.tone = good ? Tone::kGood : Tone::kBad;
  document.sections.push_back(LossesNow(spec, inputs, losses));
  Section future;
  future.title = fmt::format("{} back, one week ahead",
                             SecondsText(static_cast<double>(spec.history_ms) / 1000));
  Table table;
  table.columns = {"resource",
                   "unit",
                   Column("demand now", "", true),
                   Column("usable without the largest", "", true),
                   Column("N+1 held", "of the time", true),
                   Column("forecast exceeds in", "", true),
                   Column("at declared growth in", "", true),
                   Column("backtest error", "", true),
                   Column("inside interval", "", true)};
  Table models = ForecastTable();
  size_t next = 0;
  for (size_t q = 0; q < spec.resources.size(); ++q) {
    const Resource& resource = spec.resources[q];
    History history;
    history.grid = grid;
    Source source = inputs.sources[q];
    const auto take = [&](const Amount& amount) {
      if (amount.query.empty()) return ByRegion(spec, amount, grid, nullptr);
      const auto one = Joined(grid, std::span(answers).subspan(next, parts.size()));
      next += parts.size();
      source.coverage = one.ok() ? CoverageText(one->unseen) : std::string(MessageOf(one.status()));
      return ByRegion(spec, amount, grid, one.ok() ? &*one : nullptr);
    };
    history.demand = take(resource.demand);
    history.supply = take(resource.supply);
    const Outlook outlook = OutlookOf(spec, q, history);
    source.model = outlook.model;
    const int index = document.AddSource(std::move(source));
    table.rows.push_back(OutlookRow(resource, outlook, spec.growth, index));
    AppendForecastRows(resource.name,
                       ForecastsOf(Contiguous(outlook.total), outlook.limit, spec.growth),
                       outlook.failing_week, index, &models);
    const bool known = std::any_of(outlook.total.begin(), outlook.total.end(),
                                   [](double v) { return std::isfinite(v); });
    if (known) {
      future.charts.push_back(ChartOf(resource, history, outlook, index));
    } else {
      future.paragraphs.push_back(resource.name + ": no whole hour of history yet.");
    }
  }
  future.tables.push_back(std::move(table));
  future.tables.push_back(std::move(models));
  document.sections.push_back(std::move(future));
  if (!losses.empty()) {
    Document detail = WhatIfDocument(spec, inputs, losses[0]);
    Section cost;
    cost.title = "What N+1 costs";
    cost.tables.push_back(std::move(detail.sections[0].tables[1]));
    document.sections.push_back(std::move(cost));
  }
  co_return document;
}

}  // namespace synoptic::reports
