// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <snappy.h>

#include "base/fake_clock.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/runtime.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;

// Answers what the test put in, and keeps what it was asked.
class FakeQueryService final : public QueryService {
 public:
  Task<QueryAnswer> Query(QueryRequest request) override {
    queries.push_back(request);
    if (!query_status.ok()) co_return query_status;
    co_return query_answer;
  }
  Task<RawQueryAnswer> Raw(RawQuery query) override {
    raw_queries.push_back(query);
    if (!query_status.ok()) co_return query_status;
    co_return raw;
  }
  Task<SeriesAnswer> Series(LabelsQuery query) override {
    lists.push_back(query);
    co_return series;
  }
  Task<ListAnswer<std::string>> LabelNames(LabelsQuery query) override {
    lists.push_back(query);
    co_return names;
  }
  Task<ListAnswer<std::string>> LabelValues(std::string name, LabelsQuery query) override {
    lists.push_back(query);
    value_names.push_back(name);
    co_return names;
  }
  Task<ListAnswer<ShardDocument>> Documents(DocumentsQuery query) override {
    documents_asked.push_back(query.path + "?" + query.query);
    if (!documents_status.ok()) co_return documents_status;
    co_return documents;
  }

  QueryAnswer query_answer;
  absl::Status query_status;
  SeriesAnswer series;
  ListAnswer<std::string> names;
  ListAnswer<ShardDocument> documents;
  absl::Status documents_status;
  RawQueryAnswer raw;
  std::vector<RawQuery> raw_queries;
  std::vector<QueryRequest> queries;
  std::vector<LabelsQuery> lists;
  std::vector<std::string> value_names;
  std::vector<std::string> documents_asked;
};

class FakeServer final : public ServerView {
 public:
  BuildInfo Build() const override { return {"3.16.0", "abc", "main", "me", "today", "clang 19"}; }
  RuntimeInfo Runtime() const override {
    RuntimeInfo info;
    info.start_time_ns = 1'500'000'000;
    info.working_directory = "/w";
    info.hostname = "h";
    info.threads = 3;
    info.cores = 2;
    return info;
  }
  std::string ConfigYaml() const override { return "a: <secret>\n"; }
  std::vector<std::pair<std::string, std::string>> Flags() const override {
    return {{"config", "x.yaml"}};
  }
  std::vector<std::string> Alertmanagers() const override { return {"http://am/api/v2/alerts"}; }
  bool Ready() const override { return ready; }
  std::string MetricsText() const override { return "m 1\n"; }
  Task<> Reload() override { co_return reload_status; }
  bool ready = true;
  absl::Status reload_status;
};

class FakeRules final : public RuleView {
 public:
  std::vector<RuleGroupInfo> Groups() const override { return groups; }
  std::vector<RuleGroupInfo> groups;
};

class ApiTest : public testing::Test {
 protected:
  ApiTest() : runtime_(StartRuntime(1)) { Start({}); }
  void Start(ApiOptions options) {
    promql::Topology topology;
    topology.shards = {{"eu", "main", Labels::From({{"region", "eu"}})},
                       {"us", "main", Labels::From({{"region", "us"}})}};
    api_ = NewApi({service_, clock_, runtime_->compute(), server_, metrics_, &rules_}, topology,
                  std::move(options));
  }

  net::HttpResponse Send(std::string method, std::string target, std::string body = "",
                         net::Headers headers = {}) {
    net::HttpRequest request{method, target, headers, body};
    net::RequestContext context{request, {}, {}, {}, {}, {}};
    const size_t question = target.find('?');
    context.path = target.substr(0, question);
    net::Parameters of_body = *net::ParseForm(body);
    context.parameters = of_body;
    if (question != std::string::npos) {
      const net::Parameters of_url = *net::ParseForm(target.substr(question + 1));
      context.parameters.insert(context.parameters.end(), of_url.begin(), of_url.end());
    }
    auto response =
        BlockOn<absl::StatusOr<net::HttpResponse>>(runtime_->executor(), api_->Handle(context));
    EXPECT_TRUE(response.ok()) << response.status();
    return *std::move(response);
  }
  // "200 <body>"
  std::string Get(const std::string& target) {
    const net::HttpResponse response = Send("GET", target);
    return fmt::format("{} {}", response.status, response.plain());
  }
  std::string Post(const std::string& target, const std::string& body) {
    const net::HttpResponse response = Send("POST", target, body);
    return fmt::format("{} {}", response.status, response.plain());
  }

  FakeClock clock_{1'700'000'000'123};
  std::unique_ptr<Runtime> runtime_;
  FakeQueryService service_;
  FakeServer server_;
  FakeRules rules_;
  Metrics metrics_;
  std::shared_ptr<const Api> api_;
};

PartCoverage Missing(std::string region, std::string reason) {
  PartCoverage part;
  part.region = std::move(region);
  part.shard = "main";
  part.state = PartState::kFailed;
  part.reason = std::move(reason);
  part.detail = "HTTP <503>";
  return part;
}

promql::QueryValue Scalar(int64_t t, double v) {
  promql::QueryValue value;
  value.type = promql::ValueType::kScalar;
  value.grid = promql::Grid::Instant(t);
  value.series = {{Labels(), {v}}};
  return value;
}

promql::QueryValue Vector(int64_t t, std::vector<std::pair<Labels, double>> elements) {
  promql::QueryValue value;
  value.grid = promql::Grid::Instant(t);
  for (auto& [labels, v] : elements) value.series.push_back({labels, {v}});
  return value;
}

TEST_F(ApiTest, InstantQueryAnswersEveryTypeAsPrometheusDoes) {
  service_.query_answer.value = Scalar(4000, 2);
  EXPECT_EQ(Get("/api/v1/query?query=1%2B1&time=4"),
            R"(200 {"status":"success","data":{"resultType":"scalar","result":[4,"2"]}})");
  EXPECT_EQ(service_.queries.back().text, "1+1");
  EXPECT_EQ(service_.queries.back().grid, promql::Grid::Instant(4000));

  service_.query_answer.value =
      Vector(1'435'781'451'781, {{Labels::From({{"__name__", "up"}, {"job", "<a&\"b\"\n>"}}), 1e21},
                                 {Labels::From({{"job", "c"}}), promql::Absent()},
                                 {Labels(), -0.0000001}});
  EXPECT_EQ(Get("/api/v1/query?query=up"),
            R"(200 {"status":"success","data":{"resultType":"vector","result":[)"
            R"({"metric":{"__name__":"up","job":"<a&\"b\"\n>"},"value":[1435781451.781,"1e+21"]},)"
            R"({"metric":{},"value":[1435781451.781,"-1e-07"]}]}})");
  EXPECT_EQ(service_.queries.back().grid, promql::Grid::Instant(1'700'000'000'123));

  promql::QueryValue text;
  text.type = promql::ValueType::kString;
  text.grid = promql::Grid::Instant(1500);
  text.string = "<b>";
  service_.query_answer.value = text;
  EXPECT_EQ(
      Get("/api/v1/query?query=x"),
      R"(200 {"status":"success","data":{"resultType":"string","result":[1.5,"\u003cb\u003e"]}})");

  promql::QueryValue matrix;
  matrix.type = promql::ValueType::kMatrix;
  matrix.points.push_back({Labels::From({{"a", "b"}}), {{1500, 2000}, {1, NAN}}});
  service_.query_answer.value = matrix;
  EXPECT_EQ(Get("/api/v1/query?query=x"),
            R"(200 {"status":"success","data":{"resultType":"matrix","result":[)"
            R"({"metric":{"a":"b"},"values":[[1.500,"1"],[2,"NaN"]]}]}})");

  service_.query_answer.value = Vector(0, {});
  EXPECT_EQ(Get("/api/v1/query?query=x"),
            R"(200 {"status":"success","data":{"resultType":"vector","result":[]}})");
}

