// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/result_table.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::app {
namespace {

constexpr char kMatrix[] =
    R"({"status":"success","data":{"resultType":"matrix","result":[)"
    R"({"metric":{"__name__":"up","job":"a,\"b"},"values":[[1,"0"],[2.5,"1"],[3,"NaN"]]},)"
    R"({"metric":{"x":"y"},"values":[[1,"5"]]}]},"warnings":["w"],"infos":["i"],"explain":"plan"})";

TEST(ResultTable, ShowsAMatrixWithTimes) {
  const auto result = ParseResult(kMatrix);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->warnings, std::vector<std::string>{"w"});
  EXPECT_EQ(result->explain, "plan");
  EXPECT_EQ(TableOf(*result),
            "up{job=\"a,\\\"b\"}  1  0\n"
            "up{job=\"a,\\\"b\"}  2.5  1\n"
            "up{job=\"a,\\\"b\"}  3  NaN\n"
            "{x=\"y\"}          1  5\n");
  EXPECT_EQ(CsvOf(*result),
            "__name__,job,x,timestamp,value\n"
            "up,\"a,\"\"b\",,1,0\nup,\"a,\"\"b\",,2.5,1\nup,\"a,\"\"b\",,3,NaN\n"
            ",,y,1,5\n");
  EXPECT_EQ(ChartOf(*result), "up{job=\"a,\\\"b\"}\n  ▁█   0 .. 1\n{x=\"y\"}\n  ▅  5 .. 5\n");
}

TEST(ResultTable, ShowsVectorsAndScalars) {
  auto vector = ParseResult(
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"2"]}]}})");
  ASSERT_TRUE(vector.ok());
  EXPECT_EQ(TableOf(*vector), "{a=\"b\"}  2\n");
  auto scalar =
      ParseResult(R"({"status":"success","data":{"resultType":"scalar","result":[4,"2"]}})");
  ASSERT_TRUE(scalar.ok()) << scalar.status();
  EXPECT_EQ(TableOf(*scalar), "2\n");
}

TEST(ResultTable, PassesTheServersErrorOn) {
  EXPECT_EQ(
      MessageOf(ParseResult(R"({"status":"error","errorType":"bad_data","error":"no"})").status()),
      "bad_data: no");
  EXPECT_EQ(MessageOf(ParseResult("<html>").status()), "expected JSON, got \"<html>\"");
  EXPECT_EQ(MessageOf(ParseResult(R"({"status":"success","data":7})").status()),
            "expected data.result, got none");
}

}  // namespace
}  // namespace synoptic::app
