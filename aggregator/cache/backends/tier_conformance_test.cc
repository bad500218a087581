// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What every tier promises, and their stack.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "aggregator/cache/backends/disk_tier.h"
#include "aggregator/cache/backends/redis_testing.h"
#include "aggregator/cache/backends/shared_tier.h"
#include "aggregator/cache/backends/tier_testing.h"
#include "aggregator/cache/fragment_filter.h"
#include "aggregator/cache/memory_tier.h"
#include "aggregator/cache/tier_stack.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Matcher;
using promql::MatchOp;

constexpr int64_t kBudget = 4 << 20;

// A backend opens its tier, and can damage what it keeps; false when it keeps nothing outside.
class MemoryBackend {
 public:
  explicit MemoryBackend(AsyncTest&) : tier_(std::make_shared<MemoryTier>(kBudget)) {}
  Tier& tier() { return *tier_; }
  bool Damage(SeededRng&) { return false; }
  std::string_view found_in() const { return "memory"; }

 private:
  std::shared_ptr<MemoryTier> tier_;
};

class DiskBackend {
 public:
  explicit DiskBackend(AsyncTest& loop) : loop_(loop) { Open(); }
  Tier& tier() { return *tier_; }
  std::shared_ptr<Tier> shared() { return tier_; }
  std::string_view found_in() const { return "disk"; }
  // One byte somewhere, or a file cut short; as a disk does it, while nobody looks.
  bool Damage(SeededRng& rng) {
    tier_->Close();
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_.path() / "cache")) {
      if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    const std::filesystem::path& file = files[rng.Next() % files.size()];
    const uint64_t size = std::filesystem::file_size(file);
    if (rng.Next() % 3 == 0) {
      std::filesystem::resize_file(file, rng.Next() % size);
    } else {
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      for (int i = 0; i < 20; ++i) {
        stream.seekp(static_cast<std::streamoff>(rng.Next() % size));
        stream.put(static_cast<char>(rng.Next()));
      }
    }
    Open();
    return true;
  }

 private:
  void Open() {
    DiskTierOptions options;
    options.path = (scratch_.path() / "cache").string();
    options.max_bytes = kBudget;
    auto opened = DiskTier::Open(options, loop_.clock);
    ASSERT_TRUE(opened.ok()) << opened.status();
    tier_ = *std::move(opened);
  }
  AsyncTest& loop_;
  ScratchDirectory scratch_;
  std::shared_ptr<DiskTier> tier_;
};

class SharedBackend {
 public:
  explicit SharedBackend(AsyncTest& loop)
      : loop_(loop), server_({"--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"}) {
    SharedTierOptions options;
    options.redis.endpoints = {server_.address()};
    tier_ = SharedTier::New(options, loop.clock, pool_, loop.executor()).value();
    tier_->Start();
    for (int i = 0; i < 200 && !tier_->stats().up; ++i) {
      LetPass(loop, std::chrono::seconds(1));
    }
    EXPECT_TRUE(tier_->stats().up);
  }
  ~SharedBackend() { EXPECT_TRUE(loop_.Run(tier_->Stop(Deadline::Infinite())).ok()); }
  Tier& tier() { return *tier_; }
  std::shared_ptr<Tier> shared() { return tier_; }
  std::string_view found_in() const { return "shared"; }
  // Bytes inside of every other value.
  bool Damage(SeededRng& rng) {
    const auto transport = NewTcpTransport(loop_.executor(), loop_.clock);
    RedisClient client({.endpoints = {server_.address()}}, *transport, loop_.clock);
    EXPECT_TRUE(loop_.Run(client.Connect(Deadline::Infinite())).ok());
    const auto ask = [&](RedisConnection::Command command) {
      return loop_.Run(client.AskNode(server_.address(), std::move(command), Deadline::Infinite()))
          .value();
    };
    for (const RedisReply& key : ask({"KEYS", "*"}).items) {
      if (rng.Next() % 2 == 0) continue;
      const int64_t size = ask({"STRLEN", key.text}).integer;
      const uint64_t at = rng.Next() % static_cast<uint64_t>(size);
      ask({"SETRANGE", key.text, std::to_string(at), "spoilt"});
    }
    return true;
  }

 private:
  AsyncTest& loop_;
  RedisServer server_;
  ComputePool pool_{1};
  std::shared_ptr<SharedTier> tier_;
};

// A memory that is too small to matter, over a disk and a server: what is found mostly comes from
// below.
class StackBackend {
 public:
  explicit StackBackend(AsyncTest& loop) : disk_(loop), shared_(loop) { Open(); }
  Tier& tier() { return *stack_; }
  bool Damage(SeededRng& rng) {
    disk_.Damage(rng);
    shared_.Damage(rng);
    Open();
    return true;
  }
  std::string_view found_in() const { return ""; }

