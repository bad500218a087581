// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>

#include "app/commands.h"
#include "app/http_get.h"
#include "app/result_table.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

int Complain(std::string_view what) {
  fmt::print(stderr, "synoptic query: {}\n", what);
  return 2;
}

net::Parameters FormOf(const QueryArguments& a) {
  net::Parameters form = {{"query", a.expression}};
  const std::pair<const char*, const std::string*> kOptional[] = {{"time", &a.time},
                                                                  {"start", &a.start},
                                                                  {"end", &a.end},
                                                                  {"step", &a.step},
                                                                  {"timeout", &a.timeout}};
  for (const auto& [name, value] : kOptional) {
    if (!value->empty()) form.emplace_back(name, *value);
  }
  if (a.explain) form.emplace_back("explain", "1");
  return form;
}

}  // namespace

int Query(const QueryArguments& arguments) {
  const int given = !arguments.start.empty() + !arguments.end.empty() + !arguments.step.empty();
  if (given != 0 && given != 3) return Complain("a range needs --start, --end and --step");
  if (given == 3 && !arguments.time.empty()) {
    return Complain("--time asks at one time: not with --start, --end and --step");
  }
  const bool range = given == 3;
  const auto reply = PostForm(arguments.server, range ? "/api/v1/query_range" : "/api/v1/query",
                              FormOf(arguments));
  if (!reply.ok()) {
    fmt::print(stderr, "synoptic query: {}\n", MessageOf(reply.status()));
    return 1;
  }
  if (arguments.output == OutputForm::kJson) {
    fmt::print("{}\n", reply->body);
    return reply->status == 200 ? 0 : 1;
  }
  auto result = ParseResult(reply->body);
  if (!result.ok()) {
    fmt::print(stderr, "synoptic query: HTTP {}: {}\n", reply->status, MessageOf(result.status()));
    return 1;
  }
  for (const std::string& text : result->warnings) fmt::print(stderr, "warning: {}\n", text);
  for (const std::string& text : result->infos) fmt::print(stderr, "info: {}\n", text);
  if (!result->explain.empty()) fmt::print(stderr, "{}\n", result->explain);
  if (arguments.output == OutputForm::kCsv) {
    fmt::print("{}", CsvOf(*result));
  } else if (range && ::isatty(STDOUT_FILENO) != 0) {
    fmt::print("{}", ChartOf(*result));
  } else {
    fmt::print("{}", TableOf(*result));
  }
  return 0;
}

}  // namespace synoptic::app
