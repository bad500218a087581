// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/json_stream.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using Event = JsonStream::Event;

// The events as text, or "error".
std::string Events(std::string_view json, size_t piece = std::string_view::npos) {
  JsonStream stream;
  std::string out;
  bool finished = false;
  while (true) {
    const Event event = stream.Next();
    switch (event) {
      case Event::kMore:
        if (finished) return out + "!";
        if (json.empty()) {
          stream.Finish();
          finished = true;
        } else {
          stream.Feed(json.substr(0, piece));
          json.remove_prefix(std::min(piece, json.size()));
        }
        break;
      case Event::kError:
        return "error";
      case Event::kEnd:
        return out;
      case Event::kObject:
        out += "{";
        break;
      case Event::kObjectEnd:
        out += "}";
        break;
      case Event::kArray:
        out += "[";
        break;
      case Event::kArrayEnd:
        out += "]";
        break;
      case Event::kKey:
        out += "k(" + std::string(stream.text()) + ")";
        break;
      case Event::kString:
        out += "s(" + std::string(stream.text()) + ")";
        break;
      case Event::kNumber:
        out += "n(" + std::string(stream.text()) + ")";
        break;
      case Event::kTrue:
        out += "t";
        break;
      case Event::kFalse:
        out += "f";
        break;
      case Event::kNull:
        out += "0";
        break;
    }
  }
}

TEST(JsonStream, ReadsEveryKindOfValue) {
  EXPECT_EQ(Events(R"( {"a":[1,-2.5e+3,"x",true,false,null,{}],"b":{"c":[]}} )"),
            "{k(a)[n(1)n(-2.5e+3)s(x)tf0{}]k(b){k(c)[]}}");
  EXPECT_EQ(Events("5"), "n(5)");
  EXPECT_EQ(Events(R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")"),
            "s(\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9f\x98\x80)");
}

TEST(JsonStream, GivesTheSameEventsHoweverItIsCut) {
  const std::string json =
      R"({"status":"success","x\u0041\\":[1.25,{"y":"\ud83d\ude00z"}],"n":null,"t":true , "e":1e9})";
  const std::string whole = Events(json);
  EXPECT_NE(whole, "error");
  for (size_t piece = 1; piece < json.size(); ++piece) EXPECT_EQ(Events(json, piece), whole);
}

TEST(JsonStream, RefusesWhatIsNotJson) {
  for (const std::string_view json : {"",
                                      " ",
                                      "{",
                                      "[1",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "[1 2]",
                                      "{\"a\":1]",
                                      "[1}",
                                      "1 2",
                                      "{}x",
                                      "nul",
                                      "nulL",
                                      "tru",
                                      "NaN",
                                      "Infinity",
                                      "-",
                                      "01",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "+1",
                                      "0x1",
                                      "'a'",
                                      "\"a",
                                      "\"\n\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\\ud800\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\udc00\"",
                                      "\"\xff\"",
                                      "\"\xc0\x80\"",
                                      "\"\xed\xa0\x80\"",
                                      "\xef\xbb\xbf{}",
                                      "]",
                                      "}",
                                      "\"a\"\"b\"",
                                      "\"\\"}) {
    EXPECT_EQ(Events(json), "error") << json;
    EXPECT_EQ(Events(json, 1), "error") << json;
  }
  EXPECT_EQ(Events(std::string_view("{\0}", 3)), "error");
  EXPECT_EQ(Events(std::string_view("\"\0\"", 3)), "error");
}

TEST(JsonStream, EveryPrefixIsIncomplete) {
  const std::string json = R"({"a":["b\u0041",1.5,true]})";
  for (size_t size = 0; size < json.size(); ++size) {
    EXPECT_EQ(Events(json.substr(0, size)), "error") << size;
  }
}

TEST(JsonStream, BoundsDepthAndStrings) {
  const int depth = JsonStream::kMaxDepth;
  EXPECT_NE(Events(std::string(depth, '[') + std::string(depth, ']')), "error");
  EXPECT_EQ(Events(std::string(depth + 1, '[') + std::string(depth + 1, ']')), "error");
  EXPECT_EQ(Events("\"" + std::string(JsonStream::kMaxString + 1, 'a') + "\"", 65536), "error");
  // Refused long before the end that never comes.
  JsonStream endless;
  int64_t fed = 0;
  endless.Feed("[\"");
  while (endless.Next() != Event::kError) {
    ASSERT_LT(fed += 65536, 4 << 20);
    endless.Feed(std::string(65536, 'a'));
  }
}

TEST(JsonStream, TakesPointsWhole) {
  const std::string json =
      R"([[1435781451.781,"1.5"],[1435781452,"-2e+3"],[3,"NaN"],[4, "5"]])" + std::string(64, ' ');
  JsonStream stream;
  stream.Feed(json);
  ASSERT_EQ(stream.Next(), Event::kArray);
  int64_t t = 0;
  double v = 0;
  ASSERT_TRUE(stream.NextPoint(&t, &v));
  EXPECT_EQ(t, 1435781451781);
  EXPECT_EQ(v, 1.5);
  ASSERT_TRUE(stream.NextPoint(&t, &v));
  EXPECT_EQ(t, 1435781452000);
  EXPECT_EQ(v, -2000);
  ASSERT_TRUE(stream.NextPoint(&t, &v));
  EXPECT_FALSE(stream.NextPoint(&t, &v)) << "white space: the general way";
  EXPECT_EQ(stream.Next(), Event::kArray);
  EXPECT_EQ(stream.Next(), Event::kNumber);
  EXPECT_EQ(stream.Next(), Event::kString);
  EXPECT_EQ(stream.Next(), Event::kArrayEnd);
  EXPECT_EQ(stream.Next(), Event::kArrayEnd);
}

TEST(JsonStream, TakesMembersWholeAndTheValuePoint) {
  const std::string json =
      R"({"a":"b","c":"d" ,"e":"\u0041","f":1,"value":[4,"2"],"g":"h"})" + std::string(64, ' ');
  for (size_t split = 0; split <= json.size(); ++split) {
    JsonStream stream;
    std::string seen;
    std::string_view key;
    std::string_view value;
    int64_t t = 0;
    double v = 0;
    for (const std::string& piece : {json.substr(0, split), json.substr(split)}) {
      stream.Feed(piece);
      while (true) {
        if (stream.NextMember(&key, &value)) {
          seen += std::string(key) + "=" + std::string(value) + " ";
          continue;
        }
        if (stream.NextPoint(&t, &v)) {
          seen += std::to_string(t) + "@" + std::to_string(static_cast<int>(v)) + " ";
          continue;
        }
        const Event event = stream.Next();
        ASSERT_NE(event, Event::kError) << split << " " << stream.status();
        if (event == Event::kMore) break;
        if (event == Event::kKey) seen += std::string(stream.text()) + "=";
        if (event == Event::kString || event == Event::kNumber) {
          seen += std::string(stream.text()) + " ";
        }
      }
    }
    // The point may also come in parts, when it is cut.
    const size_t whole = seen.find("4000@2 ");
    if (whole != seen.npos) seen.replace(whole, 7, "4 2 ");
    EXPECT_EQ(seen, "a=b c=d e=A f=1 value=4 2 g=h ") << split;
  }
}

}  // namespace
}  // namespace synoptic::aggregator
