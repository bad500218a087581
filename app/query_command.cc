// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/chart.h"
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

// What the terminal says, or the variable that shells set.
size_t TerminalColumns() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const long said = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return said > 0 && said < 10'000 ? static_cast<size_t>(said) : 80;
}

// https://no-color.org: set and not empty means no.
bool WantsColour() {
  const char* no = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) != 0 && (no == nullptr || *no == '\0');
}

// A range on a terminal is a chart, unless a form was asked for.
OutputForm FormFor(const QueryArguments& arguments, bool range) {
  if (arguments.output != OutputForm::kAuto) return arguments.output;
  return range && ::isatty(STDOUT_FILENO) != 0 ? OutputForm::kChart : OutputForm::kTable;
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
  const OutputForm form = FormFor(arguments, range);
  if (form == OutputForm::kJson) {
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
  if (form == OutputForm::kCsv) {
    fmt::print("{}", CsvOf(*result));
  } else if (form == OutputForm::kChart && result->type == "matrix") {
    fmt::print("{}", ChartOf(*result, {.columns = TerminalColumns(), .colour = WantsColour()}));
  } else {
    fmt::print("{}", TableOf(*result));
  }
  return 0;
}

}  // namespace synoptic::app
