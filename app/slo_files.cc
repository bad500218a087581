// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// slo generate and slo import: files in, text out, no server asked.
#include <cstdio>

#include "alerting/slo/rules.h"
#include "alerting/slo/slo_file.h"
#include "app/planning_commands.h"
#include "base/fs.h"
#include "base/status.h"
#include "base/strings.h"
#include "reports/document.h"

namespace synoptic::app {
namespace {

constexpr size_t kMaxSloFileBytes = 4 << 20;

absl::StatusOr<std::vector<alerting::Slo>> LoadAll(const std::vector<std::string>& files, Fs& fs) {
  std::vector<alerting::Slo> all;
  std::vector<std::string> errors;
  for (const std::string& file : files) {
    const auto content = fs.ReadFile(file, kMaxSloFileBytes);
    auto slos = content.ok() ? alerting::LoadSloFile(file, *content)
                             : absl::StatusOr<std::vector<alerting::Slo>>(content.status());
    if (!slos.ok()) {
      errors.emplace_back(MessageOf(slos.status()));
      continue;
    }
    std::move(slos->begin(), slos->end(), std::back_inserter(all));
  }
  if (!errors.empty()) return InvalidArgument("{}", Join(errors, "\n"));
  return all;
}

reports::Form FormOf(OutputForm output) {
  if (output == OutputForm::kJson) return reports::Form::kJson;
  return output == OutputForm::kCsv ? reports::Form::kCsv : reports::Form::kText;
}

reports::Document ImportDocument(const std::vector<alerting::Slo>& slos) {
  reports::Document document;
  document.kind = "slo import";
  document.title = "Objectives";
  reports::Table table;
  table.columns = {"objective",           "form", "target", "period", "page", "ticket",
                   "error ratio over 5m", "notes"};
  for (const alerting::Slo& slo : slos) {
    std::string page, ticket;
    for (const alerting::BurnWindow& window : slo.windows) {
      if (window.page ? slo.page_disabled : slo.ticket_disabled) continue;
      std::string& text = window.page ? page : ticket;
      text += fmt::format("{}{} > {}", text.empty() ? "" : ", ",
                          alerting::WindowText(window.long_s), window.threshold);
    }
    std::string ratio = slo.sli.RatioOver("5m");
    for (char& c : ratio) c = c == '\n' ? ' ' : c;
    reports::Row row;
    row.cells = {slo.id(),
                 std::string(alerting::SloOriginName(slo.origin)),
                 slo.objective_text,
                 slo.calendar ? std::string("calendar") : alerting::WindowText(slo.period_s),
                 page,
                 ticket,
                 ratio,
                 Join(slo.notes, "; ")};
    table.rows.push_back(std::move(row));
  }
  document.sections.push_back({"", {}, {std::move(table)}, {}});
  return document;
}

}  // namespace

int SloGenerate(const SloFileArguments& arguments) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  const auto slos = LoadAll(arguments.files, *fs);
  if (!slos.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(slos.status()));
    return 1;
  }
  const std::string rules = alerting::RuleFileOf(*slos);
  if (arguments.out.empty()) {
    fmt::print("{}", rules);
    return 0;
  }
  if (const absl::Status status = fs->WriteFileAtomically(arguments.out, rules); !status.ok()) {
    fmt::print(stderr, "synoptic slo generate: {}\n", MessageOf(status));
    return 1;
  }
  fmt::print(stderr, "{}: rules of {} objectives\n", arguments.out, slos->size());
  return 0;
}

int SloImport(const SloFileArguments& arguments) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  const auto slos = LoadAll(arguments.files, *fs);
  if (!slos.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(slos.status()));
    return 1;
  }
  fmt::print("{}", reports::Render(ImportDocument(*slos), FormOf(arguments.output)));
  return 0;
}

}  // namespace synoptic::app
