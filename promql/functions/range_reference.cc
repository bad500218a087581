// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/range_reference.h"

#include <algorithm>
#include <cmath>

namespace synoptic::promql {
namespace {

// One window's samples and the times it covers.
struct Samples {
  std::vector<int64_t> t;
  std::vector<double> v;
  int64_t start = 0;
  int64_t end = 0;
  int64_t at = 0;
  double range_seconds = 0;
  double param0 = 2;
  double param1 = 0;
  size_t n() const { return v.size(); }
};

struct Sum {
  double sum = 0;
  double c = 0;
};

Sum Plus(double inc, Sum s) {
  const double t = s.sum + inc;
  if (std::isinf(t)) return {t, 0};
  if (std::fabs(s.sum) >= std::fabs(inc)) return {t, s.c + ((s.sum - t) + inc)};
  return {t, s.c + ((inc - t) + s.sum)};
}

double Rate(const Samples& s, bool counter, bool per_second) {
  if (s.n() < 2) return Absent();
  double increase = s.v.back() - s.v.front();
  for (size_t i = 1; counter && i < s.n(); ++i) {
    if (s.v[i] < s.v[i - 1]) increase += s.v[i - 1];
  }
  const double sampled = static_cast<double>(s.t.back() - s.t.front()) / 1000;
  const double average = sampled / static_cast<double>(s.n() - 1);
  double to_start = static_cast<double>(s.t.front() - s.start) / 1000;
  double to_end = static_cast<double>(s.end - s.t.back()) / 1000;
  if (to_start >= average * 1.1) to_start = average / 2;
  if (counter && increase > 0 && s.v.front() >= 0) {
    to_start = std::min(to_start, sampled * (s.v.front() / increase));
  }
  if (to_end >= average * 1.1) to_end = average / 2;
  double factor = (sampled + to_start + to_end) / sampled;
  if (per_second) factor /= s.range_seconds;
  return increase * factor;
}

double Instant(const Samples& s, bool rate) {
  if (s.n() < 2) return Absent();
  const double last = s.v[s.n() - 1];
  const double previous = s.v[s.n() - 2];
  double result = last - previous;
  if (rate && last < previous) result = last;
  if (rate) result /= static_cast<double>(s.t[s.n() - 1] - s.t[s.n() - 2]) / 1000;
  return result;
}

double SumOf(const Samples& s) {
  Sum sum;
  for (const double v : s.v) sum = Plus(v, sum);
  return std::isinf(sum.sum) ? sum.sum : sum.sum + sum.c;
}

double Average(const Samples& s) {
  Sum sum{s.v[0], 0};
  Sum mean;
  double count = 1;
  bool incremental = false;
  for (size_t i = 1; i < s.n(); ++i) {
    count = static_cast<double>(i + 1);
    if (!incremental) {
      const Sum next = Plus(s.v[i], sum);
      if (!std::isinf(next.sum)) {
        sum = next;
        continue;
      }
      incremental = true;
      mean = {sum.sum / (count - 1), sum.c / (count - 1)};
    }
    const double q = (count - 1) / count;
    mean = Plus(s.v[i] / count, {q * mean.sum, q * mean.c});
  }
  return incremental ? mean.sum + mean.c : sum.sum / count + sum.c / count;
}

double Variance(const Samples& s) {
  double count = 0;
  Sum mean, aux;
  for (const double v : s.v) {
    count += 1;
    const double delta = v - (mean.sum + mean.c);
    mean = Plus(delta / count, mean);
    aux = Plus(delta * (v - (mean.sum + mean.c)), aux);
  }
  return (aux.sum + aux.c) / count;
}

// Index of the extremum; `better` decides whether a later sample takes over.
template <class Better>
size_t Extremum(const Samples& s, Better better) {
  size_t best = 0;
  for (size_t i = 0; i < s.n(); ++i) {
    if (better(s.v[i], s.v[best]) || std::isnan(s.v[best])) best = i;
  }
  return best;
}

double QuantileOf(double phi, std::vector<double> values) {
  if (std::isnan(phi)) return NormalNaN();
  if (phi < 0) return -INFINITY;
  if (phi > 1) return INFINITY;
  std::sort(values.begin(), values.end(),
            [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; });
  const double n = static_cast<double>(values.size());
  const double rank = phi * (n - 1);
  const double lower = std::max(0.0, std::floor(rank));
  const double upper = std::min(n - 1, lower + 1);
  const double weight = rank - std::floor(rank);
  return values[static_cast<size_t>(lower)] * (1 - weight) +
         values[static_cast<size_t>(upper)] * weight;
}

double Mad(const Samples& s) {
  std::vector<double> deviations;
  for (const double v : s.v) {
    if (std::isnan(v)) return NormalNaN();
  }
  const double median = QuantileOf(0.5, s.v);
  for (const double v : s.v) deviations.push_back(std::fabs(v - median));
  return QuantileOf(0.5, deviations);
}

std::pair<double, double> Regress(const Samples& s, int64_t origin) {
  const bool constant =
      std::all_of(s.v.begin() + 1, s.v.end(), [&](double v) { return v == s.v[0]; });
  if (constant && std::isinf(s.v[0])) return {NormalNaN(), NormalNaN()};
  if (constant) return {0, s.v[0]};
  Sum x, y, xy, xx;
  for (size_t i = 0; i < s.n(); ++i) {
    const double seconds = static_cast<double>(s.t[i] - origin) / 1e3;
    x = Plus(seconds, x);
    y = Plus(s.v[i], y);
    xy = Plus(seconds * s.v[i], xy);
    xx = Plus(seconds * seconds, xx);
  }
  const double n = static_cast<double>(s.n());
  const double sx = x.sum + x.c, sy = y.sum + y.c;
  const double cov = (xy.sum + xy.c) - sx * sy / n;
  const double var = (xx.sum + xx.c) - sx * sx / n;
  const double slope = cov / var;
  return {slope, sy / n - slope * sx / n};
}

double Smooth(const Samples& s) {
  if (s.n() < 2) return Absent();
  const double sf = s.param0, tf = s.param1;
  double s0 = 0, s1 = s.v[0], b = s.v[1] - s.v[0];
  for (size_t i = 1; i < s.n(); ++i) {
    const double x = sf * s.v[i];
    if (i > 1) b = tf * (s1 - s0) + (1 - tf) * b;
    const double y = (1 - sf) * (s1 + b);
    s0 = s1;
    s1 = x + y;
  }
  return s1;
}

double Integral(const Samples& s) {
  Sum sum;
  for (size_t i = 1; i < s.n(); ++i) {
    const double left = std::isnan(s.v[i - 1]) ? 0 : s.v[i - 1];
    const double right = std::isnan(s.v[i]) ? 0 : s.v[i];
    double height = right;
    if (s.param0 == 0) {
      height = left;
    } else if (s.param0 != 1) {
      const Sum both = Plus(right, {left, 0});
      height = std::isinf(both.sum) && std::isfinite(left) && std::isfinite(right)
                   ? left / 2 + right / 2
                   : (both.sum + both.c) / 2;
    }
    const double area = height * (static_cast<double>(s.t[i] - s.t[i - 1]) / 1000);
    if (area != 0) sum = Plus(area, sum);
  }
  return std::isinf(sum.sum) ? sum.sum : sum.sum + sum.c;
}

double Changes(const Samples& s) {
  double n = 0;
  for (size_t i = 1; i < s.n(); ++i) {
    n += s.v[i] != s.v[i - 1] && !(std::isnan(s.v[i]) && std::isnan(s.v[i - 1])) ? 1 : 0;
  }
  return n;
}

double Resets(const Samples& s) {
  double n = 0;
  for (size_t i = 1; i < s.n(); ++i) n += s.v[i] < s.v[i - 1] ? 1 : 0;
  return n;
}

double Evaluate(FunctionId id, const Samples& s) {
  const auto less = [](double a, double b) { return a < b; };
  const auto greater = [](double a, double b) { return a > b; };
  const auto at_most = [](double a, double b) { return a <= b; };
  const auto at_least = [](double a, double b) { return a >= b; };
  const auto seconds = [&](size_t i) { return static_cast<double>(s.t[i]) / 1000; };
  switch (id) {
    case FunctionId::kRate:
      return Rate(s, true, true);
    case FunctionId::kIncrease:
      return Rate(s, true, false);
    case FunctionId::kDelta:
      return Rate(s, false, false);
    case FunctionId::kIrate:
      return Instant(s, true);
    case FunctionId::kIdelta:
      return Instant(s, false);
    case FunctionId::kSumOverTime:
      return SumOf(s);
    case FunctionId::kAvgOverTime:
      return Average(s);
    case FunctionId::kStdvarOverTime:
      return Variance(s);
    case FunctionId::kStddevOverTime:
      return std::sqrt(Variance(s));
    case FunctionId::kMinOverTime:
      return s.v[Extremum(s, less)];
    case FunctionId::kMaxOverTime:
      return s.v[Extremum(s, greater)];
    case FunctionId::kTsOfMinOverTime:
      return seconds(Extremum(s, at_most));
    case FunctionId::kTsOfMaxOverTime:
      return seconds(Extremum(s, at_least));
    case FunctionId::kTsOfFirstOverTime:
      return seconds(0);
    case FunctionId::kTsOfLastOverTime:
      return std::max(0.0, seconds(s.n() - 1));  // 0 is the time of the histogram there is not
    case FunctionId::kCountOverTime:
      return static_cast<double>(s.n());
    case FunctionId::kPresentOverTime:
      return 1;
    case FunctionId::kFirstOverTime:
      return s.v.front();
    case FunctionId::kLastOverTime:
      return s.v.back();
    case FunctionId::kChanges:
      return Changes(s);
    case FunctionId::kResets:
      return Resets(s);
    case FunctionId::kQuantileOverTime:
      return QuantileOf(s.param0, s.v);
    case FunctionId::kMadOverTime:
      return Mad(s);
    case FunctionId::kDeriv:
      return s.n() < 2 ? Absent() : Regress(s, s.t[0]).first;
    case FunctionId::kPredictLinear: {
      if (s.n() < 2) return Absent();
      const auto [slope, intercept] = Regress(s, s.at);
      return slope * s.param0 + intercept;
    }
    case FunctionId::kDoubleExponentialSmoothing:
      return Smooth(s);
    case FunctionId::kIntegral:
      return Integral(s);
    default:
      return Absent();
  }
}

}  // namespace

void ReferenceKernel(FunctionId id, const RangeInput& input, std::span<double> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    Samples s;
    s.at = input.grid.at(i);
    s.end = s.at - input.offset_ms;
    s.start = s.end - input.range_ms;
    s.range_seconds = DurationSeconds(input.range_ms);
    if (!input.param0.empty()) s.param0 = input.param0[i];
    if (!input.param1.empty()) s.param1 = input.param1[i];
    for (size_t k = 0; k < input.t.size(); ++k) {
      if (input.t[k] <= s.start || input.t[k] > s.end) continue;
      s.t.push_back(input.t[k]);
      s.v.push_back(input.v[k]);
    }
    out[i] = s.n() == 0 ? Absent() : Evaluate(id, s);
  }
}

std::vector<FunctionId> RangeFunctions() {
  std::vector<FunctionId> ids;
  for (const Function& f : AllFunctions()) {
    if (FindRangeKernel(f.id) != nullptr) ids.push_back(f.id);
  }
  return ids;
}

}  // namespace synoptic::promql
