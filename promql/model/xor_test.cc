// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <random>

#include "base/strings.h"
#include "promql/model/chunk.h"

namespace synoptic::promql {
namespace {

struct Golden {
  std::string name;
  std::string bytes;
  SampleColumns samples;
};

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::vector<Golden> ReadGolden() {
  std::ifstream in("tests/compat/chunks/golden.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string_view> fields = Split(line, ' ');
    if (fields[0] != "chunk") continue;
    Golden golden{std::string(fields[1]), FromHex(fields[2]), {}};
    for (const std::string_view sample : Split(fields[3], ',')) {
      if (sample == "-") continue;
      const auto parts = Split(sample, ':');
      golden.samples.push_back(
          std::stoll(std::string(parts[0])),
          std::bit_cast<double>(std::stoull(std::string(parts[1]), nullptr, 16)));
    }
    all.push_back(std::move(golden));
  }
  return all;
}

std::vector<uint64_t> Bits(const std::vector<double>& values) {
  std::vector<uint64_t> bits;
  for (const double v : values) bits.push_back(std::bit_cast<uint64_t>(v));
  return bits;
}

void ExpectSame(const SampleColumns& got, const SampleColumns& want, const std::string& what) {
  EXPECT_EQ(got.t, want.t) << what;
  EXPECT_EQ(Bits(got.v), Bits(want.v)) << what;
}

SampleColumns Clip(const SampleColumns& in, int64_t min_t, int64_t max_t) {
  SampleColumns out;
  for (size_t i = 0; i < in.size(); ++i) {
    if (in.t[i] >= min_t && in.t[i] <= max_t) out.push_back(in.t[i], in.v[i]);
  }
  return out;
}

TEST(Xor, ReadsWhatPrometheusWrites) {
  const std::vector<Golden> all = ReadGolden();
  ASSERT_EQ(all.size(), 14u);
  for (const Golden& golden : all) {
    EXPECT_EQ(XorSampleCount(golden.bytes), golden.samples.size());
    SampleColumns got;
    got.push_back(INT64_MIN, 7);  // what is there already stays
    ASSERT_TRUE(DecodeXor(golden.bytes, INT64_MIN, INT64_MAX, got).ok()) << golden.name;
    SampleColumns want;
    want.push_back(INT64_MIN, 7);
    want.t.insert(want.t.end(), golden.samples.t.begin(), golden.samples.t.end());
    want.v.insert(want.v.end(), golden.samples.v.begin(), golden.samples.v.end());
    ExpectSame(got, want, golden.name);
  }
}

TEST(Xor, WritesTheBytesPrometheusWrites) {
  for (const Golden& golden : ReadGolden()) {
    EXPECT_EQ(EncodeXor(golden.samples.t.data(), golden.samples.v.data(), golden.samples.size()),
              golden.bytes)
        << golden.name;
  }
}

TEST(Xor, KeepsOnlyTheRangeAskedFor) {
  for (const Golden& golden : ReadGolden()) {
    const auto& t = golden.samples.t;
    for (size_t i = 0; i < t.size(); i += 7) {
      for (size_t j = i; j < t.size(); j += 11) {
        SampleColumns got;
        ASSERT_TRUE(DecodeXor(golden.bytes, t[i], t[j], got).ok());
        ExpectSame(got, Clip(golden.samples, t[i], t[j]), golden.name);
      }
    }
    SampleColumns none;
    EXPECT_TRUE(DecodeXor(golden.bytes, 5, 4, none).ok());
    EXPECT_TRUE(none.empty());
  }
}

TEST(Xor, EveryTruncationIsAnErrorOrThePaddingItCut) {
  for (const Golden& golden : ReadGolden()) {
    for (size_t size = 0; size < golden.bytes.size(); ++size) {
      // An exact copy on the heap lets AddressSanitizer see a read past the end.
      const std::vector<char> cut(golden.bytes.begin(),
                                  golden.bytes.begin() + static_cast<ptrdiff_t>(size));
      SampleColumns got;
      const absl::Status status = DecodeXor({cut.data(), cut.size()}, INT64_MIN, INT64_MAX, got);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << golden.name << " " << size;
      ASSERT_LT(got.size(), golden.samples.size() + 1);
      SampleColumns prefix = golden.samples;
      prefix.t.resize(got.size());
      prefix.v.resize(got.size());
      ExpectSame(got, prefix, golden.name);
    }
  }
}

TEST(Xor, SurvivesAnyBytes) {
  std::mt19937_64 rng(7);  // NOLINT: the same bytes in every run
  const std::vector<Golden> all = ReadGolden();
  for (int round = 0; round < 20000; ++round) {
    const std::string& source = all[rng() % all.size()].bytes;
    std::vector<char> bytes(source.begin(), source.end());
    if (round % 4 == 0) {
      bytes.resize(rng() % 200);
      for (char& byte : bytes) byte = static_cast<char>(rng());
    }
    for (uint64_t flips = rng() % 8; flips > 0 && !bytes.empty(); --flips) {
      bytes[rng() % bytes.size()] ^= static_cast<char>(1 << (rng() % 8));
    }
    SampleColumns got;
    const absl::Status status = DecodeXor({bytes.data(), bytes.size()}, INT64_MIN, INT64_MAX, got);
    ASSERT_EQ(got.t.size(), got.v.size());
    ASSERT_TRUE(std::is_sorted(got.t.begin(), got.t.end(), std::less_equal<>())) << round;
    ASSERT_LE(got.size(), bytes.size() * 4 + 2);
    if (status.ok()) {
      ASSERT_EQ(got.size(), XorSampleCount({bytes.data(), bytes.size()}));
    }
  }
}

TEST(Xor, AHeaderThatLiesAllocatesByTheBytesThatAreThere) {
  std::string bytes = "\xFF\xFF";
  bytes += std::string(100, '\0');
  SampleColumns got;
  EXPECT_EQ(DecodeXor(bytes, INT64_MIN, INT64_MAX, got).code(), absl::StatusCode::kDataLoss);
  EXPECT_LE(got.t.capacity(), 102u * 4 + 40);
}

TEST(Xor, RoundTripsRandomSeries) {
  std::mt19937_64 rng(3);  // NOLINT: the same series in every run
  for (int round = 0; round < 300; ++round) {
    SampleColumns want;
    int64_t t = static_cast<int64_t>(rng() % 2000000) - 1000000;
    uint64_t bits = rng();
    const uint64_t jitter = 1 + (uint64_t{1} << (rng() % 25));
    const uint64_t mask = ~uint64_t{0} >> (rng() % 64);
    for (uint64_t n = rng() % 500; n > 0; --n) {
      want.push_back(t, std::bit_cast<double>(bits));
      t += 1 + static_cast<int64_t>(rng() % jitter);
      if (rng() % 3 != 0) bits ^= (rng() & mask) << (rng() % 8);
    }
    const std::string bytes = EncodeXor(want.t.data(), want.v.data(), want.size());
    SampleColumns got;
    ASSERT_TRUE(DecodeXor(bytes, INT64_MIN, INT64_MAX, got).ok());
    ExpectSame(got, want, "round " + std::to_string(round));
  }
}

}  // namespace
}  // namespace synoptic::promql
