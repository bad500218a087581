// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/point_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::StepSeries;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Labels One(std::string_view name, std::string_view value) {
  return Labels::From({{std::string(name), std::string(value)}});
}

PointTexts Points(const std::vector<StepSeries>& series) { return PointTexts::Of(series); }

TEST(PointTexts, LeaveOutWhatHasNoFloat) {
  const PointTexts points = Points({{One("a", "1"), {1}}, {One("a", "2"), {promql::Absent()}}});
  EXPECT_EQ(points.sets.text(), R"({"a":"1"})");
  EXPECT_THAT(points.values, ElementsAre(1));
}

TEST(PointTexts, AreSortedAndEachOnce) {
  PointTexts points = Points({{One("b", "1"), {3}}, {One("a", "1"), {2}}, {One("a", "1"), {1}}});
  points.MakeSet();
  EXPECT_EQ(points.sets.text(), R"({"a":"1"},{"b":"1"})");
  EXPECT_THAT(points.values, ElementsAre(1, 3));
}

TEST(PointUnion, IsInOrderOfLabels) {
  std::mt19937 random(1);
  std::vector<std::vector<StepSeries>> parts(4);
  for (int i = 0; i < 500; ++i) {
    parts[random() % 4].push_back({One("n", std::to_string(i)), {static_cast<double>(i)}});
  }
  std::vector<PointTexts> texts;
  for (const auto& part : parts) {
    texts.push_back(Points(part));
    texts.back().MakeSet();
  }
  const PointUnion all(std::move(texts));
  ASSERT_EQ(all.size(), 500u);
  EXPECT_THAT(all.repeated(), IsEmpty());
  const std::vector<StepSeries> series = all.ToSeries();
  for (size_t i = 0; i < series.size(); ++i) {
    if (i > 0) EXPECT_LT(series[i - 1].labels, series[i].labels);
    EXPECT_EQ(series[i].labels.Get("n"), std::to_string(static_cast<int>(series[i].values[0])));
  }
}

TEST(PointUnion, TellsWhatIsThereTwice) {
  std::vector<PointTexts> parts;
  parts.push_back(Points({{One("a", "1"), {1}}, {One("a", "2"), {1}}}));
  parts.push_back(Points({}));
  parts.push_back(Points({{One("a", "2"), {1}}}));
  const PointUnion all(std::move(parts));
  EXPECT_THAT(all.repeated(), ElementsAre(Pair(0, 1), Pair(2, 0)));
  EXPECT_EQ(all.LabelsAt(all.repeated()[1]), One("a", "2"));
}

}  // namespace
}  // namespace synoptic::aggregator
