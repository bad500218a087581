// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The store against a plain map: random appends, gaps filled, upkeep, restarts and deaths; and a
// writer that is killed again and again.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "aggregator/store/series_store.h"
#include "aggregator/store/testing.h"

namespace synoptic::aggregator {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kStart = 1'700'000'000'000;

class ModelTest : public ::testing::TestWithParam<int> {
 protected:
  ModelTest() : random_(static_cast<unsigned>(GetParam())) {
    options_.path = directory_.path("0");
    options_.write_buffer_bytes = 256 << 10;
  }
  uint64_t Below(uint64_t n) { return random_() % n; }

  void Open() {
    store_.reset();
    auto opened = SeriesStore::Open(options_, now_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
    ASSERT_EQ(store_->damage(), "");
  }
  std::map<std::string, uintmax_t> Files() const {
    std::map<std::string, uintmax_t> sizes;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(options_.path)) {
      sizes[entry.path().filename()] = entry.file_size(gone);
    }
    return sizes;
  }
  // What a process that is killed here leaves behind.
  void Die() {
    const std::string next = directory_.path(std::to_string(++deaths_));
    // Nothing may change while it is copied: a death takes no time.
    for (std::map<std::string, uintmax_t> before; before.empty() || before != Files();) {
      fs::remove_all(next);
      before = Files();
      std::error_code changed;
      fs::copy(options_.path, next, fs::copy_options::recursive, changed);
    }
    store_.reset();
    fs::remove_all(options_.path);
    options_.path = next;
    Open();
  }
  promql::Labels AnySeries() {
    return promql::Labels::From(
        {{"__name__", "m" + std::to_string(Below(3))}, {"i", std::to_string(Below(8))}});
  }
  void Append() {
    // Now and then far ahead: over a day's end.
    now_ += Below(50) == 0 ? 7 * 3'600'000 : static_cast<int64_t>(Below(20'000));
    const int64_t t = now_ - (Below(10) == 0 ? static_cast<int64_t>(Below(60'000)) : 0);
    std::map<promql::Labels, double> samples;
    for (uint64_t i = 1 + Below(12); i > 0; --i) {
      samples[AnySeries()] = Below(20) == 0 ? promql::StaleNaN() : static_cast<double>(Below(1000));
    }
    std::vector<NewSample> news;
    for (const auto& [labels, value] : samples) {
      news.push_back({labels, value});
      auto& series = model_[labels];
      if (series.empty() || series.rbegin()->first < t) series[t] = value;
    }
    (void)store_->Append(t, news);
  }
  void Insert() {
    std::vector<LoggedSample> news;
    for (uint64_t i = 1 + Below(20); i > 0; --i) {
      news.push_back({AnySeries(), now_ - static_cast<int64_t>(Below(40 * 3'600'000)),
                      static_cast<double>(Below(1000))});
    }
    for (const LoggedSample& sample : news) {
      model_[sample.labels].try_emplace(sample.t, sample.value);
    }
    ASSERT_TRUE(store_->Insert(news).ok());
  }
  void Compare() {
    const int64_t from = now_ - static_cast<int64_t>(Below(100 * 3'600'000));
    const int64_t until = Below(2) == 0 ? now_ : from + static_cast<int64_t>(Below(50 * 3'600'000));
    const std::string name = "m" + std::to_string(Below(3));
    std::vector<std::string> expected;
    for (const auto& [labels, samples] : model_) {
      if (labels.Get("__name__") != name) continue;
      std::string line = labels.ToString();
      const size_t bare = line.size();
      for (auto it = samples.lower_bound(from); it != samples.end() && it->first <= until; ++it) {
        const std::string value =
            promql::IsStaleNaN(it->second) ? "stale" : absl::StrCat(it->second);
        absl::StrAppend(&line, " ", value, "@", it->first);
      }
      if (line.size() > bare) expected.push_back(line);
    }
    std::vector<std::string> got = ReadText(*store_, name, from, until);
    // A chunk may reach over the range without a sample in it.
    std::erase_if(got, [](const std::string& line) { return line.ends_with('}'); });
    ASSERT_EQ(got, expected) << "from " << from << " until " << until;
  }

  const ScratchDirectory directory_;
  SeriesStoreOptions options_;
  std::mt19937_64 random_;
  std::unique_ptr<SeriesStore> store_;
  std::map<promql::Labels, std::map<int64_t, double>> model_;
  int64_t now_ = kStart;
  int deaths_ = 0;
};

TEST_P(ModelTest, HoldsWhatAMapHolds) {
  Open();
  for (int i = 0; i < 1500 && !HasFatalFailure(); ++i) {
    const uint64_t what = Below(1000);
    if (what < 850) {
      Append();
    } else if (what < 900) {
      Insert();
    } else if (what < 980) {
      Compare();
    } else if (what < 992) {
      ASSERT_TRUE(store_->Maintain(now_).ok());
    } else if (what < 996) {
      Open();
    } else {
      Die();
    }
  }
  for (int i = 0; i < 20 && !HasFatalFailure(); ++i) Compare();
}
INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range(1, 9));

// Run by the test below, as a process of its own: appends until it is killed, and says after each
// append how far it is.
TEST(SeriesStoreWriter, DISABLED_Writes) {
  const char* path = std::getenv("SYNOPTIC_STORE_WRITER");
  if (path == nullptr) GTEST_SKIP() << "runs as a child of another test only";
  SeriesStoreOptions options;
  options.path = path;
  options.write_buffer_bytes = 256 << 10;
  auto store = SeriesStore::Open(options, kStart).value();
  int64_t next = 0;
  const auto there = store->Read(Selector("x"), 0, INT64_MAX).value();
  for (const promql::RawSeries& one : there) {
    next = std::max(next, promql::ReadMixed(one)->back().t / 1000);
  }
  for (int64_t i = next + 1;; ++i) {
    std::vector<NewSample> samples;
    for (int s = 0; s < 5; ++s) {
      samples.push_back({promql::Labels::From({{"__name__", "x"}, {"i", std::to_string(s)}}),
                         static_cast<double>(i)});
    }
    if (!store->Append(i * 1000, samples).ok()) _exit(1);
    if (::write(STDOUT_FILENO, &i, sizeof i) != sizeof i) _exit(1);
    if (i % 500 == 0 && !store->Maintain(kStart + i * 600'000).ok()) _exit(1);
  }
}

TEST(SeriesStoreWriter, KilledAtAnyTimeLosesNothingItAcknowledged) {
  const ScratchDirectory directory;
  const char* rounds_text = std::getenv("SYNOPTIC_STORE_KILLS");
  const int rounds = rounds_text == nullptr ? 12 : std::atoi(rounds_text);
  ::setenv("SYNOPTIC_STORE_WRITER", directory.path().c_str(), 1);
  std::mt19937 random(7);
  int64_t acknowledged = 0;
  for (int round = 0; round < rounds; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(pipe[1], STDOUT_FILENO);
      ::execl("/proc/self/exe", "writer", "--gtest_filter=SeriesStoreWriter.DISABLED_Writes",
              "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
      _exit(127);
    }
    ::close(pipe[1]);
    // What gtest prints comes first, and numbers follow: they are counted from the end.
    std::string heard;
    char buffer[4096];
    const size_t enough = 8 * (50 + random() % 3000);
    while (heard.size() < enough) {
      const ssize_t n = ::read(pipe[0], buffer, sizeof buffer);
      if (n <= 0) break;
      heard.append(buffer, static_cast<size_t>(n));
    }
    ::kill(child, SIGKILL);
    for (ssize_t n; (n = ::read(pipe[0], buffer, sizeof buffer)) > 0;) {
      heard.append(buffer, static_cast<size_t>(n));
    }
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
    ASSERT_GT(heard.size(), 400u);
    std::memcpy(&acknowledged, heard.data() + heard.size() - 8, 8);

    SeriesStoreOptions options;
    options.path = directory.path();
    const auto store = SeriesStore::Open(options, kStart).value();
    ASSERT_EQ(store->damage(), "");
    const auto series = store->Read(Selector("x"), 0, INT64_MAX).value();
    ASSERT_EQ(series.size(), 5u);
    for (const promql::RawSeries& one : series) {
      const promql::MixedSamples samples = promql::ReadMixed(one).value();
      ASSERT_GE(static_cast<int64_t>(samples.size()), acknowledged);
      for (size_t i = 0; i < samples.size(); ++i) {
        ASSERT_EQ(samples[i].t, static_cast<int64_t>(i + 1) * 1000);
        ASSERT_EQ(samples[i].v, static_cast<double>(i + 1));
      }
    }
  }
  ::unsetenv("SYNOPTIC_STORE_WRITER");
}

}  // namespace
}  // namespace synoptic::aggregator
