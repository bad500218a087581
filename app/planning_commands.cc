// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/planning_commands.h"

#include <cstdio>

#include "app/http_get.h"
#include "app/result_table.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

std::string FormatOf(OutputForm output) {
  switch (output) {
    case OutputForm::kJson:
      return "json";
    case OutputForm::kCsv:
      return "csv";
    default:
      return "text";
  }
}

// Puts the question and prints the answer; the verdict, if any, goes to `verdict`. JSON is the
// API's own answer.
int AskServer(std::string_view command, const PlanningArguments& arguments, std::string_view path,
              net::Parameters form, std::string* verdict = nullptr) {
  if (arguments.output != OutputForm::kJson)
    form.emplace_back("format", FormatOf(arguments.output));
  const auto reply = PostForm(arguments.server, path, form);
  if (!reply.ok()) {
    fmt::print(stderr, "synoptic {}: {}\n", command, MessageOf(reply.status()));
    return 1;
  }
  if (reply->status != 200) {
    const auto error = ParseResult(reply->body);
    fmt::print(stderr, "synoptic {}: HTTP {}: {}\n", command, reply->status,
               MessageOf(error.status()));
    return 1;
  }
  if (verdict != nullptr) *verdict = reply->headers.Get("Synoptic-Verdict").value_or("");
  fmt::print("{}{}", reply->body, reply->body.ends_with('\n') ? "" : "\n");
  return 0;
}

}  // namespace

int WhatIf(const WhatIfArguments& arguments) {
  net::Parameters form = {{"lose", Join(arguments.lose, ",")}};
  if (!arguments.growth.empty()) form.emplace_back("growth", arguments.growth);
  if (!arguments.at.empty()) form.emplace_back("at", arguments.at);
  return AskServer("whatif", arguments, "/api/v1/synoptic/whatif", std::move(form));
}

}  // namespace synoptic::app