 private:
  void Open() {
    stack_ = std::make_unique<TierStack>(
        std::make_shared<MemoryTier>(20'000),
        std::vector<std::shared_ptr<Tier>>{disk_.shared(), shared_.shared()});
  }
  DiskBackend disk_;
  SharedBackend shared_;
  std::unique_ptr<TierStack> stack_;
};

template <class Backend>
class TierConformance : public ::testing::Test {
 protected:
  void Put(const std::string& stream, int64_t block, uint64_t version = 0) {
    tier().Put(stream, block, BlockFor(stream, block, version));
  }
  FragmentPtr Get(const std::string& stream, int64_t block) {
    return Fetch(stream, {block}).at(0).fragment;
  }
  std::vector<FoundBlock> Fetch(const std::string& stream, std::vector<int64_t> blocks) {
    auto found = loop.Run(tier().Fetch(stream, std::move(blocks), Deadline::Infinite()));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : std::vector<FoundBlock>(blocks.size());
  }
  void Flush() { EXPECT_TRUE(loop.Run(tier().Flush(Deadline::Infinite())).ok()); }
  int64_t Purge(const FragmentFilter& filter) {
    return loop.Run(tier().Purge(TestOf(filter, {}), Deadline::Infinite())).value_or(-1);
  }
  Tier& tier() { return backend.tier(); }

