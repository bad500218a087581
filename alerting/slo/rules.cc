// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/rules.h"

#include <set>

#include "base/json.h"
#include "base/strings.h"
#include "fmt/format.h"

namespace synoptic::alerting {
namespace {

// Counts are recorded at this interval; windows from kFromCounts on add them up.
constexpr int64_t kCountEvery = 1800;
constexpr int64_t kFromCounts = 86'400;

using Texts = std::map<std::string, std::string>;

// A double-quoted YAML scalar is a JSON string.
std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string Indented(std::string_view text, std::string_view indent) {
  std::string out;
  for (const std::string_view line : Split(text, '\n')) {
    out += fmt::format("{}{}\n", indent, line);
  }
  return out;
}

Texts IdLabels(const Slo& slo) {
  return {{"sloth_id", slo.id()}, {"sloth_service", slo.service}, {"sloth_slo", slo.name}};
}

std::string IdMatchers(const Slo& slo) {
  return fmt::format("sloth_id={}, sloth_service={}, sloth_slo={}", Quoted(slo.id()),
                     Quoted(slo.service), Quoted(slo.name));
}

void AppendTexts(std::string_view key, const Texts& texts, std::string& out) {
  if (texts.empty()) return;
  out += fmt::format("        {}:\n", key);
  for (const auto& [name, text] : texts) {
    out += fmt::format("          {}: {}\n", name, Quoted(text));
  }
}

void AppendRecord(std::string_view name, std::string_view expr, const Texts& labels,
                  std::string& out) {
  out += fmt::format("      - record: {}\n        expr: |\n", name);
  out += Indented(expr, "          ");
  AppendTexts("labels", labels, out);
}

// Nothing is counted while planned work goes on.
std::string Excluding(const Slo& slo, std::string expr) {
  for (const Exclusion& exclusion : slo.exclusions) {
    expr = fmt::format("({})\nunless on () (vector(time()) >= {} < {})", expr,
                       static_cast<double>(exclusion.start_ms) / 1000,
                       static_cast<double>(exclusion.end_ms) / 1000);
  }
  return expr;
}

std::set<int64_t> WindowsOf(const Slo& slo) {
  std::set<int64_t> windows;
  for (const BurnWindow& window : slo.windows) {
    if (window.short_s > 0) windows.insert(window.short_s);
    windows.insert(window.long_s);
  }
  return windows;
}

// Events over a window, by region: short windows from the counters, long ones from what was
// recorded.
std::string EventsOver(const Slo& slo, std::string_view what, int64_t window_s) {
  if (window_s < kFromCounts) {
    return Excluding(slo,
                     Sli::Over(what == "bad" ? slo.sli.bad : slo.sli.total, WindowText(window_s)));
  }
  return fmt::format("sum_over_time(slo:{}_events:increase30m{{{}}}[{}])", what, IdMatchers(slo),
                     WindowText(window_s));
}

bool Counted(const Slo& slo) {
  return slo.sli.events() && slo.sli.by_region && slo.method == BudgetMethod::kOccurrences;
}

std::string RatioExpr(const Slo& slo, int64_t window_s) {
  if (!Counted(slo)) return Excluding(slo, slo.sli.RatioOver(WindowText(window_s)));
  return fmt::format("sum({})\n/\nsum({})", EventsOver(slo, "bad", window_s),
                     EventsOver(slo, "total", window_s));
}

void AppendCounts(const Slo& slo, std::string& out) {
  if (!Counted(slo)) return;
  out += fmt::format("  - name: slo-counts-{}\n    interval: {}\n    rules:\n", slo.id(),
                     WindowText(kCountEvery));
  for (const auto& [what, query] : {std::pair("bad", &slo.sli.bad), {"total", &slo.sli.total}}) {
    AppendRecord(fmt::format("slo:{}_events:increase30m", what),
                 Excluding(slo, Sli::Over(*query, WindowText(kCountEvery))), IdLabels(slo), out);
  }
}

// What Sloth's dashboards ask for beside the ratios.
void AppendMeta(const Slo& slo, std::string& out) {
  const Texts labels = IdLabels(slo);
  const std::string ids = IdMatchers(slo);
  const std::string period = WindowText(slo.period_s);
  AppendRecord("slo:objective:ratio", fmt::format("vector({})", slo.objective_text), labels, out);
  AppendRecord("slo:error_budget:ratio", fmt::format("vector({})", slo.budget_text), labels, out);
  AppendRecord("slo:time_period:days",
               fmt::format("vector({})", static_cast<double>(slo.period_s) / 86'400), labels, out);
  AppendRecord("slo:current_burn_rate:ratio",
               fmt::format("slo:sli_error:ratio_rate5m{{{}}}\n/ on (sloth_id, sloth_slo, "
                           "sloth_service) group_left\nslo:error_budget:ratio{{{}}}",
                           ids, ids),
               labels, out);
  AppendRecord("slo:period_burn_rate:ratio",
               fmt::format("slo:sli_error:ratio_rate{}{{{}}}\n/ on (sloth_id, sloth_slo, "
                           "sloth_service) group_left\nslo:error_budget:ratio{{{}}}",
                           period, ids, ids),
               labels, out);
  AppendRecord("slo:period_error_budget_remaining:ratio",
               fmt::format("1 - slo:period_burn_rate:ratio{{{}}}", ids), labels, out);
  Texts info = labels;
  info["sloth_mode"] = std::string(SloOriginName(slo.origin));
  info["sloth_objective"] = fmt::format("{}", slo.objective * 100);
  info["sloth_spec"] = std::string(SloOriginName(slo.origin));
  for (const auto& [name, text] : slo.labels) info.emplace(name, text);
  AppendRecord("sloth_slo_info", "vector(1)", info, out);
}

void AppendRatios(const Slo& slo, std::string& out) {
  std::set<int64_t> windows = WindowsOf(slo);
  windows.insert(300);
  windows.erase(slo.period_s);
  out += fmt::format("  - name: slo-ratios-{}\n    interval: 30s\n    rules:\n", slo.id());
  for (const int64_t window : windows) {
    Texts labels = IdLabels(slo);
    labels["sloth_window"] = WindowText(window);
    AppendRecord("slo:sli_error:ratio_rate" + WindowText(window), RatioExpr(slo, window), labels,
                 out);
  }
  Texts labels = IdLabels(slo);
  labels["sloth_window"] = WindowText(slo.period_s);
  // Of events: events. Otherwise, and for Sloth's parity, the mean of what was recorded.
  const std::string period =
      Counted(slo) ? RatioExpr(slo, slo.period_s)
                   : fmt::format(
                         "sum_over_time(slo:sli_error:ratio_rate5m{{{0}}}[{1}])\n/ ignoring "
                         "(sloth_window)\ncount_over_time(slo:sli_error:ratio_rate5m{{{0}}}"
                         "[{1}])",
                         IdMatchers(slo), WindowText(slo.period_s));
  AppendRecord("slo:sli_error:ratio_rate" + WindowText(slo.period_s), period, labels, out);
  AppendMeta(slo, out);
}

std::string Burns(const Slo& slo, const BurnWindow& window) {
  const auto above = [&](int64_t seconds) {
    return fmt::format("max(slo:sli_error:ratio_rate{}{{{}}} > {}) without (sloth_window)",
                       WindowText(seconds), IdMatchers(slo), window.threshold);
  };
  std::string expr = window.short_s > 0
                         ? fmt::format("{}\nand\n{}", above(window.short_s), above(window.long_s))
                         : above(window.long_s);
  if (slo.min_bad > 0 && Counted(slo)) {
    expr += fmt::format("\nand on ()\nsum({}) >= {}", EventsOver(slo, "bad", window.long_s),
                        slo.min_bad);
  }
  return expr;
}

void AppendAlert(const Slo& slo, std::string_view severity, std::string_view expr, int64_t for_s,
                 const Texts& more, std::string& out) {
  out += fmt::format("      - alert: {}\n        expr: |\n", Quoted(slo.alert_name));
  out += Indented(expr, "          ");
  if (for_s > 0) out += fmt::format("        for: {}\n", WindowText(for_s));
  Texts labels = IdLabels(slo);
  labels["sloth_severity"] = severity;
  for (const auto& [name, text] : slo.alert_labels) labels[name] = text;
  for (const auto& [name, text] : more) labels[name] = text;
  AppendTexts("labels", labels, out);
  Texts annotations = slo.alert_annotations;
  annotations.emplace("summary",
                      fmt::format("{} {} burns its error budget too fast", slo.service, slo.name));
  AppendTexts("annotations", annotations, out);
}

void AppendAlerts(const Slo& slo, std::string& out) {
  std::string body;
  for (const bool page : {true, false}) {
    if (page ? slo.page_disabled : slo.ticket_disabled) continue;
    const Texts& labels = page ? slo.page_labels : slo.ticket_labels;
    const std::string_view severity = page ? "page" : "ticket";
    std::string all;
    for (const BurnWindow& window : slo.windows) {
      if (window.page != page) continue;
      // Where a tool waits (`for`), its windows are alerts of their own.
      if (window.for_s > 0) {
        Texts own = labels;
        own["long"] = WindowText(window.long_s);
        if (window.short_s > 0) own["short"] = WindowText(window.short_s);
        AppendAlert(slo, severity, Burns(slo, window), window.for_s, own, body);
      } else {
        all += fmt::format("{}(\n{})", all.empty() ? "" : "\nor\n",
                           Indented(Burns(slo, window), "    "));
      }
    }
    if (!all.empty()) AppendAlert(slo, severity, all, 0, labels, body);
  }
  if (slo.absent_for_s > 0 && slo.sli.events()) {
    Slo gone = slo;
    gone.alert_name = "SLOMetricAbsent";
    AppendAlert(gone, "page", fmt::format("absent({})", Sli::Over(slo.sli.total, "5m")),
                slo.absent_for_s, slo.page_labels, body);
  }
  if (body.empty()) return;
  out += fmt::format("  - name: slo-alerts-{}\n    interval: 30s\n    rules:\n{}", slo.id(), body);
}

}  // namespace

std::string WindowText(int64_t seconds) {
  for (const auto& [length, unit] :
       {std::pair(int64_t{86'400}, "d"), {int64_t{3600}, "h"}, {int64_t{60}, "m"}}) {
    if (seconds % length == 0 && seconds > 0) return fmt::format("{}{}", seconds / length, unit);
  }
  return fmt::format("{}s", seconds);
}

std::string RuleFileOf(const std::vector<Slo>& slos) {
  std::string out = "# Generated by `synoptic slo generate`.\ngroups:\n";
  for (const Slo& slo : slos) {
    for (const std::string& note : slo.notes) out += fmt::format("  # {}: {}\n", slo.id(), note);
    AppendCounts(slo, out);
    AppendRatios(slo, out);
    AppendAlerts(slo, out);
  }
  return out;
}

}  // namespace synoptic::alerting
