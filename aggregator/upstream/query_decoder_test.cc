// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/query_decoder.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <bit>
#include <map>

#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/sample_text.h"
#include "aggregator/upstream/testing.h"
#include "base/rng.h"

namespace synoptic::aggregator {
namespace {

const LabelRules kRules(promql::Labels::From({{"region", "eu"}}), {"region"}, {"replica"});
constexpr promql::Grid kGrid{1000'000, 1030'000, 15'000};

// The decoded series, or the error.
std::string Steps(std::string_view body, bool instant = false, promql::Grid grid = kGrid,
                  size_t piece = std::string_view::npos, bool as_text = false) {
  MemoryBudget budget("test", 0);
  std::string out;
  {
    StepDecoder decoder(grid, instant, kRules, &budget, as_text);
    const absl::Status status = FeedAll(decoder, body, "application/json", 200, piece);
    if (!status.ok()) {
      out = ReasonOf(status) + ": " + std::string(MessageOf(status));
    } else {
      StepAnswer answer;
      decoder.Take(answer);
      if (answer.texts) {
        std::vector<PointTexts> parts;
        parts.push_back(*std::move(answer.texts));
        answer.series = PointUnion(std::move(parts)).ToSeries();
      }
      out = ToText(answer.series);
      EXPECT_EQ(budget.used(), answer.info.charged_bytes);
      budget.Release(answer.info.charged_bytes);
    }
  }
  EXPECT_EQ(budget.used(), 0) << "a failure holds nothing";
  if (instant && !as_text) {
    EXPECT_EQ(Steps(body, true, grid, piece, /*as_text=*/true), out) << body;
  }
  return out;
}

std::string Matrix(std::string_view series) {
  return R"({"status":"success","data":{"resultType":"matrix","result":[)" + std::string(series) +
         "]}}";
}

const std::string kTwoSeries =
    Matrix(R"({"metric":{"__name__":"up","job":"a"},"values":[[1000,"1"],[1015,"2"],[1030,"3"]]},)"
           R"({"metric":{"__name__":"up","job":"b"},"values":[[1015.000,"-Inf"]]})");

TEST(StepDecoder, FillsColumnsOverTheGrid) {
  EXPECT_EQ(Steps(kTwoSeries),
            "up{job=\"a\", region=\"eu\"} 1 2 3\n"
            "up{job=\"b\", region=\"eu\"} _ -Inf _\n");
  EXPECT_EQ(Steps(Matrix("")), "");
}

TEST(StepDecoder, IsTheSameHoweverTheBodyIsCut) {
  const std::string whole = Steps(kTwoSeries);
  for (size_t piece = 1; piece < kTwoSeries.size(); ++piece) {
    ASSERT_EQ(Steps(kTwoSeries, false, kGrid, piece), whole) << piece;
  }
}

TEST(StepDecoder, RefusesEveryTruncation) {
  for (size_t size = 0; size < kTwoSeries.size(); ++size) {
    ASSERT_TRUE(Steps(kTwoSeries.substr(0, size)).starts_with("bad_response: ")) << size;
  }
}

TEST(StepDecoder, ReadsVectorsAndScalars) {
  const promql::Grid grid = promql::Grid::Instant(1435781451781);
  EXPECT_EQ(Steps(R"({"status":"success","data":{"resultType":"vector","result":[)"
                  R"({"metric":{"a":"2"},"value":[1435781451.781,"NaN"]},)"
                  R"({"metric":{"a":"1"},"value":[1435781451.781,"1e+21"]}]}})",
                  true, grid),
            "{a=\"1\", region=\"eu\"} 1000000000000000000000\n{a=\"2\", region=\"eu\"} NaN\n");
  EXPECT_EQ(Steps(R"({"status":"success","data":{"resultType":"scalar",)"
                  R"("result":[1435781451.781,"2.5"]}})",
                  true, grid),
            "{region=\"eu\"} 2.5\n");
}

TEST(StepDecoder, TakesKeysInAnyOrderAndSkipsUnknownOnes) {
  EXPECT_EQ(Steps(R"( { "warnings" : [ "w" ], "x" : [ { "y" : [ 1 ] } ], "data" : {)"
                  R"("stats":{"timings":{"a":1.5}},"result":[ { "values" : [ [ 1000 , "1" ] ] ,)"
                  R"( "z":null, "metric" : { "b" : "1" , "a":"2"} } ] , "resultType" : "matrix" },)"
                  R"( "infos":null, "status" : "success" } )"),
            "{a=\"2\", b=\"1\", region=\"eu\"} 1 _ _\n");
}

TEST(StepDecoder, RefusesHostileAnswers) {
  const struct {
    std::string body;
    std::string_view error;
  } cases[] = {
      {"<html>", "bad_response: malformed JSON at byte 0: expected a value"},
      {"[]", "bad_response: unexpected JSON: expected an object"},
      {"{}", "bad_response: status \"\": expected success or error"},
      {R"({"status":"success"})", "bad_response: an answer without a result"},
      {R"({"status":"success","status":"success"})", "bad_response: key \"status\" is given twice"},
      {R"({"status":"success","data":{},"data":{}})", "bad_response: key \"data\" is given twice"},
      {R"({"status":"success","data":{"resultType":"matrix","result":[],"result":[]}})",
       "bad_response: key \"result\" is given twice"},
      {R"({"status":"success","data":{"resultType":"vector","result":[]}})",
       "bad_response: resultType \"vector\": expected matrix"},
      {R"({"status":"success","data":{"resultType":"streams","result":[]}})",
       "bad_response: resultType \"streams\" does not match the result"},
      {R"({"status":"success","data":{"result":[]}})",
       "bad_response: resultType \"\" does not match the result"},
      {R"({"status":"success","data":{"resultType":"matrix","result":{}}})",
       "bad_response: unexpected JSON: expected result as a list"},
      {R"({"status":"success","data":{"resultType":"matrix","result":null}})",
       "bad_response: unexpected JSON: expected result as a list"},
      {R"({"status":"success","data":{"resultType":"matrix","result":[)"
       R"({"metric":{},"value":[1000,"1"]}]}})",
       "bad_response: resultType \"matrix\" does not match the result"},
      {R"({"status":"success","data":{"resultType":"string","result":[1000,"x"]}})",
       "bad_response: result of type string: expected numbers"},
      {Matrix(R"({"metric":{},"values":[[1000,"1"],[1000,"1"]]})"),
       "bad_response: series {}: time 1000 follows 1000: expected rising times"},
      {Matrix(R"({"metric":{},"values":[[1015,"1"],[1000,"1"]]})"),
       "bad_response: series {}: time 1000 follows 1015: expected rising times"},
      {Matrix(R"({"metric":{"a":"b"},"values":[[1001,"1"]]})"),
       "bad_response: series {a=\"b\", region=\"eu\"}: time 1001 is not one of those asked for "
       "(1000 to 1030 every 15 s)"},
      {Matrix(R"({"metric":{},"values":[[985,"1"]]})"),
       "bad_response: series {region=\"eu\"}: time 985 is not one of those asked for (1000 to 1030 "
       "every 15 s)"},
      {Matrix(R"({"metric":{},"values":[[1000.0001,"1"]]})"),
       "bad_response: unexpected JSON: expected a time in seconds and milliseconds"},
      {Matrix(R"({"metric":{},"values":[["1000","1"]]})"),
       "bad_response: unexpected JSON: expected a time in seconds and milliseconds"},
      {Matrix(R"({"metric":{},"values":[[1000,1]]})"),
       "bad_response: unexpected JSON: expected a value as a string"},
      {Matrix(R"({"metric":{},"values":[[1000,"x"]]})"),
       "bad_response: series {}: value \"x\": expected a number"},
      {Matrix(R"({"metric":{},"values":[[1000,"1e400"]]})"),
       "bad_response: series {}: value \"1e400\": expected a number"},
      {Matrix(R"({"metric":{},"values":[[1000,"1",2]]})"),
       "bad_response: unexpected JSON: expected the end of a point"},
      {Matrix(R"({"metric":{},"values":[[1000]]})"),
       "bad_response: unexpected JSON: expected a value as a string"},
      {Matrix(R"({"metric":{},"values":[[1000,"1"],[1015,"1"],[1030,"1"],[1045,"1"]]})"),
       "bad_response: series {}: more points than the 3 asked for"},
      {Matrix(R"({"metric":{"a":"1","a":"1"},"values":[]})"),
       "bad_response: label \"a\" is given twice in one series"},
      {Matrix(R"({"metric":{"":"1"},"values":[]})"),
       "bad_response: a label name of 0 bytes: expected 1 to 1024"},
      {Matrix(R"({"metric":{"a":1},"values":[]})"),
       "bad_response: unexpected JSON: expected a label's value as a string"},
      {Matrix(R"({"metric":{"a":")" + std::string(16385, 'x') + R"("},"values":[]})"),
       "bad_response: a label value that is too long"},
      {Matrix(R"({"metric":{},"metric":{},"values":[]})"),
       "bad_response: key \"metric\" is given twice"},
      {Matrix(R"({"metric":{}})"), "bad_response: a series without labels or without values"},
      {Matrix(R"({"values":[]})"), "bad_response: a series without labels or without values"},
      {Matrix(R"({"metric":{},"value":[1000,"1"],"values":[]})"),
       "bad_response: a series with both value and values"},
      {Matrix(R"({"metric":{"__name__":"h"},"histograms":[]})"),
       "histograms: series {__name__=\"h\"}: native histograms"},
      {R"({"status":"error","errorType":"execution","error":"boom"})", "query: boom"},
      {R"({"status":"error","errorType":"bad_data","error":"what?"})", "query: what?"},
      {R"({"status":"error","errorType":"timeout","error":"too slow"})",
       "timeout: HTTP 200: too slow"},
      {R"({"status":"error","errorType":"internal","error":"oops"})",
       "bad_response: HTTP 200: oops"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Steps(c.body), c.error) << c.body;
    EXPECT_EQ(Steps(c.body, false, kGrid, 1), c.error) << c.body;
  }
  std::string labels;
  for (int i = 0; i < 129; ++i) {
    labels += (i == 0 ? "\"l" : ",\"l") + std::to_string(i) + "\":\"v\"";
  }
  EXPECT_EQ(Steps(Matrix("{\"metric\":{" + labels + "},\"values\":[]}")),
            "bad_response: a series with more than 128 labels");
  EXPECT_TRUE(Steps(kTwoSeries + "x").starts_with("bad_response: malformed JSON"));
  EXPECT_TRUE(Steps(Matrix(std::string(100, '['))).starts_with("bad_response: "));
}

TEST(StepDecoder, JudgesStatusAndContentType) {
  const struct {
    int status;
    std::string type;
    std::string body;
    std::string_view verdict;
  } cases[] = {
      {200, "text/html", kTwoSeries,
       "DATA_LOSS bad_response content type \"text/html\": expected application/json"},
      {200, "", kTwoSeries, "DATA_LOSS bad_response content type \"\": expected application/json"},
      {204, "", "", "UNAVAILABLE http_204 HTTP 204"},
      {301, "text/html", "moved", "UNAVAILABLE http_301 HTTP 301"},
      {400, "application/json",
       R"({"status":"error","errorType":"bad_data","error":"parse error"})",
       "INVALID_ARGUMENT query parse error"},
      {400, "text/plain", "Bad Request", "UNAVAILABLE http_400 HTTP 400"},
      {401, "text/plain", "no", "UNAVAILABLE http_401 HTTP 401"},
      {422, "application/json",
       R"({"status":"error","errorType":"execution","error":"many-to-many"})",
       "FAILED_PRECONDITION query many-to-many"},
      {503, "application/json",
       R"({"status":"error","errorType":"timeout","error":"query timed out"})",
       "DEADLINE_EXCEEDED timeout HTTP 503: query timed out"},
      {503, "text/plain", "Service Unavailable", "UNAVAILABLE http_503 HTTP 503"},
      {503, "application/json", kTwoSeries, "UNAVAILABLE http_503 HTTP 503"},
  };
  for (const auto& c : cases) {
    StepDecoder decoder(kGrid, false, kRules, nullptr);
    const absl::Status status = FeedAll(decoder, c.body, c.type, c.status);
    EXPECT_EQ(absl::StatusCodeToString(status.code()) + " " + ReasonOf(status) + " " +
                  std::string(MessageOf(status)),
              c.verdict);
  }
}

TEST(StepDecoder, KeepsFewShortNotes) {
  std::string notes = "\"" + std::string(300, 'a') + "\xc3\xa9\"";
  for (int i = 0; i < 1000; ++i) notes += ",\"note\"";
  StepDecoder decoder(kGrid, false, kRules, nullptr);
  ASSERT_TRUE(FeedAll(decoder, R"({"status":"success","warnings":[)" + notes +
                                   R"(],"infos":["i"],)" +
                                   R"("data":{"resultType":"matrix","result":[]}})")
                  .ok());
  StepAnswer answer;
  decoder.Take(answer);
  EXPECT_EQ(answer.info.warnings.size(), 10u);
  EXPECT_EQ(answer.info.warnings[0].size(), 256u);
  EXPECT_EQ(answer.info.infos, std::vector<std::string>{"i"});
}

TEST(StepDecoder, StopsAtTheBudgetWithoutHoldingMore) {
  MemoryBudget budget("query memory", 64 << 10);
  StepDecoder decoder({0, 999'000, 1000}, false, kRules, &budget);
  ASSERT_TRUE(decoder.OnHead(200, ContentType("application/json")).ok());
  ASSERT_TRUE(
      decoder.OnData(R"({"status":"success","data":{"resultType":"matrix","result":[)").ok());
  absl::Status status;
  int series = 0;
  while (status.ok() && series < 100) {
    status = decoder.OnData((series == 0 ? "" : ",") + std::string(R"({"metric":{"i":")") +
                            std::to_string(series) + R"("},"values":[[1,"1"]]})");
    ++series;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_EQ(ReasonOf(status), "too_large");
  EXPECT_LE(budget.peak(), budget.limit());
}

TEST(StepDecoder, MergesSeriesThatOnlyAReplicaLabelToldApart) {
  const std::string one = R"({"metric":{"replica":"a"},"values":[[1000,"1"],[1030,"1"]]})";
  const std::string two = R"({"metric":{"replica":"b"},"values":[[1015,"2"]]})";
  EXPECT_EQ(Steps(Matrix(one + "," + two)), "{region=\"eu\"} 1 2 1\n");
  EXPECT_EQ(Steps(Matrix(two + "," + one)), "{region=\"eu\"} 1 2 1\n");
}

// A part of an aggregation that left out a group of floats and histograms is no part of a sum.
TEST(StepDecoder, DoesNotTakeWhatLeftHistogramsOut) {
  const auto with = [](std::string_view warning) {
    return R"({"status":"success","data":{"resultType":"matrix","result":[]},"warnings":[")" +
           std::string(warning) + R"("]})";
  };
  constexpr const char* kRefused = "histograms: native histograms among floats";
  EXPECT_EQ(Steps(with("PromQL warning: encountered a mix of histograms and floats for aggregation "
                       "(1:1)")),
            kRefused);
  EXPECT_EQ(Steps(with("PromQL warning: vector contains a mix of histograms with exponential and "
                       "custom buckets schemas for metric name \\\"h\\\" (1:1)")),
            kRefused);
  EXPECT_EQ(Steps(with("3 more warning annotations omitted")), kRefused) << "one may be such a one";
  EXPECT_EQ(Steps(with("PromQL warning: quantile value should be between 0 and 1, got 2")), "");
  // Of one series' window: what is left out there is left out everywhere.
  EXPECT_EQ(Steps(with("PromQL warning: encountered a mix of histograms and floats for metric name "
                       "\\\"h\\\" (1:6)")),
            "");
}