  AsyncTest loop;
  Backend backend{loop};
};

using Backends = ::testing::Types<MemoryBackend, DiskBackend, SharedBackend, StackBackend>;
TYPED_TEST_SUITE(TierConformance, Backends);

TYPED_TEST(TierConformance, GivesBackWhatWasPutInTheOrderAskedFor) {
  const std::string stream = StreamOf("eu", "x");
  for (const int64_t block : {1, 2, -3}) this->Put(stream, block);
  for (const bool written : {false, true}) {
    if (written) this->Flush();
    const std::vector<FoundBlock> found = this->Fetch(stream, {2, 7, -3, 1});
    EXPECT_TRUE(IsBlock(found[0].fragment, stream, 2));
    EXPECT_EQ(found[1].fragment, nullptr);
    EXPECT_TRUE(IsBlock(found[2].fragment, stream, -3));
    EXPECT_TRUE(IsBlock(found[3].fragment, stream, 1));
    if (!this->backend.found_in().empty()) EXPECT_EQ(found[0].tier, this->backend.found_in());
  }
}

TYPED_TEST(TierConformance, ANewerFormReplacesTheOlder) {
  const std::string stream = StreamOf("eu", "x");
  this->Put(stream, 1, 1);
  this->Flush();
  this->Put(stream, 1, 2);
  EXPECT_TRUE(IsBlock(this->Get(stream, 1), stream, 1, 2));
  this->Flush();
  EXPECT_TRUE(IsBlock(this->Get(stream, 1), stream, 1, 2));
}

TYPED_TEST(TierConformance, WhatIsForgottenIsNotFound) {
  const std::string stream = StreamOf("eu", "x");
  this->Put(stream, 1);
  this->Put(stream, 2);
  this->Flush();
  this->tier().Put(stream, 1, nullptr);
  EXPECT_EQ(this->Get(stream, 1), nullptr);
  this->Flush();
  EXPECT_EQ(this->Get(stream, 1), nullptr);
  EXPECT_TRUE(IsBlock(this->Get(stream, 2), stream, 2));
}

TYPED_TEST(TierConformance, TellsApartWhatDiffersInAnything) {
  const std::vector<std::string> streams = {
      StreamOf("eu", "x"),
      StreamOf("eu", "y"),
      StreamOf("us", "x"),
      StreamOf("eu", "x", "g"),
      StreamOf("eu", "x", ""),
      StreamOf("eu", ""),
      StreamOf("eu", "x") + std::string(1, 0),
      StreamOf("eu", std::string(100'000, 'x')),
  };
  this->Put(streams[0], 1);
  this->Flush();
  for (size_t i = 1; i < streams.size(); ++i) EXPECT_EQ(this->Get(streams[i], 1), nullptr) << i;
  for (const std::string& stream : streams) this->Put(stream, 1);
  this->Flush();
  for (const std::string& stream : streams) {
    const FragmentPtr found = this->Get(stream, 1);
    if (found != nullptr) EXPECT_TRUE(IsBlock(found, stream, 1));
    EXPECT_EQ(this->Get(stream, 2), nullptr);
  }
}

TYPED_TEST(TierConformance, PurgesByRegionMatcherAndTime) {
  const std::string eu_x = StreamOf("eu", R"(sum(x{tenant="a"}))");
  const std::string eu_y = StreamOf("eu", R"(sum(y{tenant="b"}))");
  const std::string us_x = StreamOf("us", "rate(x[5m])");
  const auto left = [&] {
    std::string out;
    for (const std::string* stream : {&eu_x, &eu_y, &us_x}) {
      for (const int64_t block : {10, 20}) out += this->Get(*stream, block) ? '1' : '0';
    }
    return out;
  };
  const auto after = [&](const FragmentFilter& filter, bool written) {
    for (const std::string* stream : {&eu_x, &eu_y, &us_x}) {
      for (const int64_t block : {10, 20}) this->Put(*stream, block);
    }
    if (written) this->Flush();
    EXPECT_EQ(left(), "111111");
    EXPECT_GT(this->Purge(filter), 0);
    const std::string seen = left();
    this->Flush();
    EXPECT_EQ(left(), seen) << "written after it was purged";
    return seen;
  };
  for (const bool written : {true, false}) {
    FragmentFilter filter;
    filter.region = "eu";
    EXPECT_EQ(after(filter, written), "000011");
    filter = {};
    filter.matchers = {*Matcher::Create(MatchOp::kEqual, "__name__", "x")};
    EXPECT_EQ(after(filter, written), "001100");
    filter.matchers = {*Matcher::Create(MatchOp::kEqual, "tenant", "b")};
    EXPECT_EQ(after(filter, written), "110000") << "us_x may have such series";
    filter = {};
    filter.min_t = LayoutOf(eu_x).FirstOf(20);
    EXPECT_EQ(after(filter, written), "101010");
    filter = {};
    filter.max_t = LayoutOf(eu_x).LastOf(10);
    filter.region = "us";
    EXPECT_EQ(after(filter, written), "111101");
    EXPECT_EQ(after({}, written), "000000");
  }
}

TYPED_TEST(TierConformance, KeepsToItsBudgetAndToTheNewest) {
  const std::string stream = StreamOf("eu", "x");
  constexpr int64_t kBlocks = 400;
  int64_t bytes = 0;
  for (int64_t block = 0; block < kBlocks; ++block) {
    const FragmentPtr fragment = BlockFor(stream, block, 0, 20);
    bytes += fragment->bytes();
    this->tier().Put(stream, block, fragment);
    if (block % 50 == 49) this->Flush();
    if (const TierStats stats = this->tier().stats(); stats.max_bytes > 0) {
      ASSERT_LE(stats.bytes, stats.max_bytes);
    }
  }
  ASSERT_GT(bytes, 2 * kBudget);
  EXPECT_TRUE(IsBlock(this->Get(stream, kBlocks - 1), stream, kBlocks - 1, 0, 20));
  EXPECT_EQ(this->Get(stream, 0), nullptr);
}

TYPED_TEST(TierConformance, DamageIsAMissAndNeverAWrongAnswer) {
  const std::string stream = StreamOf("eu", "x");
  SeededRng rng(11);
  int lost = 0;
  for (int round = 0; round < 12; ++round) {
    for (int64_t block = 0; block < 20; ++block) this->Put(stream, block);
    this->Flush();
    if (!this->backend.Damage(rng)) GTEST_SKIP() << "keeps nothing that others could damage";
    for (int64_t block = 0; block < 20; ++block) {
      const FragmentPtr found = this->Get(stream, block);
      lost += found == nullptr ? 1 : 0;
      if (found != nullptr) ASSERT_TRUE(IsBlock(found, stream, block));
    }
    // And it goes on. Writing may be what finds the damage: then all begins anew, this block, too.
    bool kept = false;
    for (int attempt = 0; attempt < 3 && !kept; ++attempt) {
      this->Put(stream, 100 + round);
      this->Flush();
      kept = IsBlock(this->Get(stream, 100 + round), stream, 100 + round);
    }
    EXPECT_TRUE(kept) << "round " << round;
  }
  EXPECT_GT(lost, 0) << "nothing was damaged";
}

TYPED_TEST(TierConformance, ServesWhileOthersWriteAndPurge) {
  const std::vector<std::string> streams = {StreamOf("eu", "x"), StreamOf("us", "y")};
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (uint64_t id = 0; id < 3; ++id) {
    writers.emplace_back([&, id] {
      SeededRng rng(id);
      while (!stop) {
        const std::string& stream = streams[rng.Next() % 2];
        const auto block = static_cast<int64_t>(rng.Next() % 30);
        this->tier().Put(stream, block, rng.Next() % 8 == 0 ? nullptr : BlockFor(stream, block));
      }
    });
  }
  int found = 0;
  for (int round = 0; round < 60 || (found < 100 && round < 100'000); ++round) {
    const std::string& stream = streams[static_cast<size_t>(round) % 2];
    if (round % 7 == 0) this->Flush();
    if (round % 20 == 19) this->Purge({});
    std::vector<int64_t> blocks;
    for (int64_t block = 0; block < 30; ++block) blocks.push_back(block);
    const std::vector<FoundBlock> got = this->Fetch(stream, blocks);
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (got[i].fragment == nullptr) continue;
      ++found;
      EXPECT_TRUE(IsBlock(got[i].fragment, stream, blocks[i]));
    }
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace synoptic::aggregator
