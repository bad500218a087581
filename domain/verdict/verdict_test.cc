// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/status.h"
#include "domain/verdict/alert_machine.h"
#include "domain/verdict/freshness.h"
#include "domain/verdict/interval.h"
#include "domain/verdict/logic.h"
#include "domain/verdict/observers.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr Verdict kAll[] = {Verdict::kFalse, Verdict::kUnknown, Verdict::kTrue};
constexpr Comparison kComparisons[] = {Comparison::kLess,    Comparison::kLessEqual,
                                       Comparison::kGreater, Comparison::kGreaterEqual,
                                       Comparison::kEqual,   Comparison::kNotEqual};

bool Holds(double v, Comparison comparison, double threshold) {
  switch (comparison) {
    case Comparison::kLess:
      return v < threshold;
    case Comparison::kLessEqual:
      return v <= threshold;
    case Comparison::kGreater:
      return v > threshold;
    case Comparison::kGreaterEqual:
      return v >= threshold;
    case Comparison::kEqual:
      return v == threshold;
    case Comparison::kNotEqual:
      return v != threshold;
  }
  return false;
}

// Small whole numbers, so that ends meet thresholds often.
struct Random {
  std::mt19937_64 engine{7};
  double Whole(int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(engine); }
  Interval Bounds() {
    const double a = Whole(-4, 4);
    return {a, a + Whole(0, 4)};
  }
  double In(Interval bounds) {
    return Whole(static_cast<int>(bounds.lo), static_cast<int>(bounds.hi));
  }
};

TEST(Logic, IsKleenes) {
  for (const Verdict a : kAll) {
    EXPECT_EQ(Not(Not(a)), a);
    EXPECT_EQ(And(a, Verdict::kTrue), a);
    EXPECT_EQ(Or(a, Verdict::kFalse), a);
    EXPECT_EQ(And(a, Verdict::kFalse), Verdict::kFalse);
    EXPECT_EQ(Or(a, Verdict::kTrue), Verdict::kTrue);
    for (const Verdict b : kAll) {
      EXPECT_EQ(Not(And(a, b)), Or(Not(a), Not(b)));
      EXPECT_EQ(And(a, b), And(b, a));
    }
  }
}

TEST(IntervalTest, AVerdictNeverContradictsAPossibleTruth) {
  Random random;
  for (int round = 0; round < 2000; ++round) {
    const Interval bounds = random.Bounds();
    const double threshold = random.Whole(-5, 9);
    for (const Comparison comparison : kComparisons) {
      bool all = true;
      bool some = false;
      for (double v = bounds.lo; v <= bounds.hi; v += 0.5) {
        all = all && Holds(v, comparison, threshold);
        some = some || Holds(v, comparison, threshold);
      }
      const Verdict want = all ? Verdict::kTrue : some ? Verdict::kUnknown : Verdict::kFalse;
      EXPECT_EQ(Compare(bounds, comparison, threshold), want)
          << bounds.lo << " " << bounds.hi << " " << threshold;
    }
  }
}

TEST(IntervalTest, ArithmeticHoldsEveryChoiceOfPoints) {
  Random random;
  for (int round = 0; round < 5000; ++round) {
    const Interval a = random.Bounds();
    const Interval b = random.Bounds();
    const double x = random.In(a);
    const double y = random.In(b);
    EXPECT_TRUE(Add(a, b).Contains(x + y));
    EXPECT_TRUE(Subtract(a, b).Contains(x - y));
    EXPECT_TRUE(Multiply(a, b).Contains(x * y));
    EXPECT_TRUE(LowerOf(a, b).Contains(std::min(x, y)));
    EXPECT_TRUE(UpperOf(a, b).Contains(std::max(x, y)));
    if (y != 0) {
      const Interval quotient = Divide(a, b);
      EXPECT_LE(quotient.lo, x / y + 1e-12);
      EXPECT_GE(quotient.hi, x / y - 1e-12);
    }
  }
}

TEST(IntervalTest, NothingIsEverNan) {
  const Interval all[] = {kUnseen, kUnseenNonNegative, {-kInf, 0},
                          {0, 0},  {-1e308, 1e308},    {1e308, kInf}};
  for (const Interval a : all) {
    for (const Interval b : all) {
      for (const Interval c : {Add(a, b), Subtract(a, b), Multiply(a, b), Divide(a, b)}) {
        EXPECT_TRUE(MakeInterval(c.lo, c.hi).ok()) << c.lo << " " << c.hi;
      }
    }
  }
}

TEST(IntervalTest, SeenOrUnseenMoreNeverMakesTheAnswerLessCertain) {
  Random random;
  for (int round = 0; round < 500; ++round) {
    const std::vector<double> known = {random.Whole(0, 9), random.Whole(0, 9)};
    const double hidden = random.Whole(0, 9);
    for (const Aggregate aggregate : {Aggregate::kSum, Aggregate::kMin, Aggregate::kMax}) {
      const auto partial = AggregateBounds(aggregate, known, std::vector{kUnseenNonNegative});
      std::vector<double> whole = known;
      whole.push_back(hidden);
      const auto truth = AggregateBounds(aggregate, whole, {});
      EXPECT_TRUE(truth->exact());
      EXPECT_TRUE(partial->Contains(truth->lo));
      for (const Comparison comparison : kComparisons) {
        const Verdict before = Compare(*partial, comparison, 8);
        if (before != Verdict::kUnknown) EXPECT_EQ(before, Compare(*truth, comparison, 8));
      }
    }
  }
}

