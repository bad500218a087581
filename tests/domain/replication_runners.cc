// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/replication/clocks.h"
#include "domain/replication/drain.h"
#include "domain/replication/lag.h"
#include "domain/replication/no_return.h"
#include "domain/replication/pairs.h"
#include "domain/stats/distribution.h"
#include "domain/stats/quantile.h"
#include "domain/stats/trend.h"
#include "promql/functions/range.h"
#include "tests/domain/runner.h"

namespace synoptic::domain_vectors {
namespace {

using namespace domain;  // NOLINT: what is tested
using Map = Value::Map;

void AddBounds(Runners& runners) {
  runners["D2"] = [](const Input& in) -> Value {
    return Map{{"bounds", Each(in["rows"], [](const Input& row) {
                  const Interval bounds = Take(UnseenPending(row(0), row(1), row(2), row(3)));
                  return Value(std::vector<double>{bounds.lo, bounds.hi});
                })}};
  };
  runners["D3"] = [](const Input& in) -> Value {
    const Interval bounds = Take(UnseenLag(in("lag_last_s"), in("dt_s")));
    return Map{{"lower", bounds.lo}, {"upper", bounds.hi}};
  };
  runners["E6"] = [](const Input& in) -> Value {
    const Interval bounds = Take(DelayedLag(in("value_s"), in("delay_s")));
    return Map{{"lower", bounds.lo}, {"upper", bounds.hi}};
  };
}

void AddDrain(Runners& runners) {
  runners["E1"] = [](const Input& in) -> Value {
    return Map{{"seconds", Each(in["rows"], [](const Input& row) {
                  return Take(DrainTime(row(0), {row(1), row(2)}));
                })}};
  };
  runners["E2"] = [](const Input& in) -> Value {
    return Map{{"seconds", Each(in["rows"], [](const Input& row) {
                  return Take(TimeToThreshold(row(0), row(1), {row(2), row(3)}));
                })}};
  };
  runners["E3"] = [](const Input& in) -> Value {
    const WritesAtRisk risk = Take(AtRisk(in("pending_ops"), {in("in_rate"), in("out_rate")}));
    return Map{{"rpo_seconds", risk.rpo_s}, {"newest_item_wait_s", risk.newest_wait_s}};
  };
  runners["E7"] = [](const Input& in) -> Value {
    const Conservation check =
        Take(CheckConservation(in("p1"), in("p2"), {in("in_rate"), in("out_rate")}, in("dt")));
    return Map{{"residual", check.residual}, {"relative", check.relative}};
  };
  runners["E13"] = [](const Input& in) -> Value {
    std::vector<FlowSegment> segments;
    for (const Input& row : in["segments_d_in_out"].list()) {
      segments.push_back({row(0), {row(1), row(2)}});
    }
    const Flow tail = {in["tail_in_out"](0), in["tail_in_out"](1)};
    return Map{{"constant_rate_estimate_s", Take(DrainTime(in("pending"), segments[0].flow))},
               {"piecewise_s", Take(DrainTime(in("pending"), segments, tail))}};
  };
}

void AddLag(Runners& runners) {
  runners["E4"] = [](const Input& in) -> Value {
    const double speed = Take(ApplySpeed(in("lag1"), in("lag2"), in("dt")));
    return Map{{"speed", speed}, {"catchup_s", Take(CatchUpTime(in("lag2"), speed))}};
  };
  runners["E5"] = [](const Input& in) -> Value {
    const double speed = Take(ApplySpeed(in("lag1"), in("lag2"), in("dt")));
    return Map{{"speed", speed}, {"breach_s", Take(TimeToRpo(in("lag2"), speed, in("rpo")))}};
  };
  runners["E8"] = [](const Input& in) -> Value {
    return Map{{"lying", Each(in["rows"], [](const Input& row) {
                  return Take(LyingZero(row(0), row(1), row(2)));
                })}};
  };
  runners["E12"] = [](const Input& in) -> Value {
    std::vector<OffsetPoint> points;
    for (const Input& row : in["points_offset_time"].list()) points.push_back({row(0), row(1)});
    return Map{{"lag_s", Take(InterpolatedLag(points, in("committed"), in("now"))).value_or(-1)}};
  };
}

// What Prometheus computes is computed by our kernels of its functions.
double Kernel(promql::FunctionId id, const std::vector<double>& t_s, const std::vector<double>& v,
              const std::vector<double>& param) {
  std::vector<int64_t> t;
  for (const double s : t_s) t.push_back(static_cast<int64_t>(1000 * s));
  promql::RangeInput input;
  input.t = t;
  input.v = v;
  input.grid = promql::Grid::Instant(t.back());
  input.range_ms = t.back() - t.front() + 1000;
  input.param0 = param;
  double out = 0;
  promql::FindRangeKernel(id)(input, std::span(&out, 1));
  return out;
}

void AddTrends(Runners& runners) {
  runners["E9"] = [](const Input& in) -> Value {
    const std::vector<double> t = in["t_s"].numbers();
    const LineFit fit = Take(FitLine(t, in["pending"].numbers()));
    const BreachTime breach = Take(TimeToBreach(t, in["pending"].numbers(), in("threshold")));
    return Map{{"slope_per_s", fit.slope},          {"intercept_at_t0", fit.At(0)},
               {"fitted_now", breach.now},          {"resid_var", fit.residual_var},
               {"se_slope", fit.slope_se},          {"ttb_s", breach.best},
               {"ttb_earliest_s", breach.earliest}, {"ttb_latest_s", breach.latest}};
  };
  runners["E10"] = [](const Input& in) -> Value {
    const std::vector<double> t = in["t_s"].numbers();
    const std::vector<double> v = in["pending"].numbers();
    const double ahead = in("ahead_s");
    const double predicted = Kernel(promql::FunctionId::kPredictLinear, t, v, {ahead});
    const LineFit fit = Take(FitLine(t, v));
    if (std::abs(fit.At(t.back() + ahead) - predicted) > 1e-9) Fail("FitLine says otherwise");
    return Map{{"value", predicted},
               {"value_by_deriv", Kernel(promql::FunctionId::kDeriv, t, v, {})}};
  };
  runners["E11"] = [](const Input& in) -> Value {
    return Map{{"slope_per_s", Take(TheilSenSlope(in["t_s"].numbers(), in["pending"].numbers()))}};
  };
}

void AddNoReturn(Runners& runners) {
  runners["F1"] = [](const Input& in) -> Value {
    const ResyncWindow window = Take(
        RedisResyncWindow(in("backlog"), in("master_offset"), in("replica_offset"), in("rate")));
    return Map{{"gap", window.gap}, {"seconds", window.seconds}};
  };
  runners["F2"] = [](const Input& in) -> Value {
    return Map{{"seconds", Take(SlotTimeLeft(in("safe_wal"), in("wal_rate")))}};
  };
  runners["F3"] = [](const Input& in) -> Value {
    return Map{{"seconds", Each(in["rows"], [](const Input& row) {
                  return Take(RetentionTimeLeft(row(0), row(1), row(2), row(3)));
                })}};
  };
  runners["F4"] = [](const Input& in) -> Value {
    return Map{{"seconds", Take(WindowTimeLeft(in("window_s"), in("outage_age_s")))}};
  };
  runners["F5"] = [](const Input& in) -> Value {
    return Map{{"seconds", Each(in["rows"], [](const Input& row) {
                  return Take(WindowTimeLeft(row(0), row(1)));
                })}};
  };
  runners["F6"] = [](const Input& in) -> Value {
    return Map{{"seconds", Take(WindowTimeLeft(in("expire"), in("lag")))}};
  };
  runners["F7"] = [](const Input& in) -> Value {
    return Map{{"page", Each(in["rows"], [](const Input& row) {
                  return Take(RepairEndsTooLate(row(0), row(1), row(2)));
                })}};
  };
}

void AddClocks(Runners& runners) {
  runners["G1"] = [](const Input& in) -> Value {
    const auto bound = [](const Input& end) {
      return Take(ClockBound(end("offset"), end("dispersion"), end("delay")));
    };
    const double a = bound(in["a"]);
    const double b = bound(in["b"]);
    return Map{{"a", a}, {"b", b}, {"pair", a + b}};
  };
  runners["G2"] = [](const Input& in) -> Value {
    return Map{{"ordered", Each(in["pairs"], [&](const Input& pair) {
                  return Take(Ordered(pair(0), pair(1), in("e1"), in("e2")));
                })}};
  };
  runners["G3"] = [](const Input& in) -> Value {
    const Interval lag = Take(LagAcrossClocks(in("measured"), in("e1"), in("e2")));
    return Map{{"lower", lag.lo}, {"upper", lag.hi}};
  };
  runners["G4"] = [](const Input& in) -> Value {
    return Map{{"ambiguous", Take(AmbiguousShare(in["scores"].numbers(), in("pair_bound")))}};
  };
}

void AddPairs(Runners& runners) {
  runners["L1"] = [](const Input& in) -> Value {
    Value share = EmptyList();
    Value log_ratio = EmptyList();
    for (const Input& row : in["rows"].list()) {
      const Asymmetry asymmetry = Take(LagAsymmetry(row(0), row(1)));
      share.Add(asymmetry.share);
      log_ratio.Add(asymmetry.log_ratio);
    }
    return Map{{"asym", share}, {"log_ratio", log_ratio}};
  };
  runners["L2"] = [](const Input& in) -> Value {
    std::vector<double> expected;
    std::vector<double> actual;
    for (const auto& [region, share] : in["expected"].members()) {
      expected.push_back(share.number());
      actual.push_back(in["actual"](region));
    }
    return Map{{"tvd", Take(SplitDrift(expected, actual))}};
  };
  runners["L3"] = [](const Input& in) -> Value {
    std::vector<std::string> names;
    std::vector<double> lags;
    for (const auto& [name, lag] : in["lags"].members()) {
      names.push_back(name);
      lags.push_back(lag.number());
    }
    const Outliers found = Take(FindOutliers(lags));
    Value outliers = EmptyList();
    for (const size_t i : found.indices) outliers.Add(names[i]);
    return Map{{"median", found.median},
               {"mad", found.mad},
               {"score_eu_ap", found.scores[4]},
               {"outliers", outliers}};
  };
  runners["L4"] = [](const Input& in) -> Value {
    std::vector<FlowSignals> flows;
    std::map<std::string, bool> regions;
    for (const auto& [flow, signals] : in["signals"].members()) {
      flows.push_back({flow, {}});
      for (const auto& [signal, home] : signals.members()) {
        flows.back().homes.push_back(home.text());
        regions[home.text()] = true;
      }
    }
    Value blind;
    for (const auto& [region, known] : regions) {
      const std::vector<std::string> lost = BlindFlows(flows, region);
      if (!lost.empty()) blind[region] = lost;
    }
    return Map{{"blind", blind}};
  };
}

}  // namespace

void AddReplicationRunners(Runners& runners) {
  AddBounds(runners);
  AddDrain(runners);
  AddLag(runners);
  AddTrends(runners);
  AddNoReturn(runners);
  AddClocks(runners);
  AddPairs(runners);
}

}  // namespace synoptic::domain_vectors
