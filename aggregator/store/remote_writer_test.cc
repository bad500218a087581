// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/remote_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <snappy.h>

#include "aggregator/store/testing.h"
#include "base/status.h"
#include "net/async/task_group.h"
#include "net/async/testing.h"
#include "net/async/timer.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kStart = 1'700'000'000'000;

// Takes what it is sent, unless told otherwise.
class Endpoint final : public net::HttpClient {
 public:
  Task<> Send(const net::Origin&, net::HttpRequest request, const net::ResponseLimits&, Deadline,
              net::BodySink& sink) override {
    ++requests;
    headers = request.headers;
    std::string plain;
    EXPECT_TRUE(snappy::Uncompress(request.body.data(), request.body.size(), &plain));
    proto::WriteRequest message;
    EXPECT_TRUE(message.ParseFromString(plain));
    int status = 204;
    if (!statuses.empty()) {
      status = statuses.front();
      statuses.erase(statuses.begin());
    }
    if (status == 0) co_return absl::UnavailableError("connection refused");
    std::vector<std::string> now;
    for (const proto::TimeSeries& series : message.timeseries()) {
      std::string line;
      for (const proto::Label& label : series.labels()) {
        absl::StrAppend(&line, label.name(), "=", label.value(), " ");
      }
      for (const proto::Sample& sample : series.samples()) {
        if (sample.value() == poison) status = 400;
        absl::StrAppend(&line,
                        promql::IsStaleNaN(sample.value()) ? "stale" : absl::StrCat(sample.value()),
                        "@", sample.timestamp() - kStart, " ");
      }
      for (const proto::Histogram& histogram : series.histograms()) {
        absl::StrAppend(&line, "h", histogram.count_float(), "@", histogram.timestamp() - kStart,
                        " ");
      }
      now.push_back(line.substr(0, line.size() - 1));
    }
    if (status / 100 == 2) taken.insert(taken.end(), now.begin(), now.end());
    co_return sink.OnHead(status, net::Headers());
  }

  std::vector<int> statuses;  // of the next answers; 0: none comes
  double poison = -1;         // a batch with this value is refused
  int requests = 0;
  net::Headers headers;
  std::vector<std::string> taken;  // one line a series and request
};

class RemoteWriterTest : public ::testing::Test {
 protected:
  RemoteWriterTest() {
    store_options_.path = directory_.path();
    store_ = SeriesStore::Open(store_options_, kStart).value();
    options_.name = "far";
    options_.target = "/api/v1/write";
    options_.batch_deadline = options_.min_backoff = std::chrono::milliseconds(1);
    options_.max_backoff = std::chrono::milliseconds(4);
  }
  ~RemoteWriterTest() override { Stop(); }

  void Start() {
    writer_ = std::make_shared<RemoteWriter>(options_, store_, endpoint_, pool_, clock_, 1);
    task_ = tasks_->Spawn(loop_.executor(), "writer", Run(writer_));
  }
  void Stop() {
    if (tasks_ == nullptr) return;
    EXPECT_TRUE(
        loop_.Run(tasks_->Stop(clock_, Deadline::After(clock_, std::chrono::seconds(5)))).ok());
    tasks_ = std::make_unique<TaskGroup>();
    writer_.reset();
  }
  static Task<> Run(std::shared_ptr<RemoteWriter> writer) { co_return co_await writer->Run(); }
  Task<> Wait() {
    while (!writer_->CaughtUp()) {
      CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(1)));
    }
    co_return absl::OkStatus();
  }
  void CatchUp() { ASSERT_TRUE(loop_.Run(Wait()).ok()); }
  void Append(int64_t t, double value, const std::string& name = "x") {
    const NewSample sample{promql::Labels::From({{"__name__", name}}), value};
    ASSERT_TRUE(store_->Append(kStart + t, {&sample, 1}).ok());
  }

  const ScratchDirectory directory_;
  SeriesStoreOptions store_options_;
  std::shared_ptr<SeriesStore> store_;
  RemoteWriteOptions options_;
  SystemClock clock_;
  AsyncTest loop_;
  ComputePool pool_{1};
  Endpoint endpoint_;
  std::unique_ptr<TaskGroup> tasks_ = std::make_unique<TaskGroup>();
  std::shared_ptr<RemoteWriter> writer_;
  TaskHandle task_;
};

