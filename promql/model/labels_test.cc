// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/labels.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/strings.h"
#include "promql/model/labels_batch.h"

namespace synoptic::promql {
namespace {

Labels Make(const std::vector<std::pair<std::string, std::string>>& pairs) {
  return Labels::From(pairs);
}

TEST(Labels, EmptySetHasNothing) {
  const Labels labels;
  EXPECT_TRUE(labels.empty());
  EXPECT_EQ(labels.ToString(), "{}");
  EXPECT_EQ(labels.Get("a"), "");
  EXPECT_EQ(labels, Make({}));
  EXPECT_EQ(labels.MemoryBytes(), 0u);
  EXPECT_FALSE(labels.begin() != labels.end());
}

TEST(Labels, FromSortsDropsEmptyAndKeepsTheLastOfEqualNames) {
  const Labels labels =
      Make({{"b", "2"}, {"a", "1"}, {"c", ""}, {"b", "3"}, {"d", "4"}, {"d", ""}});
  EXPECT_EQ(labels.ToString(), R"({a="1", b="3"})");
}

TEST(Labels, PrintsAsPrometheusDoes) {
  EXPECT_EQ(Make({{"__name__", "up"}}).ToString(), "up");
  EXPECT_EQ(Make({{"__name__", "a:b"}, {"job", "x\"y"}}).ToString(), R"(a:b{job="x\"y"})");
  EXPECT_EQ(Make({{"__name__", "1.up"}}).ToString(), R"({__name__="1.up"})");
  EXPECT_EQ(Make({{"a.b", "1"}, {"c", "2"}}).ToString(), R"({"a.b"="1", c="2"})");
}

TEST(Labels, CopiesShareAndMovesEmpty) {
  Labels a = Make({{"a", "1"}});
  const Labels b = a;
  EXPECT_EQ(a[0].name.data(), b[0].name.data());
  const Labels c = std::move(a);
  EXPECT_EQ(c, b);
  EXPECT_TRUE(a.empty());  // NOLINT: moved-from is the empty set
  Labels d = Make({{"x", "y"}});
  d = b;
  EXPECT_EQ(d, c);
  d = *&d;
  EXPECT_EQ(d, c);
  d = Make({{"z", "1"}});
  EXPECT_EQ(d.Get("z"), "1");
}

TEST(Labels, OrderIsByNameThenValueThenLength) {
  const std::vector<Labels> sorted = {
      Make({}),
      Make({{"a", "1"}}),
      Make({{"a", "1"}, {"b", "1"}}),
      Make({{"a", "1"}, {"b", "2"}}),
      Make({{"a", "11"}}),
      Make({{"a", "2"}}),
      Make({{"a", "\xC3\xA4"}}),  // bytes compare unsigned
      Make({{"aa", "0"}}),
      Make({{"b", "0"}}),
  };
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(sorted[i] <=> sorted[j], i <=> j) << i << " " << j;
      EXPECT_EQ(sorted[i] == sorted[j], i == j);
    }
  }
}

TEST(Labels, EqualityTellsWhereANameEnds) {
  EXPECT_NE(Make({{"ab", "c"}}), Make({{"a", "bc"}}));
  EXPECT_NE(Make({{"ab", "c"}}).Hash(), Make({{"a", "bc"}}).Hash());
}

TEST(Labels, HashesAreThoseOfPrometheus) {
  std::ifstream golden("tests/compat/chunks/golden.txt");
  size_t cases = 0;
  for (std::string line; std::getline(golden, line);) {
    if (line.rfind("labels ", 0) != 0) continue;
    const std::vector<std::string_view> fields = Split(line, ' ');
    const std::vector<std::string_view> strings = Split(fields[2], ',');
    std::vector<std::pair<std::string, std::string>> pairs;
    for (size_t i = 0; i + 1 < strings.size(); i += 2)
      pairs.emplace_back(strings[i], strings[i + 1]);
    const Labels labels = Make(pairs);
    EXPECT_EQ(labels.Hash(), std::stoull(std::string(fields[1]), nullptr, 16)) << line;
    EXPECT_EQ(labels.Hash(), labels.Hash());
    ++cases;
  }
  EXPECT_EQ(cases, 5u);
}

