// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/label_rules.h"

#include <gtest/gtest.h>

#include "aggregator/upstream/external_labels.h"
#include "aggregator/upstream/selector_text.h"

namespace synoptic::aggregator {
namespace {

using promql::Label;
using promql::Labels;

TEST(LabelRules, SetsOursAndBelievesNobody) {
  const LabelRules rules(Labels::From({{"region", "eu"}}), {"region", "shard"}, {"replica"});
  const auto apply = [&](std::vector<Label> labels, const Labels& external = Labels()) {
    return rules.Apply(labels, external).ToString();
  };
  EXPECT_EQ(apply({}), "{region=\"eu\"}");
  EXPECT_EQ(apply({{"__name__", "up"}, {"zone", "1"}}), "up{region=\"eu\", zone=\"1\"}");
  EXPECT_EQ(apply({{"region", "us"}}), "{exported_region=\"us\", region=\"eu\"}");
  EXPECT_EQ(apply({{"region", "eu"}}), "{exported_region=\"eu\", region=\"eu\"}")
      << "its own label, though it reads like ours";
  EXPECT_EQ(apply({{"shard", "1"}}), "{exported_shard=\"1\", region=\"eu\"}")
      << "a topology label that only other shards set";
  EXPECT_EQ(apply({{"exported_region", "a"}, {"region", "b"}}),
            "{exported_exported_region=\"b\", exported_region=\"a\", region=\"eu\"}");
  EXPECT_EQ(apply({{"a", ""}, {"region", ""}, {"replica", "r1"}}), "{region=\"eu\"}");
  const Labels external = Labels::From({{"region", "us"}, {"a", "1"}, {"replica", "x"}});
  EXPECT_EQ(apply({{"a", "1"}, {"b", "1"}, {"region", "us"}}, external),
            "{b=\"1\", region=\"eu\"}");
  EXPECT_EQ(apply({{"a", "2"}, {"region", "eu"}}, external),
            "{a=\"2\", exported_region=\"eu\", region=\"eu\"}")
      << "another value is the series' own";
}

TEST(LabelRules, TrustsUpstreamsThatSetTheTopologyThemselves) {
  const LabelRules rules(Labels::From({{"region", "eu"}}), {"region"}, {}, true);
  const std::vector<Label> equal = {{"region", "eu"}};
  EXPECT_EQ(rules.Apply(equal).ToString(), "{region=\"eu\"}");
  const std::vector<Label> other = {{"region", "us"}};
  EXPECT_EQ(rules.Apply(other).ToString(), "{exported_region=\"us\", region=\"eu\"}");
}

TEST(LabelRules, NamesFollowTheLabels) {
  const LabelRules rules(Labels::From({{"region", "eu"}}), {"region"}, {"replica"});
  EXPECT_EQ(rules.ApplyToNames({"a", "region", "replica"}),
            (std::vector<std::string>{"a", "exported_region", "region"}));
}

TEST(ExternalLabels, ComeFromTheGlobalBlockOnly) {
  const auto parse = [](std::string_view data) {
    const auto labels = ParseExternalLabels(data);
    return labels.ok() ? labels->ToString() : "error";
  };
  EXPECT_EQ(parse(R"({"yaml":"global:\n  external_labels:\n    \"on\": \"yes\"\n    a: b\n)"
                  R"(remote_write:\n- x: 1\n  external_labels:\n    c: d\n"})"),
            "{a=\"b\", on=\"yes\"}");
  EXPECT_EQ(parse(R"({"yaml":"rule_files: []\nglobal: {external_labels: {a: \"1\"}}\n"})"),
            "{a=\"1\"}");
  EXPECT_EQ(parse(R"({"yaml":"global:\n  scrape_interval: 15s\n"})"), "{}");
  EXPECT_EQ(parse(R"({"yaml":"scrape_configs: []\n"})"), "{}");
  EXPECT_EQ(parse(R"({"yaml":""})"), "{}");
  for (const std::string_view bad : {"null", "[]", "{}", R"({"yaml":5})", R"({"yml":"global:"})",
                                     R"({"yaml":"global:\n  external_labels: [\n"})"}) {
    EXPECT_EQ(parse(bad), "error") << bad;
  }
}

TEST(SelectorText, IsPromql) {
  const auto matcher = [](promql::MatchOp op, std::string name, std::string value) {
    return promql::Matcher::Create(op, std::move(name), std::move(value)).value();
  };
  using promql::MatchOp;
  EXPECT_EQ(SelectorText({matcher(MatchOp::kEqual, "__name__", "up"),
                          matcher(MatchOp::kRegex, "job", "a\"\\d+\n"),
                          matcher(MatchOp::kNotEqual, "a.b", "é")}),
            R"({__name__="up",job=~"a\"\\d+\n","a.b"!="é"})");
  EXPECT_EQ(SelectorText({}), R"({__name__!=""})");
  EXPECT_EQ(SelectorText({matcher(MatchOp::kNotRegex, "a", ".+")}), R"({a!~".+",__name__!=""})");
}

}  // namespace
}  // namespace synoptic::aggregator
