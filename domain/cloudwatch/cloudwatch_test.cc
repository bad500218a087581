// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/cloudwatch/missing_data.h"
#include "domain/cloudwatch/names.h"

namespace synoptic::domain {
namespace {

constexpr MissingData kTreatments[] = {MissingData::kMissing, MissingData::kIgnore,
                                       MissingData::kBreaching, MissingData::kNotBreaching};

bool IsMetricName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

TEST(Names, AreMetricNamesWhateverTheSource) {
  const std::vector<std::string> dimensions = {"Some Name", "a/b-c", "X%"};
  for (const auto* metric :
       {"CPUUtilization", "jvm.heap.usage", "Bytes/Second", "a b", "4XXError"}) {
    for (const auto* name_space : {"AWS/EC2", "Glue", "/aws/custom", "CWAgent"}) {
      const CloudWatchMetric source = {name_space, metric, "Average", dimensions};
      for (const SeriesName& name : {CloudWatchExporterName(source), YaceName(source)}) {
        EXPECT_TRUE(IsMetricName(name.metric)) << name.metric;
        EXPECT_EQ(name.labels.size(), dimensions.size());
      }
      EXPECT_TRUE(YaceName(source).metric.starts_with("aws_")) << YaceName(source).metric;
    }
  }
}

TEST(Names, OddCharacters) {
  const CloudWatchMetric percent = {"AWS/EC2", "Used%", "p99.9", {}};
  EXPECT_EQ(YaceName(percent).metric, "aws_ec2_used_percent_p99_9");
  EXPECT_EQ(CloudWatchExporterName(percent).metric, "aws_ec2_used__p99_9");
  const CloudWatchMetric quote = {"AWS/EC2",
                                  "a\xe2\x80\x9c"
                                  "b",
                                  "Sum",
                                  {}};
  EXPECT_EQ(YaceName(quote).metric, "aws_ec2_a_b_sum");
}

TEST(MissingDataTest, WithNothingMissingTheTreatmentDoesNotMatter) {
  for (int bits = 0; bits < 32; ++bits) {
    std::string points;
    for (int i = 0; i < 5; ++i) points += (bits >> i & 1) != 0 ? 'X' : '0';
    for (int m = 1; m <= 3; ++m) {
      const auto want = EvaluateAlarm(points, 3, m, MissingData::kMissing);
      for (const MissingData treatment : kTreatments) {
        EXPECT_EQ(*EvaluateAlarm(points, 3, m, treatment), *want);
      }
    }
  }
}

TEST(MissingDataTest, BreachingAlarmsWheneverNotBreachingDoes) {
  for (int code = 0; code < 243; ++code) {
    std::string points;
    for (int i = 0, rest = code; i < 5; ++i, rest /= 3) points += "0X-"[rest % 3];
    for (int m = 1; m <= 3; ++m) {
      if (*EvaluateAlarm(points, 3, m, MissingData::kNotBreaching) == AlarmState::kAlarm) {
        EXPECT_EQ(*EvaluateAlarm(points, 3, m, MissingData::kBreaching), AlarmState::kAlarm)
            << points;
      }
      EXPECT_NE(*EvaluateAlarm(points, 3, m, MissingData::kBreaching), AlarmState::kRetain);
    }
  }
}

TEST(MissingDataTest, RefusesNonsense) {
  EXPECT_FALSE(EvaluateAlarm("0?X", 2, 1, MissingData::kIgnore).ok());
  EXPECT_FALSE(EvaluateAlarm("0XX", 4, 1, MissingData::kIgnore).ok());
  EXPECT_FALSE(EvaluateAlarm("0XX", 3, 4, MissingData::kIgnore).ok());
  EXPECT_FALSE(EvaluateAlarm("0XX", 3, 0, MissingData::kIgnore).ok());
}

}  // namespace
}  // namespace synoptic::domain