TEST(MatrixDecoder, NamesTheSeriesWhoseHistogramsItCannotTake) {
  MatrixDecoder decoder(kRules, nullptr);
  const absl::Status status =
      FeedAll(decoder, Matrix(R"({"metric":{"a":"b"},"histograms":[[1,{"count":"1","sum":"2"}]]})"),
              "application/json");
  EXPECT_EQ(ReasonOf(status), "unsupported");
  EXPECT_TRUE(MessageOf(status).starts_with("series {a=\"b\"} holds native histograms: "))
      << status;
}

TEST(MatrixDecoder, KeepsOriginalTimes) {
  MatrixDecoder decoder(kRules, nullptr);
  ASSERT_TRUE(FeedAll(decoder, Matrix(R"({"metric":{"region":"x"},"values":[[1.001,"1"],[7,"2"]]},)"
                                      R"({"metric":{"a":"b"},"values":[]})"))
                  .ok());
  RawAnswer answer;
  decoder.Take(answer);
  EXPECT_EQ(ToText(answer.series), "{exported_region=\"x\", region=\"eu\"} 1@1001 2@7000\n");
}

// The general reference: simdjson over the whole body.
std::string BySimdjson(const std::string& body, const promql::Grid& grid) {
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(body);
  std::map<std::string, std::string> lines;
  for (const simdjson::dom::element series : root["data"]["result"].get_array()) {
    std::vector<std::pair<std::string, std::string>> labels = {{"region", "eu"}};
    for (const auto& [name, value] : simdjson::dom::object(series["metric"])) {
      labels.emplace_back(name, std::string(std::string_view(value)));
    }
    std::vector<double> values(grid.size(), promql::Absent());
    for (const simdjson::dom::element point : series["values"].get_array()) {
      const auto t = static_cast<int64_t>(std::llround(double(point.at(0)) * 1000));
      const std::string text(std::string_view(point.at(1)));
      values[static_cast<size_t>((t - grid.start) / grid.step)] =
          std::strtod(text.c_str(), nullptr);
    }
    const promql::Labels set = promql::Labels::From(labels);
    lines[set.ToString()] = ToText(std::vector<promql::StepSeries>{{set, values}});
  }
  std::string out;
  for (const auto& [labels, line] : lines) out += line;
  return out;
}

TEST(StepDecoder, AgreesWithSimdjson) {
  SeededRng rng(1);
  const promql::Grid grid{1'700'000'000'123, 1'700'000'000'123 + 99 * 15'500, 15'500};
  for (int round = 0; round < 50; ++round) {
    std::string series;
    for (int s = 0; s < 5; ++s) {
      if (s > 0) series += ',';
      series +=
          R"({"metric":{"__name__":"m","s":"\u00e9\n)" + std::to_string(s) + R"("},"values":[)";
      bool first = true;
      for (size_t i = 0; i < grid.size(); ++i) {
        if (rng.Next() % 8 == 0) continue;
        const double v = rng.Next() % 3 == 0 ? std::bit_cast<double>(rng.Next() & ~(1ull << 62))
                                             : static_cast<double>(rng.Next() % 1'000'000) / 100;
        series += first ? "[" : ",[";
        first = false;
        series += FormatSeconds(grid.at(i)) + ",\"" + GoJsonFloat(v) + "\"]";
      }
      series += "]}";
    }
    const std::string body = Matrix(series);
    ASSERT_EQ(Steps(body, false, grid, 1 + rng.Next() % 200), BySimdjson(body, grid));
  }
}

}  // namespace
}  // namespace synoptic::aggregator
