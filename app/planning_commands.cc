// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/planning_commands.h"

#include <cstdio>

#include "app/http_get.h"
#include "app/result_table.h"
#include "base/fs.h"
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

int FailoverCheck(const FailoverCheckArguments& arguments) {
  net::Parameters form = {{"from", arguments.from}, {"to", arguments.to}};
  if (!arguments.at.empty()) form.emplace_back("at", arguments.at);
  std::string verdict;
  const int code = AskServer("failover check", arguments, "/api/v1/synoptic/readiness",
                             std::move(form), &verdict);
  if (code != 0) return code;
  if (verdict == "GO" || verdict == "GO_WITH_RISK") return 0;
  return verdict == "NO_GO" ? 3 : 4;
}

int DrillStart(const DrillArguments& a) {
  return AskServer("drill start", a, "/api/v1/synoptic/drills",
                   {{"action", "start"},
                    {"kind", a.kind},
                    {"from", a.from},
                    {"to", a.to},
                    {"fault", a.fault},
                    {"detected", a.detected},
                    {"decided", a.decided}});
}

int DrillFinish(const DrillArguments& a) {
  return AskServer("drill finish", a, "/api/v1/synoptic/drills",
                   {{"action", "finish"},
                    {"id", a.id},
                    {"fault", a.fault},
                    {"detected", a.detected},
                    {"decided", a.decided},
                    {"recovered", a.recovered}});
}

int SloStatus(const SloArguments& arguments) {
  return AskServer("slo", arguments, "/api/v1/synoptic/slos", {{"id", arguments.id}});
}

int Report(const ReportArguments& arguments) {
  const auto reply = PostForm(arguments.server, "/api/v1/synoptic/reports",
                              {{"name", arguments.name}, {"format", arguments.format}});
  if (!reply.ok() || reply->status != 200) {
    fmt::print(stderr, "synoptic report: {}\n",
               reply.ok() ? fmt::format("HTTP {}: {}", reply->status,
                                        MessageOf(ParseResult(reply->body).status()))
                          : std::string(MessageOf(reply.status())));
    return 1;
  }
  if (arguments.out.empty()) {
    fmt::print("{}{}", reply->body, reply->body.ends_with('\n') ? "" : "\n");
    return 0;
  }
  const auto written = NewRealFs()->WriteFileAtomically(arguments.out, reply->body);
  if (!written.ok()) {
    fmt::print(stderr, "synoptic report: {}\n", MessageOf(written));
    return 1;
  }
  return 0;
}

int DrillStatus(const PlanningArguments& arguments) {
  std::string verdict;
  const int code = AskServer("drill status", arguments, "/api/v1/synoptic/drills",
                             {{"action", "status"}}, &verdict);
  if (code != 0) return code;
  return verdict == "ABORT" ? 3 : verdict == "UNKNOWN" ? 4 : 0;
}

int DrillList(const PlanningArguments& arguments) {
  return AskServer("drill list", arguments, "/api/v1/synoptic/drills", {});
}

}  // namespace synoptic::app
