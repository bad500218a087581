// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/store/state_store.h"

#include <gtest/gtest.h>

#include "alerting/store/testing.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

Record Alert(std::string key, std::string body) {
  return {RecordKind::kAlert, std::move(key), std::move(body)};
}

struct Fixture {
  TestFolder folder;
  FaultyDisk disk;
  AsyncTest loop;
  std::unique_ptr<StateStore> store;
  std::string path = folder.Path("alerts.db");

  std::map<std::string, std::string> Open() {
    store.reset();
    auto opened = OpenStateStore(path, loop.executor(), loop.clock, FaultyDisk::kName);
    EXPECT_TRUE(opened.ok()) << opened.status();
    store = std::move(opened->store);
    std::map<std::string, std::string> found;
    for (const Record& record : opened->records) found[record.key] = record.body;
    return found;
  }
  absl::Status Flush() { return loop.Run(store->Flush(Deadline::Infinite())); }
  // The store tries again every two seconds.
  void Retry() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!store->durable() && std::chrono::steady_clock::now() < end) {
      loop.Advance(2000);
      std::this_thread::yield();  // the writing thread is a real one
    }
  }
};

TEST(StateStore, AfterAFlushTheNextProcessFindsWhatWasWritten) {
  Fixture f;
  f.Open();
  f.store->Write({Alert("a", "1"), Alert("b", "2")});
  f.store->Write({Alert("a", "3")});
  EXPECT_TRUE(f.Flush().ok());
  EXPECT_EQ(f.Open(), (std::map<std::string, std::string>{{"a", "3"}, {"b", "2"}}));
}

TEST(StateStore, AFullDiskIsToldAtOnceAndCaughtUpWhenThereIsRoom) {
  Fixture f;
  f.Open();
  f.disk.OnOperation([](bool is_write) { return is_write ? SQLITE_FULL : SQLITE_OK; });
  f.store->Write({Alert("a", "1")});
  EXPECT_TRUE(absl::IsUnavailable(f.Flush()));
  EXPECT_FALSE(f.store->durable());
  EXPECT_NE(f.store->problem(), "");
  f.store->Write({Alert("b", "2")});
  f.disk.OnOperation(nullptr);
  f.Retry();
  EXPECT_TRUE(f.store->durable());
  EXPECT_EQ(f.Open(), (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
}

// A sync that failed may have lost what earlier ones promised: all is written anew, elsewhere.
TEST(StateStore, AfterAFailedSyncTheWholeStateGoesIntoAFreshFile) {
  Fixture f;
  f.Open();
  f.store->SetSnapshot([] { return Records{Alert("a", "1"), Alert("b", "2")}; });
  f.store->Write({Alert("a", "1")});
  ASSERT_TRUE(f.Flush().ok());
  f.disk.OnOperation([](bool is_write) { return is_write ? SQLITE_OK : SQLITE_IOERR_FSYNC; });
  f.store->Write({Alert("b", "2")});
  EXPECT_FALSE(f.Flush().ok());
  f.disk.OnOperation(nullptr);
  f.Retry();
  EXPECT_TRUE(f.store->durable());
  EXPECT_EQ(f.Open(), (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
}

TEST(StateStore, ASlowDiskKeepsNobodyWaitingPastItsDeadline) {
  Fixture f;
  f.Open();
  std::atomic<bool> stuck = true;
  f.disk.OnOperation([&](bool) {
    while (stuck) std::this_thread::yield();
    return SQLITE_OK;
  });
  f.store->Write({Alert("a", "1")});
  auto flush = f.loop.Start(f.store->Flush(Deadline::After(f.loop.clock, std::chrono::seconds(1))));
  f.loop.Advance(999);
  EXPECT_FALSE(flush->has_value());
  f.loop.Advance(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(**flush));
  stuck = false;
  EXPECT_TRUE(f.Flush().ok());
}

TEST(StateStore, WithoutAPlaceToWriteItWorksFromMemory) {
  Fixture f;
  f.path = f.folder.Path("no/such/folder/alerts.db");
  EXPECT_TRUE(f.Open().empty());
  EXPECT_FALSE(f.store->durable());
  EXPECT_NE(f.store->damage(), "");
  f.store->Write({Alert("a", "1")});
  EXPECT_TRUE(absl::IsUnavailable(f.Flush()));
}

}  // namespace
}  // namespace synoptic::alerting