TEST_F(RemoteWriterTest, SendsWhatComesWithExternalLabelsAndHeaders) {
  options_.external_labels = promql::Labels::From({{"observer", "g1"}, {"job", "ours"}});
  options_.headers.Set("Authorization", "Bearer t");
  Append(0, 1);  // before the endpoint was known
  Start();
  Append(15'000, 2);
  Append(15'000, 3, "y");
  Append(30'000, promql::StaleNaN());
  CatchUp();
  std::string all;
  for (const std::string& line : endpoint_.taken) all += line + "\n";
  EXPECT_THAT(all, HasSubstr("__name__=x job=ours observer=g1 2@15000"));
  EXPECT_THAT(all, HasSubstr("__name__=y job=ours observer=g1 3@15000"));
  EXPECT_THAT(all, HasSubstr("stale@30000"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("1@0")));
  EXPECT_EQ(endpoint_.headers.Get("Content-Encoding"), "snappy");
  EXPECT_EQ(endpoint_.headers.Get("X-Prometheus-Remote-Write-Version"), "0.1.0");
  EXPECT_EQ(endpoint_.headers.Get("Authorization"), "Bearer t");
  EXPECT_EQ(writer_->stats().sent, 3);
}

TEST_F(RemoteWriterTest, RelabelsWithExternalLabelsAndLeavesOutWhatIsDropped) {
  options_.external_labels = promql::Labels::From({{"observer", "g1"}, {"secret", "s"}});
  options_.relabeller =
      *NewRelabeller({{.action = RelabelAction::kDrop, .source_labels = {"__name__"}, .regex = "y"},
                      {.source_labels = {"__name__", "observer"}, .target_label = "both"},
                      {.action = RelabelAction::kLabelDrop, .regex = "secret"}});
  Start();
  Append(15'000, 2);
  Append(15'000, 3, "y");
  CatchUp();
  EXPECT_EQ(endpoint_.taken, std::vector<std::string>{"__name__=x both=x;g1 observer=g1 2@15000"});
  EXPECT_EQ(writer_->stats().sent, 1);
  EXPECT_EQ(writer_->stats().left_out, 1);
}

TEST_F(RemoteWriterTest, GoesOnAfterAnOutageWithNothingMissingAndInOrder) {
  endpoint_.statuses = {0, 503, 500, 429, 401};
  Start();
  for (int i = 0; i < 20; ++i) Append(i * 1000, i);
  CatchUp();
  std::string all;
  for (const std::string& line : endpoint_.taken) all += line.substr(line.find(' ') + 1) + " ";
  std::string expected;
  for (int i = 0; i < 20; ++i) absl::StrAppend(&expected, i, "@", i * 1000, " ");
  EXPECT_EQ(all, expected);
  EXPECT_EQ(writer_->stats().retries, 5);
  EXPECT_EQ(writer_->stats().dropped, 0);
}

TEST_F(RemoteWriterTest, WhatCameWhileItDidNotRunIsSentByTheNext) {
  Start();
  Append(0, 1);
  CatchUp();
  Stop();
  Append(1000, 2);
  store_.reset();
  store_ = SeriesStore::Open(store_options_, kStart).value();
  Start();
  ASSERT_TRUE(store_->Maintain(kStart + 3'600'000).ok());
  CatchUp();
  EXPECT_THAT(endpoint_.taken, ElementsAre("__name__=x 1@0", "__name__=x 2@1000"));
}

TEST_F(RemoteWriterTest, WhatIsNoLongerThereIsCountedAndDoesNotStopIt) {
  Start();
  Append(0, 1);
  CatchUp();
  Stop();
  Append(1000, 2);
  ASSERT_TRUE(store_->Maintain(kStart + 3'600'000).ok());  // nobody holds the log
  Start();
  Append(2000, 3);
  CatchUp();
  EXPECT_THAT(endpoint_.taken, ElementsAre("__name__=x 1@0", "__name__=x 3@2000"));
  EXPECT_EQ(writer_->stats().lost, 1);
}

TEST_F(RemoteWriterTest, OneSampleAtFaultDoesNotTakeOthersWithIt) {
  endpoint_.poison = 13;
  Start();
  std::vector<NewSample> samples;
  for (int i = 0; i < 50; ++i) {
    samples.push_back({promql::Labels::From({{"__name__", "x"}, {"i", std::to_string(i)}}),
                       static_cast<double>(i)});
  }
  ASSERT_TRUE(store_->Append(kStart, samples).ok());
  CatchUp();
  EXPECT_EQ(endpoint_.taken.size(), 49u);
  EXPECT_EQ(writer_->stats().dropped, 1);
  EXPECT_EQ(writer_->stats().sent, 49);
  EXPECT_THAT(writer_->stats().last_error, HasSubstr("HTTP 400"));
}

TEST_F(RemoteWriterTest, BatchesAreNoLargerThanAsked) {
  options_.max_samples_per_send = 10;
  Start();
  std::vector<NewSample> samples;
  for (int i = 0; i < 95; ++i) {
    samples.push_back({promql::Labels::From({{"__name__", "x"}, {"i", std::to_string(i)}}), 1});
  }
  ASSERT_TRUE(store_->Append(kStart, samples).ok());
  CatchUp();
  EXPECT_EQ(endpoint_.requests, 10);
  EXPECT_EQ(endpoint_.taken.size(), 95u);
}

TEST_F(RemoteWriterTest, HistogramsGoAsHistograms) {
  Start();
  promql::FloatHistogram h;
  h.count = 3;
  h.sum = 4;
  h.positive_spans = {{0, 1}};
  h.positive_buckets = {3};
  const NewSample sample{promql::Labels::From({{"__name__", "h"}}), 0,
                         std::make_shared<promql::FloatHistogram>(h)};
  ASSERT_TRUE(store_->Append(kStart, {&sample, 1}).ok());
  CatchUp();
  EXPECT_THAT(endpoint_.taken, ElementsAre("__name__=h h3@0"));
}

}  // namespace
}  // namespace synoptic::aggregator