TEST(IntervalTest, RefusesNonsense) {
  EXPECT_FALSE(MakeInterval(2, 1).ok());
  EXPECT_FALSE(MakeInterval(std::nan(""), 1).ok());
  EXPECT_FALSE(MakeInterval(kInf, kInf).ok());
  EXPECT_FALSE(AggregateBounds(Aggregate::kSum, {}, {}).ok());
  EXPECT_FALSE(AggregateBounds(Aggregate::kSum, std::vector{std::nan("")}, {}).ok());
  EXPECT_FALSE(Meet({0, 1}, {2, 3}).ok());
  EXPECT_EQ(*Meet({0, 3}, kUnseenNonNegative), (Interval{0, 3}));
}

TEST(IntervalTest, CountingHidesUnknownsBetweenItsEnds) {
  const Verdict verdicts[] = {Verdict::kTrue, Verdict::kUnknown, Verdict::kFalse};
  EXPECT_EQ(CountTrue(verdicts), (Interval{1, 2}));
  // "No writer" cannot be proven while one region is dark.
  const Verdict dark[] = {Verdict::kFalse, Verdict::kUnknown};
  EXPECT_EQ(Compare(CountTrue(dark), Comparison::kEqual, 0), Verdict::kUnknown);
}

TEST(FreshnessTest, GetsWorseWithAgeOnly) {
  for (const double delay : {0.0, 600.0}) {
    auto before = Freshness::kFresh;
    for (double age = -30; age < 700; age += 5) {
      const auto now = Classify(
          {.now_s = 1e9 + age, .sample_s = 1e9 - delay, .declared_delay_s = delay}, 45, 300);
      EXPECT_GE(*now, before);
      before = *now;
    }
    EXPECT_EQ(before, Freshness::kBlind);
  }
  EXPECT_FALSE(Classify({}, 300, 45).ok());
  EXPECT_FALSE(Classify({.declared_delay_s = -1}, 45, 300).ok());
}

std::string StatesAfter(const std::string& verdicts, const AlertTiming& timing) {
  AlertClock clock;
  std::string out;
  int64_t now = 1'000'000;
  for (const char letter : verdicts) {
    now += 30'000;
    const Verdict verdict = letter == 'T'   ? Verdict::kTrue
                            : letter == 'F' ? Verdict::kFalse
                                            : Verdict::kUnknown;
    const AlertEvent event = Step(clock, verdict, timing, now, 30'000);
    out += AlertStateName(StateOf(clock, 90'000));
    if (event == AlertEvent::kResolved) out += "/resolved";
    out += ' ';
  }
  out.pop_back();
  return out;
}

TEST(AlertMachine, WithoutUnknownIsPrometheus) {
  EXPECT_EQ(StatesAfter("TTTFF", {.for_ms = 60'000}), "PENDING PENDING FIRING OK/resolved OK");
  EXPECT_EQ(StatesAfter("TF", {}), "FIRING OK/resolved");
  EXPECT_EQ(StatesAfter("TFFF", {.keep_firing_for_ms = 60'000}),
            "FIRING FIRING FIRING OK/resolved");
  EXPECT_EQ(StatesAfter("TFTT", {.for_ms = 60'000}), "PENDING OK PENDING PENDING");
}

TEST(AlertMachine, UnknownNeverFiresAndNeverResolves) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    AlertClock clock;
    int64_t now = 0;
    for (int step = 0; step < 40; ++step) {
      now += 15'000;
      const Verdict verdict = kAll[random() % 3];
      const AlertState before = StateOf(clock, 60'000);
      const AlertEvent event = Step(clock, verdict, {.for_ms = 45'000}, now, 15'000);
      if (verdict == Verdict::kUnknown) {
        EXPECT_TRUE(event == AlertEvent::kHeld || event == AlertEvent::kNone);
        EXPECT_EQ(before == AlertState::kOk, StateOf(clock, 60'000) == AlertState::kOk);
      }
      if (event == AlertEvent::kResolved) EXPECT_EQ(verdict, Verdict::kFalse);
      if (event == AlertEvent::kFired) EXPECT_EQ(verdict, Verdict::kTrue);
    }
  }
}

TEST(AlertMachine, TheTimeUnseenDoesNotCountTowardFor) {
  // However long it is dark between, `for` needs as many seen intervals.
  for (int dark = 0; dark < 20; ++dark) {
    const std::string end = StatesAfter("T" + std::string(dark, 'U') + "TT", {.for_ms = 60'000});
    EXPECT_TRUE(end.ends_with("PENDING FIRING")) << end;
  }
}

TEST(Observers, OnePeerDecidesAndTwoAloneCannot) {
  for (int remotes = 1; remotes < 6; ++remotes) {
    for (int unreachable = 1; unreachable <= remotes; ++unreachable) {
      EXPECT_EQ(*Judge({remotes, unreachable, 1}), Reachability::kRegionUnreachable);
    }
  }
  EXPECT_EQ(*Judge({1, 1, 0}), Reachability::kObserverIsolated);
  EXPECT_FALSE(CanTellLossFromIsolation(2, false));
  EXPECT_TRUE(CanTellLossFromIsolation(2, true));
  EXPECT_FALSE(Judge({2, 3, 0}).ok());
  EXPECT_FALSE(Judge({0, 0, 0}).ok());
}

}  // namespace
}  // namespace synoptic::domain