TEST(Labels, NamesAndValuesMayBeOfAnyLength) {
  for (const size_t name : {1u, 254u, 255u, 256u, 70'000u}) {
    for (const size_t value : {1u, 254u, 255u, 256u, 70'000u}) {
      const Labels labels =
          Make({{std::string(name, 'n'), std::string(value, 'v')}, {"z", std::string(value, 'w')}});
      ASSERT_EQ(labels.size(), 2u);
      EXPECT_EQ(labels[0].name, std::string(name, 'n'));
      EXPECT_EQ(labels[0].value, std::string(value, 'v'));
      EXPECT_EQ(labels[1].name, "z");
      EXPECT_EQ(labels[1].value, std::string(value, 'w'));
    }
  }
}

TEST(LabelsBatch, MakesSetsThatOutliveItInAnyOrder) {
  std::vector<Labels> plain;
  for (size_t i = 0; i < 200; ++i) {
    // Some take several to a block, some a block, some more than one has.
    const std::string value(i % 50 == 49 ? 3000 : 10 * (i % 17) + 1,
                            static_cast<char>('a' + i % 26));
    plain.push_back(Make({{"job", std::to_string(i)}, {"long", value}}));
  }
  for (const size_t announced : {size_t{0}, size_t{1}, plain.size() / 2, plain.size() * 2}) {
    std::vector<Labels> made;
    {
      LabelsBatch batch(announced);
      for (const Labels& labels : plain) {
        const std::vector<Label> pairs = {labels[0], labels[1]};
        made.push_back(batch.FromSorted(pairs.data(), pairs.size()));
      }
      EXPECT_EQ(batch.FromSorted(nullptr, 0), Labels());
    }
    EXPECT_EQ(made, plain);
    for (size_t i = 0; i < made.size(); ++i) EXPECT_EQ(made[i].Hash(), plain[i].Hash());
    const Labels kept = made[100];
    for (size_t i = 0; i < made.size(); i += 2) made[i] = Labels();
    for (size_t i = made.size(); i-- > 0;) made[i] = Labels();
    EXPECT_EQ(kept, plain[100]);
  }
}

TEST(LabelsBatch, FiltersAndSetsOne) {
  LabelsBatch batch(10);
  const Labels labels = Make({{"b", "1"}, {"d", "2"}});
  EXPECT_EQ(batch.With(labels, "a", "0").ToString(), R"({a="0", b="1", d="2"})");
  EXPECT_EQ(batch.With(labels, "c", "0").ToString(), R"({b="1", c="0", d="2"})");
  EXPECT_EQ(batch.With(labels, "d", "0").ToString(), R"({b="1", d="0"})");
  EXPECT_EQ(batch.With(labels, "e", "0").ToString(), R"({b="1", d="2", e="0"})");
  EXPECT_EQ(batch.With(labels, "b", "").ToString(), R"({d="2"})");
  EXPECT_EQ(batch.With(labels, "c", "").ToString(), R"({b="1", d="2"})");
  EXPECT_EQ(batch.With(Labels(), "c", ""), Labels());
  const auto all_but_b = [](std::string_view name) { return name != "b"; };
  EXPECT_EQ(batch.Filter(labels, all_but_b).ToString(), R"({d="2"})");
  const Labels d = batch.Filter(labels, all_but_b);
  EXPECT_EQ(batch.Filter(d, all_but_b)[0].name.data(), d[0].name.data());  // shared, not copied
}

TEST(LabelsBuilder, SetsDeletesAndRebuilds) {
  LabelsBuilder builder(Make({{"b", "1"}, {"__name__", "up"}, {"__unit__", "s"}}));
  builder.Set("a", "0").Set("b", "2").Set("c", "3").Delete("missing");
  EXPECT_EQ(builder.Get("b"), "2");
  EXPECT_EQ(builder.Get("nope"), "");
  EXPECT_EQ(builder.Build().ToString(), R"(up{__unit__="s", a="0", b="2", c="3"})");
  builder.DeleteMetadata().Set("a", "");
  EXPECT_EQ(builder.Build().ToString(), R"({b="2", c="3"})");
  builder.Reset(Labels());
  EXPECT_EQ(builder.Build(), Labels());
}

TEST(Labels, KeepAndDropFollowByAndWithout) {
  const Labels labels =
      Make({{"__name__", "up"}, {"__type__", "gauge"}, {"a", "1"}, {"b", "2"}, {"c", "3"}});
  EXPECT_EQ(KeepLabels(labels, {"a", "c", "z"}).ToString(), R"({a="1", c="3"})");
  EXPECT_EQ(KeepLabels(labels, {"__name__"}).ToString(), "up");
  EXPECT_EQ(DropLabels(labels, {"b"}).ToString(), R"({a="1", c="3"})");
  EXPECT_EQ(DropLabels(labels, {}).ToString(), R"({a="1", b="2", c="3"})");
  const Labels plain = Make({{"a", "1"}});
  EXPECT_EQ(DropLabels(plain, {"b"})[0].name.data(), plain[0].name.data());  // shared, not copied
}

}  // namespace
}  // namespace synoptic::promql
