// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Results recorded from Prometheus' engine by tests/compat/functions, compared bit by bit.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <map>

#include "base/strings.h"
#include "fmt/format.h"
#include "promql/functions/go_sort.h"
#include "promql/functions/go_trig.h"
#include "promql/functions/math.h"
#include "promql/functions/range.h"
#include "promql/model/chunk.h"

namespace synoptic::promql {
namespace {

using Fields = std::vector<std::string_view>;

std::vector<std::string> Lines(std::string_view kind) {
  std::ifstream in("tests/compat/functions/golden.txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(kind, 0) == 0) lines.push_back(line);
  }
  return lines;
}

double FromBits(std::string_view text) {
  if (text == "NaN") return NormalNaN();
  return std::bit_cast<double>(std::stoull(std::string(text), nullptr, 16));
}

int64_t Int(std::string_view text) { return std::stoll(std::string(text)); }

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// What the recording prints: bits, but all NaN alike and nothing where there is no sample.
std::string Text(double v) {
  if (IsAbsent(v)) return "absent";
  if (std::isnan(v)) return "NaN";
  return fmt::format("{:x} ({})", std::bit_cast<uint64_t>(v), v);
}

std::map<std::string, SampleColumns> ReadSeries() {
  std::map<std::string, SampleColumns> all;
  for (const std::string& line : Lines("series ")) {
    const Fields fields = Split(line, ' ');
    EXPECT_TRUE(
        DecodeXor(FromHex(fields[2]), INT64_MIN, INT64_MAX, all[std::string(fields[1])]).ok());
  }
  return all;
}

TEST(Golden, RangeFunctionsHaveTheBitsOfPrometheus) {
  const std::map<std::string, SampleColumns> series = ReadSeries();
  const std::vector<std::string> lines = Lines("range ");
  EXPECT_EQ(lines.size(), 364u);
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    const SampleColumns& samples = series.at(std::string(f[2]));
    const Grid grid{Int(f[5]), Int(f[6]), Int(f[7])};
    const std::vector<double> param0(grid.size(), std::stod(std::string(f[8])));
    const std::vector<double> param1(grid.size(), std::stod(std::string(f[9])));
    std::vector<double> want(grid.size(), Absent());
    for (const std::string_view result : Split(f[10], ',')) {
      if (result == "-") continue;
      const Fields parts = Split(result, ':');
      want[static_cast<size_t>(Int(parts[0]))] = FromBits(parts[1]);
    }
    const Function* function = FindFunction(f[1]);
    ASSERT_NE(function, nullptr) << f[1];
    std::vector<double> got(grid.size());
    FindRangeKernel(function->id)(
        {samples.t, samples.v, grid, Int(f[3]), Int(f[4]), param0, param1}, got);
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(Text(got[i]), Text(want[i])) << f[1] << " " << f[2] << " " << f[3] << " step " << i;
    }
  }
}

std::vector<Bucket> ReadBuckets(std::string_view text) {
  std::vector<Bucket> buckets;
  for (const std::string_view bucket : Split(text, ',')) {
    const Fields parts = Split(bucket, ':');
    buckets.push_back({FromBits(parts[0]), FromBits(parts[1])});
  }
  return buckets;
}

TEST(Golden, BucketQuantilesHaveTheBitsOfPrometheus) {
  const std::vector<std::string> lines = Lines("quantile ");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    std::vector<Bucket> buckets = ReadBuckets(f[2]);
    const BucketQuantile got = QuantileOfBuckets(FromBits(f[1]), buckets);
    EXPECT_EQ(Text(got.value), Text(FromBits(f[3]))) << line;
    EXPECT_EQ(got.forced_monotonic, f[4] == "true") << line;
  }
}

TEST(Golden, BucketFractionsHaveTheBitsOfPrometheus) {
  const std::vector<std::string> lines = Lines("fraction ");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    std::vector<Bucket> buckets = ReadBuckets(f[3]);
    const double got = FractionOfBuckets(FromBits(f[1]), FromBits(f[2]), buckets);
    EXPECT_EQ(Text(got), Text(FromBits(f[4]))) << line;
  }
}

