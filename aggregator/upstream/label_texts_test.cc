// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/label_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "aggregator/upstream/list_decoder.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using ::testing::ElementsAre;

TEST(LabelTexts, AreLabelSetsAsJson) {
  const LabelTexts texts({Labels(), Labels::From({{"b", "\"\n"}, {"a", "x"}})});
  EXPECT_EQ(texts.text(), R"({},{"a":"x","b":"\"\n"})");
  EXPECT_EQ(texts.at(1), R"({"a":"x","b":"\"\n"})");
  EXPECT_THAT(texts.ToLabels(), ElementsAre(Labels(), Labels::From({{"b", "\"\n"}, {"a", "x"}})));
}

// Names and values of few and awkward characters, so that many begin alike.
Labels RandomLabels(std::mt19937& random) {
  constexpr std::string_view kCharacters = "ab!\"\\,}{:\n\x01~ ";
  const auto string = [&](size_t least) {
    std::string out;
    for (size_t size = least + random() % 3; out.size() < size;) {
      out += random() % 2 == 0 ? kCharacters[random() % kCharacters.size()] : 'a';
    }
    return out;
  };
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t count = random() % 4; pairs.size() < count;) pairs.emplace_back(string(1), string(1));
  return Labels::From(std::move(pairs));
}

TEST(LabelTexts, AreInTheOrderOfWhatTheyMean) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    const Labels a = RandomLabels(random), b = RandomLabels(random);
    const LabelTexts texts({a, b});
    const int order = CompareLabelTexts(texts.at(0), texts.at(1));
    EXPECT_EQ(order < 0, a < b) << texts.text();
    EXPECT_EQ(order == 0, a == b) << texts.text();
    EXPECT_EQ(CompareLabelTexts(texts.at(1), texts.at(0)) < 0, b < a) << texts.text();
  }
}

TEST(LabelTexts, MergeToTheSortedUnion) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<LabelTexts> parts(random() % 5);
    std::vector<Labels> all;
    for (LabelTexts& part : parts) {
      for (size_t n = random() % 20; n > 0; --n) {
        all.push_back(RandomLabels(random));
        part.Add(all.back());
      }
      part.MakeSet();
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(MergeLabelTexts(parts).text(), LabelTexts(all).text());
  }
}

TEST(LabelTexts, GetShorter) {
  LabelTexts texts({Labels::From({{"a", "1"}}), Labels::From({{"a", "2"}})});
  texts.resize(5);
  EXPECT_EQ(texts.size(), 2u);
  texts.resize(1);
  EXPECT_EQ(texts.text(), R"({"a":"1"})");
  texts.resize(0);
  EXPECT_EQ(texts.text(), "");
  texts.Add(R"({"b":"1"})");
  EXPECT_EQ(texts.text(), R"({"b":"1"})");
}

// Whatever the upstream's spelling, and however the bytes come, the rules give the same sets.
TEST(LabelTexts, OfAnAnswerAreWhatTheRulesMakeOfIt) {
  const LabelRules rules(Labels::From({{"region", "eu"}, {"az", "\"1\""}}), {"tier"}, {"replica"});
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string body = R"({"status":"success","data":[)";
    std::vector<Labels> expected;
    for (size_t n = random() % 6, i = 0; i < n; ++i) {
      std::vector<std::pair<std::string, std::string>> pairs = {
          {"n", std::to_string(random() % 9)}};
      for (const char* name : {"region", "replica", "tier", "a", "zone", "a b"}) {
        if (random() % 4 == 0) pairs.emplace_back(name, random() % 5 == 0 ? "" : "x\ty");
        if (random() % 3 == 0 && pairs.back().first != name) pairs.emplace_back(name, "plain");
      }
      if (random() % 2 == 0) std::sort(pairs.begin(), pairs.end());
      body += i == 0 ? "{" : random() % 5 == 0 ? " , {" : ",{";
      for (size_t k = 0; k < pairs.size(); ++k) {
        const std::string& value = pairs[k].second;
        body += (k == 0 ? "\"" : ",\"") + pairs[k].first + "\":\"" +
                (value == "x\ty" ? "x\\ty" : value) + "\"";
      }
      body += '}';
      std::sort(pairs.begin(), pairs.end());
      std::vector<promql::Label> labels;
      for (const auto& [name, value] : pairs) labels.push_back({name, value});
      expected.push_back(rules.Apply(labels));
    }
    body += "]}";
    std::sort(expected.begin(), expected.end());
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    for (const size_t piece : {body.size(), size_t{7}, size_t{1}}) {
      LabelSetListDecoder decoder(rules, nullptr);
      net::Headers headers;
      headers.Add("Content-Type", "application/json");
      ASSERT_TRUE(decoder.OnHead(200, headers).ok());
      for (size_t at = 0; at < body.size(); at += piece) {
        ASSERT_TRUE(decoder.OnData(std::string_view(body).substr(at, piece)).ok()) << body;
      }
      ASSERT_TRUE(decoder.Finish().ok()) << body;
      EXPECT_EQ(decoder.Take().text(), LabelTexts(expected).text()) << body;
    }
  }
}

}  // namespace
}  // namespace synoptic::aggregator
