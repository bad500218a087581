// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// synoptic rules backfill.
#include <cstdio>

#include "app/http_get.h"
#include "app/result_table.h"
#include "app/rules_commands.h"
#include "base/status.h"
#include "simdjson.h"

namespace synoptic::app {
namespace {

int Fail(std::string_view why) {
  fmt::print(stderr, "synoptic rules backfill: {}\n", why);
  return 1;
}

}  // namespace

int BackfillRules(const BackfillRulesArguments& arguments) {
  net::Parameters form = {{"start", arguments.from}};
  // Nothing is evaluated ahead of its time: the end of all times is now.
  form.emplace_back("end", arguments.to.empty() ? "9999-12-31T23:59:59Z" : arguments.to);
  if (!arguments.group.empty()) form.emplace_back("group", arguments.group);
  const auto reply = PostForm(arguments.server, "/api/v1/synoptic/backfill", form);
  if (!reply.ok()) return Fail(MessageOf(reply.status()));
  if (reply->status != 200) {
    return Fail(
        fmt::format("HTTP {}: {}", reply->status, MessageOf(ParseResult(reply->body).status())));
  }
  if (arguments.output == OutputForm::kJson) {
    fmt::print("{}\n", reply->body);
    return 0;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  int64_t rules = 0, slots = 0;
  if (parser.parse(reply->body).get(document) != simdjson::SUCCESS ||
      document["data"]["rules"].get(rules) != simdjson::SUCCESS ||
      document["data"]["slots"].get(slots) != simdjson::SUCCESS) {
    return Fail("the server's answer cannot be read");
  }
  if (arguments.output == OutputForm::kCsv) {
    fmt::print("rules,slots\n{},{}\n", rules, slots);
  } else {
    fmt::print("{} recording rules at {} times: the server makes up for them now\n", rules, slots);
  }
  return 0;
}

}  // namespace synoptic::app