TEST(Golden, MathHasTheBitsOfGo) {
  const std::vector<std::string> lines = Lines("math ");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    const double got = FindMathFunction(FindFunction(f[1])->id)(FromBits(f[2]));
    EXPECT_EQ(Text(got), Text(FromBits(f[3]))) << f[1] << " of " << FromBits(f[2]);
  }
}

TEST(Golden, PowersHaveTheBitsOfGo) {
  const std::vector<std::string> lines = Lines("pow ");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    const double x = FromBits(f[1]);
    const double y = FromBits(f[2]);
    EXPECT_EQ(Text(GoPow(x, y)), Text(FromBits(f[3]))) << x << " ^ " << y;
  }
}

TEST(Golden, ArcTangentsOfTwoHaveTheBitsOfGo) {
  const std::vector<std::string> lines = Lines("atan2 ");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    const double y = FromBits(f[1]);
    const double x = FromBits(f[2]);
    EXPECT_EQ(Text(GoAtan2(y, x)), Text(FromBits(f[3]))) << y << " atan2 " << x;
  }
}

int64_t SortKey(std::string_view pattern, int64_t size, int64_t i, uint64_t random) {
  if (pattern == "random") return static_cast<int64_t>(random % static_cast<uint64_t>(size));
  if (pattern == "few") return static_cast<int64_t>(random % 3);
  if (pattern == "ascending") return i / 3;
  if (pattern == "descending") return (size - i) / 2;
  if (pattern == "nearly") return i % 37 == 0 ? 0 : i;
  if (pattern == "pipe") return std::min(i, size - i);
  if (pattern == "saw") return i % 7;
  if (pattern == "nan") return static_cast<int64_t>(random % 5);
  return size;  // the adversary decides when asked
}

// The comparison of tests/compat/functions/main.go.
class SortComparison {
 public:
  SortComparison(std::string_view pattern, std::vector<int64_t> keys)
      : pattern_(pattern), keys_(std::move(keys)), open_(static_cast<int64_t>(keys_.size())) {}

  bool operator()(size_t a, size_t b) {
    if (pattern_ == "nan") return keys_[a] == 0 || keys_[a] < keys_[b];
    if (pattern_ == "adversary") {
      if (keys_[a] == open_ && keys_[b] == open_) keys_[a == candidate_ ? a : b] = decided_++;
      if (keys_[a] == open_) {
        candidate_ = a;
      } else if (keys_[b] == open_) {
        candidate_ = b;
      }
    }
    return keys_[a] < keys_[b];
  }

 private:
  const std::string_view pattern_;
  std::vector<int64_t> keys_;
  const int64_t open_;
  int64_t decided_ = 0;
  size_t candidate_ = 0;
};

TEST(Golden, EqualElementsAreSortedToWhereGoPutsThem) {
  const std::vector<std::string> lines = Lines("sort ");
  EXPECT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const Fields f = Split(line, ' ');
    const auto size = static_cast<size_t>(Int(f[1]));
    std::vector<int64_t> keys;
    std::vector<size_t> order;
    uint64_t random = size;
    for (size_t i = 0; i < size; ++i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      order.push_back(i);
      keys.push_back(
          SortKey(f[2], static_cast<int64_t>(size), static_cast<int64_t>(i), random >> 33));
    }
    SortComparison less(f[2], keys);
    internal::SortLikeGo(std::span(order), [&less](size_t a, size_t b) { return less(a, b); });
    uint64_t hash = 14695981039346656037u;
    for (const size_t i : order) hash = (hash ^ i) * 1099511628211u;
    EXPECT_EQ(fmt::format("{:x}", hash), f[3]) << line;
  }
}

}  // namespace
}  // namespace synoptic::promql