TEST_F(ApiTest, RangeQueryLeavesOutStepsWithoutSample) {
  promql::QueryValue value;
  value.type = promql::ValueType::kMatrix;
  value.grid = {-1005, 995, 1000};
  value.series = {
      {Labels::From({{"a", "b"}}), {1, promql::Absent(), INFINITY}},
      {Labels::From({{"a", "c"}}), {promql::Absent(), promql::Absent(), promql::Absent()}}};
  service_.query_answer.value = value;
  EXPECT_EQ(Get("/api/v1/query_range?query=x&start=-1.005&end=0.995&step=1"),
            R"(200 {"status":"success","data":{"resultType":"matrix","result":[)"
            R"({"metric":{"a":"b"},"values":[[-1.005,"1"],[0.995,"+Inf"]]}]}})");
  EXPECT_EQ(service_.queries.back().grid, (promql::Grid{-1005, 995, 1000}));
  EXPECT_TRUE(service_.queries.back().range_query);
}

TEST_F(ApiTest, LargeAnswersAreEncodedTheSame) {
  promql::QueryValue value;
  value.type = promql::ValueType::kMatrix;
  value.grid = {0, 4'999'000, 1000};
  value.series = {{Labels(), std::vector<double>(5000, 7)}};
  service_.query_answer.value = value;
  const std::string body = Get("/api/v1/query_range?query=x&start=0&end=4999&step=1");
  EXPECT_THAT(body, testing::StartsWith(
                        R"(200 {"status":"success","data":{"resultType":"matrix","result":[)"
                        R"({"metric":{},"values":[[0,"7"],[1,"7"],)"));
  EXPECT_THAT(body, testing::EndsWith(R"([4999,"7"]]}]}})"));
}

TEST_F(ApiTest, ParameterErrorsArePrometheusTexts) {
  const std::string range = "/api/v1/query_range?query=x";
  const struct {
    std::string target, error;
  } kCases[] = {
      {"/api/v1/query?limit=x",
       R"(invalid parameter \"limit\": strconv.Atoi: parsing \"x\": invalid syntax)"},
      {"/api/v1/query?limit=99999999999999999999",
       R"(invalid parameter \"limit\": strconv.Atoi: parsing \"99999999999999999999\": value out of range)"},
      {"/api/v1/query?limit=-1", R"(invalid parameter \"limit\": limit must be non-negative)"},
      {"/api/v1/query?time=noon",
       R"(invalid parameter \"time\": invalid time value for 'time': cannot parse \"noon\" to a valid timestamp)"},
      {"/api/v1/query?time=NaN",
       R"(invalid parameter \"time\": invalid time value for 'time': cannot parse \"NaN\" to a valid timestamp)"},
      {"/api/v1/query?timeout=x",
       R"(invalid parameter \"timeout\": cannot parse \"x\" to a valid duration)"},
      {"/api/v1/query?timeout=-1.5",
       R"(invalid parameter \"timeout\": timeout must be positive, got -1.5s)"},
      {"/api/v1/query?lookback_delta=x",
       R"(error parsing lookback delta duration: cannot parse \"x\" to a valid duration)"},
      {"/api/v1/query?partial=maybe",
       R"(invalid parameter \"partial\": expected require, degrade or policy, got \"maybe\")"},
      {"/api/v1/query?regions=eu,mars",
       R"(invalid parameter \"regions\": no region \"mars\"; expected some of eu, us)"},
      {range, R"(invalid parameter \"start\": cannot parse \"\" to a valid timestamp)"},
      {range + "&start=1", R"(invalid parameter \"end\": cannot parse \"\" to a valid timestamp)"},
      {range + "&start=2&end=1",
       R"(invalid parameter \"end\": end timestamp must not be before start time)"},
      {range + "&start=1&end=2",
       R"(invalid parameter \"step\": cannot parse \"\" to a valid duration)"},
      {range + "&start=1&end=2&step=1e20",
       R"(invalid parameter \"step\": cannot parse \"1e20\" to a valid duration. It overflows int64)"},
      {range + "&start=1&end=2&step=0",
       R"(invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a positive integer)"},
      {range + "&start=1&end=2&step=0.0001",
       R"(invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a positive integer)"},
      {range + "&start=0&end=11001&step=1",
       R"(exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX))"},
      {"/api/v1/series", "no match[] parameter provided"},
      {"/api/v1/query_exemplars?query=x&start=2&end=1",
       "end timestamp must not be before start timestamp"},
      {"/api/v1/metadata?limit=x", "limit must be a number"},
      {"/api/v1/metadata?limit_per_metric=x", "limit_per_metric must be a number"},
      {"/api/v1/rules?type=bad", R"(invalid parameter \"type\": not supported value \"bad\")"},
      {"/api/v1/rules?exclude_alerts=maybe",
       R"(invalid parameter \"exclude_alerts\": error converting exclude_alerts: strconv.ParseBool: parsing \"maybe\": invalid syntax)"},
      {"/api/v1/rules?group_next_token=x",
       R"(invalid parameter \"group_next_token\": group_limit needs to be present in order to paginate over the groups)"},
      {"/api/v1/rules?group_limit=0",
       R"(invalid parameter \"group_limit\": group_limit needs to be greater than 0)"},
      {"/api/v1/rules?group_limit=x",
       R"(invalid parameter \"group_limit\": group_limit needs to be a valid number: strconv.ParseInt: parsing \"x\": invalid syntax)"},
      {"/api/v1/rules?group_limit=1&group_next_token=x",
       R"(invalid parameter \"group_next_token\": invalid group_next_token 'x'. were rule groups changed?)"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Get(c.target),
              R"(400 {"status":"error","errorType":"bad_data","error":")" + c.error + "\"}")
        << c.target;
  }
  EXPECT_THAT(service_.queries, testing::IsEmpty());
}

