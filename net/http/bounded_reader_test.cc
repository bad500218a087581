// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/bounded_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/fake_clock.h"
#include "base/status.h"

namespace synoptic::net {
namespace {

using testing::HasSubstr;

struct Fixture {
  FakeClock clock;
  ResponseLimits limits;
  Deadline deadline = Deadline::Infinite();
  std::string out;

  // Feeds a whole body in pieces, as a transfer would.
  absl::Status Read(std::string_view coding, std::string_view wire, size_t piece = 1000,
                    MemoryBudget* budget = nullptr) {
    BoundedReader reader(clock, limits, deadline, budget);
    RETURN_IF_ERROR(reader.BeginBody(coding));
    while (!wire.empty()) {
      const std::string_view part = wire.substr(0, piece);
      wire.remove_prefix(part.size());
      RETURN_IF_ERROR(reader.OnWire(part.size()));
      RETURN_IF_ERROR(reader.OnBody(part, [this](std::string_view data) {
        out.append(data);
        return absl::OkStatus();
      }));
    }
    return reader.EndBody();
  }
};

// gzip of `mebibytes` MiB of zeros: one compressed MiB, repeated (each ends in a full flush).
std::string Bomb(int mebibytes) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zeros(1 << 20, '\0');
  std::string packed(1 << 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FULL_FLUSH), Z_OK);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  std::string bomb("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  for (int i = 0; i < mebibytes; ++i) bomb += packed;
  return bomb;
}

TEST(BoundedReader, PassesPlainAndGzipBodies) {
  Fixture f;
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += std::to_string(i) + " ";
  ASSERT_TRUE(f.Read("", body).ok());
  EXPECT_EQ(f.out, body);
  for (size_t piece : {size_t{1}, size_t{7}, size_t{1} << 20}) {
    f.out.clear();
    f.limits.min_bytes_per_second = 0;
    const absl::Status status = f.Read("gzip", internal::GzipCompress(body), piece);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(f.out, body);
  }
}

TEST(BoundedReader, CutsABombOfOneGibibyteEarly) {
  Fixture f;
  const std::string bomb = Bomb(1024);
  EXPECT_LT(bomb.size(), size_t{2} << 20);
  const absl::Status status = f.Read("gzip", bomb);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(MessageOf(status), HasSubstr("limit of 100 decoded bytes for each"));
  EXPECT_LT(f.out.size(), size_t{2} << 20);
}

TEST(BoundedReader, CutsAtTheDecodedCapWhateverTheRatio) {
  Fixture f;
  f.limits.max_ratio = 1'000'000;
  f.limits.max_decoded_bytes = 8 << 20;
  const absl::Status status = f.Read("gzip", Bomb(1024));
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(MessageOf(status), HasSubstr("8388608 decoded bytes"));
  EXPECT_LE(f.out.size(), size_t{8} << 20);
}

TEST(BoundedReader, CutsAtTheWireCap) {
  Fixture f;
  f.limits.max_wire_bytes = 10'000;
  const absl::Status status = f.Read("", std::string(10'001, 'x'));
  EXPECT_THAT(MessageOf(status), HasSubstr("10000 bytes on the wire"));
  EXPECT_LE(f.out.size(), 10'000u);
}

TEST(BoundedReader, RefusesWhatIsNotOneWholeGzipMember) {
  const std::string body(5000, 'a');
  const std::string good = internal::GzipCompress(body);
  std::string bad_checksum = good;
  bad_checksum[good.size() - 8] ^= 1;
  std::string bad_length = good;
  bad_length[good.size() - 1] ^= 1;
  struct {
    std::string name, coding, wire;
    absl::StatusCode code;
  } cases[] = {
      {"checksum", "gzip", bad_checksum, absl::StatusCode::kInvalidArgument},
      {"length", "gzip", bad_length, absl::StatusCode::kInvalidArgument},
      {"trailing garbage", "gzip", good + "x", absl::StatusCode::kInvalidArgument},
      {"second member", "gzip", good + good, absl::StatusCode::kInvalidArgument},
      {"not gzip", "gzip", "{\"status\":\"success\"}", absl::StatusCode::kInvalidArgument},
      {"empty", "gzip", "", absl::StatusCode::kUnavailable},
      {"nested", "gzip, gzip", good, absl::StatusCode::kInvalidArgument},
      {"brotli", "br", good, absl::StatusCode::kInvalidArgument},
      {"zstd", "zstd", good, absl::StatusCode::kInvalidArgument},
      {"x-gzip", "x-gzip", good, absl::StatusCode::kInvalidArgument},
  };
  for (const auto& c : cases) {
    for (size_t piece : {size_t{1}, size_t{100'000}}) {
      Fixture f;
      EXPECT_EQ(f.Read(c.coding, c.wire, piece).code(), c.code) << c.name;
    }
  }
  for (size_t cut = 1; cut < good.size(); ++cut) {
    Fixture f;
    EXPECT_EQ(f.Read("gzip", good.substr(0, cut)).code(), absl::StatusCode::kUnavailable) << cut;
  }
}

TEST(BoundedReader, EndsWithTheOutputsError) {
  Fixture f;
  BoundedReader reader(f.clock, f.limits, f.deadline);
  ASSERT_TRUE(reader.BeginBody("").ok());
  EXPECT_EQ(reader.OnBody("x", [](std::string_view) { return absl::DataLossError("full"); }),
            absl::DataLossError("full"));
}

TEST(BoundedReader, ChargesItsBuffersToTheBudget) {
  Fixture f;
  MemoryBudget budget("query memory", 1 << 20);
  ASSERT_TRUE(f.Read("gzip", internal::GzipCompress("x"), 1000, &budget).ok());
  EXPECT_GT(budget.peak(), 64 << 10);
  EXPECT_EQ(budget.used(), 0);
  MemoryBudget tiny("query memory", 1000);
  EXPECT_TRUE(absl::IsResourceExhausted(f.Read("gzip", "x", 1000, &tiny)));
}

TEST(BoundedReader, NoByteForTooLongEndsTheTransfer) {
  Fixture f;
  BoundedReader reader(f.clock, f.limits, f.deadline);
  f.clock.AdvanceMillis(60'000);
  EXPECT_TRUE(reader.CheckTime().ok()) << "before the first byte only the deadline counts";
  ASSERT_TRUE(reader.OnWire(100'000).ok());
  EXPECT_EQ(reader.NextCheck(), f.clock.Mono() + std::chrono::seconds(5));
  f.clock.AdvanceMillis(4999);
  EXPECT_TRUE(reader.CheckTime().ok());
  f.clock.AdvanceMillis(1);
  const absl::Status status = reader.CheckTime();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_EQ(MessageOf(status), "no byte for 5 s");
}

TEST(BoundedReader, ADripIsCutAfterTheGraceAndAFastStartBuysNoTime) {
  Fixture f;
  BoundedReader drip(f.clock, f.limits, f.deadline);
  int64_t ms = 0;
  for (; ms < 60'000 && drip.CheckTime().ok(); ms += 1000) {
    ASSERT_TRUE(drip.OnWire(1).ok());
    f.clock.AdvanceMillis(1000);
  }
  EXPECT_LE(ms, 6000);

  BoundedReader fast_then_drip(f.clock, f.limits, f.deadline);
  ASSERT_TRUE(fast_then_drip.OnWire(50'000'000).ok());
  for (ms = 0; ms < 60'000 && fast_then_drip.CheckTime().ok(); ms += 1000) {
    ASSERT_TRUE(fast_then_drip.OnWire(100).ok());
    f.clock.AdvanceMillis(1000);
  }
  EXPECT_LE(ms, 11'000);

  BoundedReader steady(f.clock, f.limits, f.deadline);
  for (ms = 0; ms < 60'000 && steady.CheckTime().ok(); ms += 1000) {
    ASSERT_TRUE(steady.OnWire(20'000).ok());
    f.clock.AdvanceMillis(1000);
  }
  EXPECT_EQ(ms, 60'000);
}

TEST(BoundedReader, TheDeadlineEndsEverything) {
  Fixture f;
  BoundedReader reader(f.clock, f.limits, Deadline::After(f.clock, std::chrono::seconds(2)));
  EXPECT_EQ(reader.NextCheck(), f.clock.Mono() + std::chrono::seconds(2));
  f.clock.AdvanceMillis(2000);
  EXPECT_TRUE(absl::IsDeadlineExceeded(reader.CheckTime()));
}

}  // namespace
}  // namespace synoptic::net
