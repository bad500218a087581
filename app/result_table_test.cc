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

constexpr char kHistogram[] =
    R"({"count":"6","sum":"-12","buckets":[[1,"-2","-1","1"],[3,"-0.5","0.5","2"],)"
    R"([0,"1","2","1"],[2,"2","+Inf","2"]]})";

TEST(ResultTable, PrintsHistogramsAsPrometheusDoes) {
  const std::string text = "{count:6, sum:-12, [-2,-1):1, [-0.5,0.5]:2, (1,2]:1, (2,+Inf):2}";
  const auto vector =
      ParseResult(std::string(R"({"status":"success","data":{"resultType":"vector","result":[)") +
                  R"({"metric":{"a":"b"},"histogram":[1,)" + kHistogram + "]}]}}");
  ASSERT_TRUE(vector.ok()) << vector.status();
  EXPECT_EQ(TableOf(*vector), "{a=\"b\"}  " + text + "\n");
  EXPECT_EQ(CsvOf(*vector), "a,timestamp,value\nb,1,\"" + text + "\"\n");
  const auto mixed = ParseResult(
      std::string(R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},)") +
      R"("values":[[1,"5"],[3,"7"]],"histograms":[[2,)" + kHistogram +
      R"(],[4,{"count":"0","sum":"0"}]]}]}})");
  ASSERT_TRUE(mixed.ok()) << mixed.status();
  EXPECT_EQ(TableOf(*mixed), "{}  1  5\n{}  2  " + text + "\n{}  3  7\n{}  4  {count:0, sum:0}\n");
  EXPECT_TRUE(mixed->series[0].histograms);
  EXPECT_EQ(mixed->series[0].points[1].number, -2);
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
