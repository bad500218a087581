// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/store/sqlite_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "alerting/store/testing.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

using State = std::map<std::string, std::string>;  // "kind key" -> body

State AsMap(const Records& records) {
  State state;
  for (const Record& record : records) {
    state[fmt::format("{} {}", static_cast<int>(record.kind), record.key)] = record.body;
  }
  return state;
}

Record Alert(std::string key, std::string body) {
  return {RecordKind::kAlert, std::move(key), std::move(body)};
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void SetContent(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// Forty records of 200 bytes: a file of some pages.
std::string FileWithRecords(const std::string& path, State* state) {
  auto opened = SqliteFile::Open(path);
  EXPECT_TRUE(opened.ok()) << opened.status();
  Records records;
  for (int i = 0; i < 40; ++i) {
    records.push_back(Alert(fmt::format("{:02x}key", i * 6), std::string(200, 'a' + i % 26)));
  }
  EXPECT_TRUE(opened->file->Apply(records).ok());
  *state = AsMap(records);
  opened->file.reset();
  return Content(path);
}

TEST(SqliteFile, KeepsWhatWasWrittenAndForgetsWhatWasErased) {
  const TestFolder folder;
  const std::string path = folder.Path("alerts.db");
  {
    auto opened = SqliteFile::Open(path);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_TRUE(opened->records.empty());
    ASSERT_TRUE(opened->file->Apply({Alert("a", "1"), Alert("b", "2")}).ok());
    ASSERT_TRUE(opened->file->Apply({Alert("a", "3"), Alert("b", "")}).ok());
  }
  auto again = SqliteFile::Open(path);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->damage, "");
  EXPECT_EQ(AsMap(again->records), (State{{"2 a", "3"}}));
}

TEST(SqliteFile, RefusesTheStateOfANewerVersionAndLeavesItAlone) {
  const TestFolder folder;
  const std::string path = folder.Path("alerts.db");
  State state;
  FileWithRecords(path, &state);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  // What a version 2 would have written: crc32c of "0 7 1 " "version" "2".
  ASSERT_EQ(sqlite3_exec(db,
                         "PRAGMA user_version = 2; UPDATE state SET body = CAST('2' AS BLOB), "
                         "crc = 2069373967 WHERE kind = 0",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  const std::string before = Content(path);
  const auto opened = SqliteFile::Open(path);
  ASSERT_TRUE(absl::IsFailedPrecondition(opened.status())) << opened.status();
  EXPECT_NE(MessageOf(opened.status()).find("format 2"), std::string::npos);
  EXPECT_EQ(Content(path), before);
}

TEST(SqliteFile, ASecondProcessIsKeptOut) {
  const TestFolder folder;
  const std::string path = folder.Path("alerts.db");
  auto first = SqliteFile::Open(path);
  ASSERT_TRUE(first.ok());
  const auto second = SqliteFile::Open(path);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_TRUE(first->file->Apply({Alert("a", "1")}).ok());
}

// Whatever byte goes bad: the file opens, and every record it gives was once written.
TEST(SqliteFile, AFlippedByteCostsAtMostWhatItTouches) {
  const TestFolder folder;
  const std::string path = folder.Path("alerts.db");
  State state;
  const std::string good = FileWithRecords(path, &state);
  size_t least = state.size();
  int reported = 0;
  int harmless = 0;
  for (size_t at = 0; at < good.size(); at += 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    SetContent(path, bad);
    auto opened = SqliteFile::Open(path);
    ASSERT_TRUE(opened.ok()) << at << ": " << opened.status();
    for (const auto& [key, body] : AsMap(opened->records)) {
      ASSERT_EQ(state[key], body) << at;
    }
    if (opened->damage.empty()) {
      ASSERT_EQ(opened->records.size(), state.size()) << "lost in silence, byte " << at;
      ++harmless;
    } else {
      ++reported;
      ASSERT_NE(opened->file, nullptr) << at;
    }
    if (at >= 4096) least = std::min(least, opened->records.size());
    std::filesystem::remove(path + ".corrupt");
    std::filesystem::remove(path + ".corrupt-journal");
  }
  EXPECT_GT(reported, 40);
  EXPECT_GT(harmless, 0);
  // A page holds 18 of the 40.
  EXPECT_GE(least, 20u);
}

TEST(SqliteFile, ATruncatedFileOpensAndIsReported) {
  const TestFolder folder;
  const std::string path = folder.Path("alerts.db");
  State state;
  const std::string good = FileWithRecords(path, &state);
  for (size_t size = 0; size < good.size(); size += 211) {
    SetContent(path, good.substr(0, size));
    auto opened = SqliteFile::Open(path);
    ASSERT_TRUE(opened.ok()) << size << ": " << opened.status();
    EXPECT_NE(opened->damage, "") << size;
    for (const auto& [key, body] : AsMap(opened->records)) ASSERT_EQ(state[key], body) << size;
    EXPECT_TRUE(std::filesystem::exists(path + ".corrupt"));
    std::filesystem::remove(path + ".corrupt");
    std::filesystem::remove(path + ".corrupt-journal");
  }
}

TEST(SqliteFile, WhoDiesWhileADamagedFileIsMendedHasLostNothing) {
  const TestFolder folder;
  const std::string path = folder.Path("alerts.db");
  State state;
  FileWithRecords(path, &state);
  // The damaged one is away, the mended one not there yet.
  std::filesystem::rename(path, path + ".mended");
  auto opened = SqliteFile::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->damage, "");
  EXPECT_EQ(AsMap(opened->records), state);
}

// Power fails at every single operation of a run, with any of the unsynced writes kept: what was
// acknowledged is there, and nothing is damaged.
TEST(SqliteFile, WhatWasAcknowledgedSurvivesALossOfPower) {
  FaultyDisk disk;
  std::mt19937 random(1);
  for (int cut = 0; cut < 400; ++cut) {
    const TestFolder folder;
    const std::string path = folder.Path("alerts.db");
    int left = cut;
    bool dead = false;
    disk.OnOperation([&](bool is_write) {
      dead = dead || left-- == 0;
      return !dead ? SQLITE_OK : is_write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
    });
    State acknowledged;
    State attempted;
    {
      auto opened = SqliteFile::Open(path, FaultyDisk::kName);
      for (int i = 0; opened.ok() && opened->file != nullptr && i < 12; ++i) {
        const Records records = {Alert(fmt::format("k{}", i % 5), fmt::format("{}", i)),
                                 Alert(fmt::format("l{}", i), std::string(900, 'x'))};
        attempted = acknowledged;
        for (const auto& [key, body] : AsMap(records)) attempted[key] = body;
        if (!opened->file->Apply(records).ok()) break;
        acknowledged = attempted;
      }
      disk.PowerCut([&](int) { return random() % 3 == 0; });
    }
    disk.OnOperation(nullptr);
    auto again = SqliteFile::Open(path, FaultyDisk::kName);
    ASSERT_TRUE(again.ok()) << cut << ": " << again.status();
    const State found = AsMap(again->records);
    EXPECT_TRUE(found == acknowledged || found == attempted) << "cut " << cut;
    // The very first transaction makes the file: half of that is no damage of ours to speak of.
    if (!acknowledged.empty()) EXPECT_EQ(again->damage, "") << "cut " << cut;
    if (!dead) return;  // the run ended before the cut: all moments were tried
  }
  FAIL() << "the run has more operations than were tried";
}

}  // namespace
}  // namespace synoptic::alerting