TEST_F(ApiTest, ElevenThousandPointsAreAllowed) {
  EXPECT_THAT(Get("/api/v1/query_range?query=x&start=0&end=11000.9&step=1"),
              testing::StartsWith("200 "));
}

TEST_F(ApiTest, TimesAndDurationsInEverySpelling) {
  Get("/api/v1/query_range?query=x&start=2015-07-01T20:10:51.781Z&end=2015-07-01T22:10:51%2B02:00"
      "&step=1m30s");
  // The end lies before the start there; now the right way round.
  Get("/api/v1/query_range?query=x&start=2015-07-01T20:10:30.781Z&end=2015-07-01T22:10:51%2B02:00"
      "&step=1m30s");
  ASSERT_EQ(service_.queries.size(), 1);
  EXPECT_EQ(service_.queries[0].grid, (promql::Grid{1435781430781, 1435781451000, 90'000}));
  Get("/api/v1/query?query=x&time=1760000123.4567");
  EXPECT_EQ(service_.queries.back().grid.start, 1760000123457);
  Get("/api/v1/query?query=x&lookback_delta=1m");
  EXPECT_EQ(service_.queries.back().lookback_ms, 60'000);
}

TEST_F(ApiTest, ARequestThatCameThroughUsIsALoop) {
  ApiOptions options;
  options.identity = "me";
  Start(options);
  net::Headers headers;
  headers.Add("Synoptic-Via", "other,me");
  const net::HttpResponse response = Send("GET", "/api/v1/labels", "", headers);
  EXPECT_EQ(response.status, 508);
  EXPECT_THAT(response.plain(),
              testing::HasSubstr("loop: this request came through this Synoptic"));
  EXPECT_THAT(service_.lists, testing::IsEmpty());
  headers.Set("Synoptic-Via", "other");
  EXPECT_EQ(Send("GET", "/api/v1/labels", "", headers).status, 200);
  EXPECT_EQ(service_.lists.at(0).via, "other");
}

RawQueryAnswer RawOf(std::string name, int64_t t, double v) {
  RawQueryAnswer answer;
  promql::SampleColumns samples;
  samples.push_back(t, v);
  answer.series.push_back({Labels::From({{"__name__", std::move(name)}}), std::move(samples)});
  return answer;
}

std::string ReadBody(std::vector<int> types, std::string matcher = "up") {
  proto::ReadRequest request;
  for (const int type : types) {
    request.add_accepted_response_types(static_cast<proto::ReadRequest::ResponseType>(type));
  }
  proto::Query& query = *request.add_queries();
  query.set_start_timestamp_ms(1000);
  query.set_end_timestamp_ms(2000);
  proto::LabelMatcher& one = *query.add_matchers();
  one.set_type(proto::LabelMatcher::RE);
  one.set_name("job");
  one.set_value(std::move(matcher));
  std::string compressed;
  const std::string plain = request.SerializeAsString();
  snappy::Compress(plain.data(), plain.size(), &compressed);
  return compressed;
}

TEST_F(ApiTest, RemoteReadAnswersInTheFormAskedFor) {
  service_.raw = RawOf("up", 1500, 7);
  net::HttpResponse response = Send("POST", "/api/v1/read", ReadBody({}));
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(response.headers.Get("Content-Encoding"), "snappy");
  std::string plain;
  ASSERT_TRUE(snappy::Uncompress(response.body.data(), response.body.size(), &plain));
  proto::ReadResponse message;
  ASSERT_TRUE(message.ParseFromString(plain));
  EXPECT_EQ(message.results(0).timeseries(0).samples(0).value(), 7);
  const RawQuery& asked = service_.raw_queries.at(0);
  EXPECT_EQ(asked.min_t, 1000);
  EXPECT_EQ(asked.max_t, 2000);
  // No protocol for warnings: half an answer is none.
  EXPECT_EQ(asked.partial, PartialPolicy::kRequire);
  response = Send("POST", "/api/v1/read?partial=policy", ReadBody({1, 0}));
  EXPECT_EQ(response.headers.Get("Content-Type"),
            "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
  EXPECT_EQ(response.headers.Get("Synoptic-Coverage"), "complete");
  EXPECT_EQ(service_.raw_queries.at(1).partial, PartialPolicy::kByRegion);
}

TEST_F(ApiTest, RemoteReadRefusesWhatItCannotRead) {
  const auto read = [this](std::string body) {
    const net::HttpResponse response = Send("POST", "/api/v1/read", std::move(body));
    return fmt::format("{} {}", response.status, response.body);
  };
  EXPECT_EQ(read(""), "400 the body is not snappy: expected a compressed ReadRequest\n");
  EXPECT_EQ(read("\xff\xff\xff\x7f"),
            "400 snappy: decoded length 268435455 exceeds limit 4194304\n");
  EXPECT_EQ(read(ReadBody({7})),
            "400 server does not support any of the requested response types: [7]; supported: "
            "map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]\n");
  EXPECT_THAT(read(ReadBody({1}, "(")), testing::HasSubstr("400 "));
  service_.query_status = absl::UnavailableError("required regions are missing: eu (down)");
  EXPECT_EQ(read(ReadBody({1})), R"(503 {"status":"error","errorType":"unavailable",)"
                                 R"x("error":"required regions are missing: eu (down)"})x");
}

TEST_F(ApiTest, FederatesTheNewestSamples) {
  const int64_t now = clock_.WallMillis();
  service_.raw = RawOf("up", now - 1000, 7);
  service_.raw.coverage.Add(Missing("eu", "timeout"));
  const net::HttpResponse response = Send("GET", "/federate?match[]=up&match[]={job=%22a%22}");
  EXPECT_EQ(response.body,
            fmt::format("# TYPE up untyped\nup{{instance=\"\"}} 7 {}\n", now - 1000));
  EXPECT_EQ(response.headers.Get("Synoptic-Coverage"), "partial; missing=eu(timeout)");
  EXPECT_EQ(service_.raw_queries.at(0).selectors.size(), 2u);
  EXPECT_EQ(service_.raw_queries.at(0).min_t, now - 300'000);
  EXPECT_EQ(Get("/federate?match[]=up{").substr(0, 4), "400 ");
  service_.raw = RawOf("up", now, promql::StaleNaN());
  EXPECT_EQ(Get("/federate?match[]=up"), "200 ");
}

TEST_F(ApiTest, SearchAnswersLineByLine) {
  service_.names.items = {"go_goroutines", "http_requests_total", "https_up"};
  service_.names.coverage.Add(Missing("eu", "timeout"));
  const net::HttpResponse response =
      Send("GET",
           "/api/v1/search/metric_names?search[]=htp&sort_by=score&fuzz_alg=jarowinkler"
           "&fuzz_threshold=50&batch_size=1&include_score=true");
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/x-ndjson; charset=utf-8");
  const std::vector<std::string_view> lines = Split(response.body, '\n');
  ASSERT_EQ(lines.size(), 4u) << response.body;
  EXPECT_THAT(std::string(lines[0]),
              testing::StartsWith(R"({"results":[{"name":"https_up","score":0.)"));
  EXPECT_THAT(
      std::string(lines[0]),
      testing::EndsWith(R"x(],"warnings":["partial: 1 of 2 regions missing: eu (timeout)"]})x"));
  EXPECT_EQ(lines[2], R"({"status":"success","has_more":false})");
  EXPECT_EQ(Get("/api/v1/search/label_values?label=job&limit=1"),
            "200 {\"results\":[{\"value\":\"go_goroutines\"}],\"warnings\":[\"partial: 1 of 2 "
            "regions missing: eu (timeout)\"]}\n{\"status\":\"success\",\"has_more\":true}\n");
  EXPECT_EQ(service_.lists.back().limit, 2);
  service_.names = {};
  EXPECT_EQ(Get("/api/v1/search/label_names?sort_by=alpha&sort_dir=dsc"),
            "200 {\"results\":[]}\n{\"status\":\"success\",\"has_more\":false}\n");
}

TEST_F(ApiTest, SearchErrorsArePrometheusTexts) {
  const struct {
    const char* target;
    const char* error;
  } kCases[] = {
      {"label_values", R"(missing required parameter \"label\")"},
      {"label_names?start=2&end=1", "end timestamp must not be before start timestamp"},
      {"label_names?fuzz_threshold=101", R"(invalid fuzz_threshold \"101\": must be 0-100)"},
      {"label_names?fuzz_alg=x",
       R"(unsupported fuzz_alg \"x\": must be one of [subsequence jarowinkler])"},
      {"label_names?case_sensitive=maybe", R"(invalid case_sensitive \"maybe\": must be boolean)"},
      {"label_names?sort_dir=asc", "sort_dir is only valid when sort_by is set"},
      {"label_names?sort_by=score", "sort_by=score requires search[] to be set"},
      {"label_names?sort_by=x",
       R"(invalid sort_by \"x\" for label_names: must be \"alpha\" or \"score\")"},
      {"label_names?limit=0", R"(invalid limit \"0\": must be a positive integer)"},
      {"label_names?limit=10001",
       "limit 10001 exceeds the configured maximum (10000, see --web.search.max-limit)"},
      {"metric_names?include_metadata=2", R"(invalid include_metadata \"2\": must be boolean)"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(
        Get(std::string("/api/v1/search/") + c.target),
        fmt::format(R"(400 {{"status":"error","errorType":"bad_data","error":"{}"}})", c.error));
  }
  ApiOptions options;
  options.search = false;
  Start(options);
  EXPECT_EQ(Get("/api/v1/search/label_names"),
            R"(503 {"status":"error","errorType":"unavailable","error":"search API disabled"})");
}

TEST_F(ApiTest, SearchTellsWhatAMetricIs) {
  service_.names.items = {"a_total", "b"};
  service_.documents.items = {
      {"eu", "main", R"({"a_total":[{"type":"counter","help":"As.","unit":""}]})"}};
  EXPECT_EQ(Get("/api/v1/search/metric_names?include_metadata=true"),
            "200 {\"results\":[{\"name\":\"a_total\",\"type\":\"counter\",\"help\":\"As.\"},"
            "{\"name\":\"b\"}]}\n{\"status\":\"success\",\"has_more\":false}\n");
}

TEST_F(ApiTest, FeaturesSayWhatIsEnabled) {
  const std::string text = Get("/api/v1/features");
  for (const char* part : {R"("search":true)", R"("sum_over_time":true)", R"("limitk":false)",
                           R"("unless":true)", R"("fill":false)", R"("lifecycle":false)"}) {
    EXPECT_THAT(text, testing::HasSubstr(part));
  }
}

TEST_F(ApiTest, StatusCodesFollowTheTable) {
  const struct {
    absl::StatusCode code;
    std::string start;
  } kCases[] = {
      {absl::StatusCode::kInvalidArgument,
       R"(400 {"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": \u003cm\u003e"})"},
      {absl::StatusCode::kFailedPrecondition,
       R"(422 {"status":"error","errorType":"execution","error":"\u003cm\u003e"})"},
      {absl::StatusCode::kResourceExhausted, R"(422 {"status":"error","errorType":"execution")"},
      {absl::StatusCode::kUnimplemented, R"(422 {"status":"error","errorType":"execution")"},
      {absl::StatusCode::kCancelled, R"(499 {"status":"error","errorType":"canceled")"},
      {absl::StatusCode::kDeadlineExceeded, R"(503 {"status":"error","errorType":"timeout")"},
      {absl::StatusCode::kUnavailable, R"(503 {"status":"error","errorType":"unavailable")"},
      {absl::StatusCode::kNotFound, R"(404 {"status":"error","errorType":"not_found")"},
      {absl::StatusCode::kInternal, R"(500 {"status":"error","errorType":"internal")"},
  };
  for (const auto& c : kCases) {
    service_.query_status = absl::Status(c.code, "<m>");
    EXPECT_THAT(Get("/api/v1/query?query=x"), testing::StartsWith(c.start));
  }
}

TEST_F(ApiTest, PostReadsBodyAndUrlAndTheBodyWins) {
  service_.query_answer.value = Scalar(4000, 2);
  EXPECT_THAT(Post("/api/v1/query?partial=degrade&x=1&timeout=25s&query=no", "query=1%2B1&time=4"),
              testing::StartsWith("200 "));
  EXPECT_EQ(service_.queries.back().text, "1+1");
  EXPECT_EQ(service_.queries.back().partial, PartialPolicy::kDegrade);
  // Half a second is kept to answer in.
  EXPECT_EQ(service_.queries.back().deadline.Remaining(clock_), std::chrono::milliseconds(24'500));
}

TEST_F(ApiTest, DeadlinesComeFromTheServerGrafanaOrTheClient) {
  net::Headers grafana;
  grafana.Add("User-Agent", "Grafana/13.2.3 (linux; amd64) prometheus/13.2.3");
  Get("/api/v1/query?query=x");
  EXPECT_EQ(service_.queries.back().deadline.Remaining(clock_), std::chrono::seconds(120));
  Send("GET", "/api/v1/query?query=x", "", grafana);
  EXPECT_EQ(service_.queries.back().deadline.Remaining(clock_), std::chrono::seconds(25));
  Get("/api/v1/query?query=x&timeout=3s");
  EXPECT_EQ(service_.queries.back().deadline.Remaining(clock_), std::chrono::milliseconds(2700));
  Get("/api/v1/query?query=x&timeout=1h");
  EXPECT_EQ(service_.queries.back().deadline.Remaining(clock_), std::chrono::seconds(120));
}

TEST_F(ApiTest, AlertRequestsAreStrictUnlessTheyOrTheConfigurationSayOtherwise) {
  net::Headers alert;
  alert.Add("Fromalert", "true");
  Send("GET", "/api/v1/query?query=x", "", alert);
  EXPECT_EQ(service_.queries.back().partial, PartialPolicy::kRequire);
  Send("GET", "/api/v1/query?query=x&partial=degrade", "", alert);
  EXPECT_EQ(service_.queries.back().partial, PartialPolicy::kDegrade);
  ApiOptions options;
  options.alert_requests_required = false;
  Start(options);
  Send("GET", "/api/v1/query?query=x", "", alert);
  EXPECT_EQ(service_.queries.back().partial, PartialPolicy::kByRegion);
}

TEST_F(ApiTest, PartialAnswersSaySoInHeaderLastWarningAndBlock) {
  service_.query_answer.value = Scalar(0, 1);
  service_.query_answer.annotations.AddWarning("PromQL warning: a");
  service_.query_answer.annotations.AddInfo("PromQL info: i");
  service_.query_answer.upstream_warnings = {"from <eu>", "PromQL warning: a"};
  service_.query_answer.coverage.Add(Missing("us", "timeout"));
  const net::HttpResponse response = Send("GET", "/api/v1/query?query=x&limit=5");
  EXPECT_EQ(response.headers.Get("Synoptic-Coverage"), "partial; missing=us(timeout)");
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/json");
  const std::string plain =
      R"({"status":"success","data":{"resultType":"scalar","result":[0,"1"]},)"
      R"("warnings":["PromQL warning: a","from \u003ceu\u003e",)"
      R"j("partial: 1 of 2 regions missing: us (timeout)"],"infos":["PromQL info: i"])j";
  EXPECT_EQ(response.plain(), plain + "}");
  EXPECT_EQ(Get("/api/v1/query?query=x&coverage=1"),
            "200 " + plain +
                R"(,"coverage":{"complete":false,"parts":[{"region":"us","shard":"main",)"
                R"("state":"failed","reason":"timeout","detail":"HTTP \u003c503\u003e",)"
                R"("start_ms":0,"end_ms":0}]}})");
  EXPECT_THAT(
      metrics_.Expose(),
      testing::HasSubstr(R"(synoptic_query_partial_total{reason="timeout",region="us"} 2)"));
}

TEST_F(ApiTest, NoticesCanBeMutedButNeverTheRegionLine) {
  service_.query_answer.value = Scalar(0, 1);
  service_.query_answer.annotations.AddWarning("w");
  service_.query_answer.annotations.AddInfo("i");
  service_.query_answer.coverage.Add(Missing("us", "down"));
  EXPECT_THAT(
      Get("/api/v1/query?query=x&notices=warnings"),
      testing::EndsWith(R"j("warnings":["w","partial: 1 of 2 regions missing: us (down)"]})j"));
  EXPECT_THAT(Get("/api/v1/query?query=x&notices=none"),
              testing::EndsWith(R"j("warnings":["partial: 1 of 2 regions missing: us (down)"]})j"));
  EXPECT_THAT(Get("/api/v1/query?query=x&notices=some"), testing::StartsWith("400 "));
}

TEST_F(ApiTest, ManyWarningsAreCounted) {
  service_.query_answer.value = Scalar(0, 1);
  for (int i = 0; i < 13; ++i) service_.query_answer.annotations.AddWarning(fmt::format("w{}", i));
  EXPECT_THAT(Get("/api/v1/query?query=x"),
              testing::EndsWith(R"("w8","w9","3 more warning annotations omitted"]})"));
}

TEST_F(ApiTest, LimitCutsAndWarns) {
  service_.query_answer.value = Vector(0, {{Labels::From({{"a", "1"}}), 1},
                                           {Labels::From({{"a", "2"}}), 2},
                                           {Labels::From({{"a", "3"}}), 3}});
  EXPECT_EQ(Get("/api/v1/query?query=x&limit=2"),
            R"(200 {"status":"success","data":{"resultType":"vector","result":[)"
            R"({"metric":{"a":"1"},"value":[0,"1"]},{"metric":{"a":"2"},"value":[0,"2"]}]},)"
            R"("warnings":["results truncated due to limit"]})");
  EXPECT_EQ(service_.queries.back().limit, 3);
  EXPECT_THAT(Get("/api/v1/query?query=x&limit=3"), testing::Not(testing::HasSubstr("truncated")));
}

TEST_F(ApiTest, StatsAndThresholds) {
  service_.query_answer.value = Scalar(0, 1);
  service_.query_answer.stats = {42, 7};
  EXPECT_THAT(Get("/api/v1/query?query=x"), testing::Not(testing::HasSubstr("stats")));
  EXPECT_THAT(Get("/api/v1/query?query=x&stats=all"),
              testing::HasSubstr(
                  R"("samples":{"totalQueryableSamples":42,"samplesRead":42,"peakSamples":7}}}})"));
  EXPECT_THAT(Get("/api/v1/query?query=x&stats=yes"),
              testing::HasSubstr(R"(value \"yes\" for parameter \"stats\" is deprecated)"));
  EXPECT_THAT(Get("/api/v1/query?query=x&max_samples_processed_warning_threshold=41"),
              testing::HasSubstr("query processed 42 samples"));
  EXPECT_THAT(Get("/api/v1/query?query=x&max_samples_processed_error_threshold=41"),
              testing::StartsWith(R"(422 {"status":"error","errorType":"execution")"));
}

TEST_F(ApiTest, ExplainIsATopLevelMember) {
  service_.query_answer.value = Scalar(0, 1);
  service_.query_answer.explain = "plan\n";
  EXPECT_THAT(Get("/api/v1/query?query=x&explain=1"), testing::EndsWith(R"(,"explain":"plan\n"})"));
  EXPECT_TRUE(service_.queries.back().explain);
}

TEST_F(ApiTest, LabelListsAreCutSortedListsAndNeverNull) {
  EXPECT_EQ(Get("/api/v1/labels"), R"(200 {"status":"success","data":[]})");
  service_.names.items = {"a", "b<", "c"};
  EXPECT_EQ(Get("/api/v1/labels?limit=2&start=1&end=2"),
            R"(200 {"status":"success","data":["a","b\u003c"],)"
            R"("warnings":["results truncated due to limit"]})");
  EXPECT_EQ(service_.lists.back().limit, 3);
  EXPECT_EQ(service_.lists.back().min_t, 1000);
  EXPECT_EQ(service_.lists.back().max_t, 2000);
  EXPECT_EQ(Post("/api/v1/labels", "limit=3"),
            R"(200 {"status":"success","data":["a","b\u003c","c"]})");
}

TEST_F(ApiTest, LabelValuesTakesEscapedNames) {
  service_.names.items = {"v"};
  EXPECT_EQ(Get("/api/v1/label/U__http_2e_status__code/values"),
            R"(200 {"status":"success","data":["v"]})");
  EXPECT_EQ(service_.value_names.back(), "http.status_code");
  Get("/api/v1/label/job/values");
  EXPECT_EQ(service_.value_names.back(), "job");
  EXPECT_THAT(Post("/api/v1/label/job/values", ""), testing::StartsWith("405 "));
}

TEST_F(ApiTest, MetadataIsMergedSortedAndSurvivesADarkRegion) {
  service_.documents.items = {
      {"eu", "main", R"({"b":[{"type":"counter","help":"B","unit":""}],"none":[]})"},
      {"us", "main",
       R"({"a":[{"type":"gauge","help":"A","unit":"s"}],"b":[{"type":"counter","help":"B","unit":""}]})"}};
  const std::string all = R"("data":{"a":[{"type":"gauge","unit":"s","help":"A"}],)"
                          R"("b":[{"type":"counter","unit":"","help":"B"}]})";
  EXPECT_EQ(Get("/api/v1/metadata"), R"(200 {"status":"success",)" + all + "}");
  EXPECT_EQ(Get("/api/v1/metadata?limit=1"),
            R"(200 {"status":"success","data":{"a":[{"type":"gauge","unit":"s","help":"A"}]}})");
  EXPECT_EQ(Get("/api/v1/metadata?limit=0"), R"(200 {"status":"success","data":{}})");
  service_.documents.items.pop_back();
  service_.documents.coverage.Add(Missing("us", "down"));
  clock_.AdvanceMillis(30'000);
  EXPECT_EQ(Get("/api/v1/metadata"),
            R"(200 {"status":"success",)" + all +
                R"(,"warnings":["metadata of region \"us\" shard \"main\" is 30 s old",)"
                R"j("partial: 1 of 2 regions missing: us (down)"]})j");
}

RuleGroupInfo OwnGroup() {
  AlertInfo alert;
  alert.labels = Labels::From({{"alertname", "Lag"}, {"tier", "global"}});
  alert.annotations = {{"runbook", ""}, {"summary", "<x>"}};
  alert.state = "firing";
  alert.active_at_ns = 1'700'000'000'500'000'000;
  alert.value = FormatAlertValue(1);
  RuleInfo rule;
  rule.name = "Lag";
  rule.query = "lag > 60";
  rule.state = "firing";
  rule.duration_s = 300;
  rule.labels = {{"team", ""}, {"tier", "global"}};
  rule.alerts = {alert};
  rule.health = "ok";
  rule.evaluation_s = 0.0005;
  rule.last_evaluation_ns = 1'700'000'000'000'000'000;
  RuleInfo recording;
  recording.alerting = false;
  recording.name = "job:x";
  recording.query = "sum(x)";
  recording.health = "err";
  recording.last_error = "no <x>";
  return {"lag", "rules/lag.yaml", 15, 0, 0.001, kNever, {rule, recording}};
}

constexpr char kOwnAlert[] =
    R"({"labels":{"alertname":"Lag","tier":"global"},"annotations":{"runbook":"","summary":"<x>"},)"
    R"("state":"firing","activeAt":"2023-11-14T22:13:20.5Z","value":"1e+00"})";

TEST_F(ApiTest, RulesAreMergedWithTheRegionsOwn) {
  rules_.groups = {OwnGroup()};
  service_.documents.items = {
      {"eu", "main",
       R"({"groups":[{"name":"g","file":"/etc/r.yml","rules":[{"state":"held","name":"Up","query":"up == 0",)"
       R"("duration":60,"keepFiringFor":0,"labels":{"severity":"page","region":"mars","team":""},)"
       R"("annotations":{"summary":""},)"
       R"("alerts":[{"labels":{"alertname":"Up"},"annotations":{},"state":"firing",)"
       R"("activeAt":"2023-11-14T22:13:20.123456789Z","value":"0e+00"}],"health":"ok",)"
       R"("evaluationTime":0.1,"lastEvaluation":"2023-11-14T23:13:20+01:00","type":"alerting"}],)"
       R"("interval":15,"limit":0,"evaluationTime":0.2,"lastEvaluation":"0001-01-01T00:00:00Z"}]})"}};
  const std::string eu_group =
      R"({"name":"g","file":"eu/main//etc/r.yml","rules":[{"state":"unknown","name":"Up",)"
      R"("query":"up == 0","duration":60,"keepFiringFor":0,)"
      R"("labels":{"exported_region":"mars","region":"eu","severity":"page","team":""},)"
      R"("annotations":{"summary":""},)"
      R"("alerts":[{"labels":{"alertname":"Up","region":"eu"},"annotations":{},"state":"firing",)"
      R"("activeAt":"2023-11-14T22:13:20.123456789Z","value":"0e+00"}],"health":"ok",)"
      R"("evaluationTime":0.1,"lastEvaluation":"2023-11-14T22:13:20Z","type":"alerting"}],)"
      R"("interval":15,"limit":0,"evaluationTime":0.2,"lastEvaluation":"0001-01-01T00:00:00Z"})";
  const std::string own_rule =
      R"({"state":"firing","name":"Lag","query":"lag \u003e 60","duration":300,"keepFiringFor":0,)"
      R"("labels":{"team":"","tier":"global"},"annotations":{},"alerts":[)" +
      std::string(kOwnAlert) +
      R"(],"health":"ok","evaluationTime":0.0005,"lastEvaluation":"2023-11-14T22:13:20Z",)"
      R"("type":"alerting"})";
  const std::string own_group =
      R"({"name":"lag","file":"rules/lag.yaml","rules":[)" + own_rule +
      R"j(,{"name":"job:x","query":"sum(x)","labels":{},"health":"err","lastError":"no \u003cx\u003e",)j"
      R"("evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z","type":"recording"}],)"
      R"("interval":15,"limit":0,"evaluationTime":0.001,"lastEvaluation":"0001-01-01T00:00:00Z"})";
  EXPECT_EQ(Get("/api/v1/rules"),
            R"(200 {"status":"success","data":{"groups":[)" + eu_group + "," + own_group + "]}}");
  EXPECT_EQ(Get("/api/v1/rules?file=F&file[]=rules/lag.yaml&rule_group=G&rule_group[]=lag"),
            R"(200 {"status":"success","data":{"groups":[)" + own_group + "]}}");
  EXPECT_THAT(Get("/api/v1/rules?type=record"), testing::Not(testing::HasSubstr("alerting")));
  EXPECT_THAT(Get("/api/v1/rules?exclude_alerts=true"), testing::HasSubstr(R"("alerts":null)"));

  const std::string first = Get("/api/v1/rules?group_limit=1");
  EXPECT_THAT(first, testing::HasSubstr(eu_group));
  const size_t at = first.find(R"("groupNextToken":")");
  ASSERT_NE(at, std::string::npos);
  const std::string token = first.substr(at + 18, 64);
  EXPECT_EQ(Get("/api/v1/rules?group_limit=1&group_next_token=" + token),
            R"(200 {"status":"success","data":{"groups":[)" + own_group + "]}}");
}

TEST_F(ApiTest, UpstreamDocumentsOfAnyShapeAreHarmless) {
  const char* const kDocuments[] = {
      "",
      "null",
      "[]",
      "{}",
      "7",
      "{\"groups\":null,\"alerts\":7,\"activeTargets\":{}}",
      R"({"groups":[{"rules":[{"type":"recording","name":"r"},{},7]},{"rules":null},7]})",
      R"({"alerts":[{},7,{"labels":{"a":7},"activeAt":"x"}],"activeTargets":[7,{}]})",
      R"([{},7,{"seriesLabels":{"__name__":"up"},"exemplars":7}])",
      R"({"up":[{},7],"x":7,"y":[]})",
      "{\"groups\":"};
  for (const char* data : kDocuments) {
    service_.documents.items = {{"eu", "main", data}};
    for (const char* path :
         {"rules", "alerts", "targets", "metadata", "query_exemplars?query=up"}) {
      EXPECT_THAT(Get(std::string("/api/v1/") + path),
                  testing::StartsWith(R"(200 {"status":"success","data":)"))
          << path << " " << data;
    }
  }
}

TEST_F(ApiTest, ExemplarsAreAskedWithoutTopologyLabelsAndHeldAgainstThem) {
  service_.documents.items = {
      {"eu", "main",
       R"([{"seriesLabels":{"__name__":"a","x":"1"},"exemplars":[{"labels":{"trace_id":"t"},)"
       R"("value":"0.5","timestamp":1600000000.5,"extra":1}]}])"},
      {"us", "main",
       R"([{"seriesLabels":{"__name__":"a","x":"1"},"exemplars":[{"labels":{},"value":"1",)"
       R"("timestamp":2}]}])"}};
  EXPECT_EQ(
      Get("/api/v1/query_exemplars?query=rate(a%7Bregion%3D%22eu%22%7D%5B1m%5D)&start=1&end=2"),
      R"(200 {"status":"success","data":[{"seriesLabels":{"__name__":"a","region":"eu","x":"1"},)"
      R"("exemplars":[{"labels":{"trace_id":"t"},"value":"0.5","timestamp":1600000000.500}]}]})");
  EXPECT_THAT(service_.documents_asked.back(), testing::Not(testing::HasSubstr("region")));
  EXPECT_THAT(service_.documents_asked.back(), testing::EndsWith("&start=1&end=2"));
  // Grafana's probe on load, in milliseconds: answered without asking anybody.
  service_.documents_asked.clear();
  EXPECT_EQ(Get("/api/v1/query_exemplars?query=test&start=1759998323456&end=1760000123456"),
            R"(200 {"status":"success","data":[]})");
  EXPECT_THAT(service_.documents_asked, testing::IsEmpty());
  EXPECT_EQ(Get("/api/v1/query_exemplars?query=1"), "204 ");
}

TEST_F(ApiTest, AlertsAreMergedWithRegionLabels) {
  rules_.groups = {OwnGroup()};
  service_.documents.items = {
      {"us", "main",
       R"({"alerts":[{"labels":{"alertname":"A"},"annotations":{},"state":"pending",)"
       R"("activeAt":"2023-11-14T22:13:20Z","value":"1e+00"}]})"}};
  EXPECT_EQ(Get("/api/v1/alerts"),
            R"(200 {"status":"success","data":{"alerts":[)"
            R"({"labels":{"alertname":"A","region":"us"},"annotations":{},"state":"pending",)"
            R"("activeAt":"2023-11-14T22:13:20Z","value":"1e+00"},)" +
                std::string(kOwnAlert) + "]}}");
}

TEST_F(ApiTest, OwnAlertsAreShownWithEveryRegionDark) {
  rules_.groups = {OwnGroup()};
  service_.documents_status = absl::UnavailableError("no region answered");
  EXPECT_EQ(Get("/api/v1/alerts"),
            R"(200 {"status":"success","data":{"alerts":[)" + std::string(kOwnAlert) +
                R"j(]},"warnings":["partial: 2 of 2 regions missing: eu (down), us (down)"]})j");
  EXPECT_THAT(Get("/api/v1/rules"), testing::HasSubstr(R"("name":"lag")"));
  EXPECT_THAT(Get("/api/v1/metadata"), testing::StartsWith(R"(200 {"status":"success","data":{})"));
  EXPECT_THAT(Get("/api/v1/targets"), testing::StartsWith("503 "));
}

TEST_F(ApiTest, TargetsCarryTheRegion) {
  service_.documents.items = {
      {"eu", "main",
       R"({"activeTargets":[{"labels":{"job":"j"},"health":"up","lastScrapeDuration":0.5}],)"
       R"("droppedTargets":[],"droppedTargetCounts":{"j":2}})"}};
  EXPECT_EQ(
      Get("/api/v1/targets?state=active"),
      R"(200 {"status":"success","data":{"activeTargets":[{"labels":{"job":"j","region":"eu"},)"
      R"("health":"up","lastScrapeDuration":0.5}],"droppedTargets":[],)"
      R"("droppedTargetCounts":{"j":2}}})");
  EXPECT_EQ(service_.documents_asked.back(), "targets?state=active");
}

TEST_F(ApiTest, StatusEndpoints) {
  EXPECT_EQ(
      Get("/api/v1/status/buildinfo"),
      R"(200 {"status":"success","data":{"version":"3.16.0","revision":"abc","branch":"main",)"
      R"("buildUser":"me","buildDate":"today","goVersion":"clang 19"}})");
  EXPECT_EQ(Get("/api/v1/status/config"),
            R"(200 {"status":"success","data":{"yaml":"a: \u003csecret\u003e\n"}})");
  EXPECT_EQ(Get("/api/v1/status/flags"), R"(200 {"status":"success","data":{"config":"x.yaml"}})");
  EXPECT_EQ(
      Get("/api/v1/alertmanagers"),
      R"(200 {"status":"success","data":{"activeAlertmanagers":[{"url":"http://am/api/v2/alerts"}],)"
      R"("droppedAlertmanagers":[]}})");
  EXPECT_THAT(Get("/api/v1/status/runtimeinfo"),
              testing::HasSubstr(R"("startTime":"1970-01-01T00:00:01.5Z","CWD":"/w")"));
  EXPECT_THAT(Post("/api/v1/status/buildinfo", ""), testing::StartsWith("405 "));
}

TEST_F(ApiTest, LifecycleAndUnknownPaths) {
  EXPECT_EQ(Get("/-/healthy"), "200 Synoptic Server is Healthy.\n");
  EXPECT_EQ(Get("/-/ready"), "200 Synoptic Server is Ready.\n");
  server_.ready = false;
  EXPECT_EQ(Get("/-/ready"), "503 Service Unavailable");
  EXPECT_EQ(Get("/metrics"), "200 m 1\n");
  EXPECT_EQ(Get("/-/reload"), "405 Only POST or PUT requests allowed");
  EXPECT_EQ(Post("/-/reload", ""), "403 Lifecycle API is not enabled.");
  ApiOptions options;
  options.lifecycle = true;
  Start(options);
  EXPECT_EQ(Post("/-/reload", ""), "200 ");
  server_.reload_status = absl::InvalidArgumentError("f.yaml:1:1: no");
  EXPECT_EQ(Post("/-/reload", ""), "500 failed to reload config: f.yaml:1:1: no\n");
  net::Headers foreign;
  foreign.Add("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(Send("POST", "/-/reload", "", foreign).status, 403);
  for (const char* path : {"/api/v1/nothing", "/api/v2/status", "/alertmanager/api/v2/status",
                           "/config/v1/rules", "/rules", "/api/v1/query/"}) {
    EXPECT_EQ(Get(path), "404 404 page not found\n") << path;
  }
  EXPECT_THAT(Post("/api/v1/write", ""),
              testing::StartsWith("404 remote write receiver needs to be enabled"));
}

TEST_F(ApiTest, RoutePrefixIsOptional) {
  ApiOptions options;
  options.route_prefix = "/prom";
  Start(options);
  EXPECT_THAT(Get("/prom/api/v1/labels"), testing::StartsWith("200 "));
  EXPECT_THAT(Get("/api/v1/labels"), testing::StartsWith("200 "));
  EXPECT_THAT(Get("/promx/api/v1/labels"), testing::StartsWith("404 "));
}

TEST_F(ApiTest, CorsIsOffUnlessAsked) {
  net::Headers origin;
  origin.Add("Origin", "https://good.example");
  EXPECT_FALSE(Send("GET", "/api/v1/labels", "", origin)
                   .headers.Get("Access-Control-Allow-Origin")
                   .has_value());
  ApiOptions options;
  options.cors_origin = "https://good\\.example";
  Start(options);
  EXPECT_EQ(Send("GET", "/api/v1/labels", "", origin).headers.Get("Access-Control-Allow-Origin"),
            "https://good.example");
  EXPECT_EQ(Send("OPTIONS", "/api/v1/query", "", origin).status, 204);
  net::Headers bad;
  bad.Add("Origin", "https://good.example.evil");
  EXPECT_FALSE(Send("GET", "/api/v1/labels", "", bad)
                   .headers.Get("Access-Control-Allow-Origin")
                   .has_value());
}

TEST_F(ApiTest, FormatsAndParsesQueries) {
  EXPECT_EQ(Get("/api/v1/format_query?query=sum(a%3E1)by(b)"),
            R"x(200 {"status":"success","data":"sum by (b) (a \u003e 1)"})x");
  EXPECT_EQ(
      Post("/api/v1/parse_query", "query=-a"),
      R"(200 {"status":"success","data":{"expr":{"anchored":false,"matchers":[)"
      R"({"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,)"
      R"("startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"op":"-",)"
      R"("type":"unaryExpr"}})");
  EXPECT_EQ(Get("/api/v1/parse_query?query=a%2B"),
            R"(400 {"status":"error","errorType":"bad_data","error":"invalid parameter )"
            R"(\"query\": 1:3: parse error: unexpected end of input"})");
}

TEST_F(ApiTest, KnowsTheLanguageItWasGiven) {
  ApiOptions options;
  options.language.extended_range_selectors = false;
  Start(options);
  EXPECT_NE(Get("/api/v1/format_query?query=mad_over_time(x[5m])")
                .find(R"(function \"mad_over_time\" is not enabled)"),
            std::string::npos);
  EXPECT_NE(Get("/api/v1/format_query?query=rate(x[5m]+anchored)")
                .find("anchored modifier is experimental and not enabled"),
            std::string::npos);
  options.language.experimental_functions = true;
  options.language.extended_range_selectors = true;
  Start(options);
  EXPECT_EQ(Get("/api/v1/format_query?query=mad_over_time(x[5m]+smoothed)"),
            R"x(200 {"status":"success","data":"mad_over_time(x[5m] smoothed)"})x");
}

TEST_F(ApiTest, AnAnswerIsMadeOnceForThoseWhoAskTheSame) {
  const std::string target = "/api/v1/query_range?query=x&start=0&end=100&step=10";
  const std::string first = Get(target);
  EXPECT_EQ(Get(target), first);
  EXPECT_EQ(Post("/api/v1/query_range", "step=10&query=x&start=0&end=100"), first)
      << "neither the method nor the order of parameters matters";
  EXPECT_EQ(service_.queries.size(), 1u);
  // Whatever may change the answer is asked for anew.
  for (const char* more : {"&limit=1", "&lookback_delta=1s", "&stats=all", "&nocache=1",
                           "&explain=1", "&partial=require", "&timeout=1s", "&regions=eu"}) {
    service_.queries.clear();
    Get(target + more);
    EXPECT_EQ(service_.queries.size(), 1u) << more;
  }
  service_.queries.clear();
  Get(target + "&nocache=1");
  EXPECT_EQ(service_.queries.size(), 1u) << "nocache=1 is never answered from memory";
  EXPECT_TRUE(service_.queries[0].nocache);
}

TEST_F(ApiTest, APartialAnswerIsMadeAnew) {
  service_.query_answer.coverage.Add(Missing("eu", "timeout"));
  const std::string target = "/api/v1/query_range?query=x&start=0&end=100&step=10";
  Get(target);
  Get(target);
  EXPECT_EQ(service_.queries.size(), 2u);
}

TEST_F(ApiTest, WithoutACacheThereIsNothingToDrop) {
  EXPECT_THAT(Get("/api/v1/synoptic/cache"), testing::HasSubstr(R"("answers":{"bytes":0)"));
  EXPECT_EQ(Send("DELETE", "/api/v1/synoptic/cache").status, 422);
}

}  // namespace
}  // namespace synoptic::aggregator
