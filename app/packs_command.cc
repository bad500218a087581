// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "alerting/packs/pack.h"
#include "app/commands.h"
#include "base/strings.h"
#include "fmt/format.h"
#include "reports/document.h"

namespace synoptic::app {
namespace {

using alerting::Pack;
using alerting::PackThreshold;

reports::Form FormOf(OutputForm output) {
  if (output == OutputForm::kJson) return reports::Form::kJson;
  return output == OutputForm::kCsv ? reports::Form::kCsv : reports::Form::kText;
}

reports::Table AllPacks() {
  reports::Table table;
  table.columns = {"pack", "what", reports::Column("rules", "", true), "thresholds"};
  for (const Pack& pack : alerting::ShippedPacks()) {
    std::vector<std::string> names;
    for (const PackThreshold& threshold : pack.thresholds) names.push_back(threshold.name);
    reports::Row row;
    row.cells = {pack.name, pack.about, reports::NumberCell(static_cast<double>(pack.rules.size())),
                 Join(names, ", ")};
    table.rows.push_back(std::move(row));
  }
  return table;
}

reports::Table ThresholdsOf(const Pack& pack) {
  reports::Table table;
  table.title = "Thresholds";
  table.columns = {"threshold", "default", "unit", "what", "rules"};
  for (const PackThreshold& threshold : pack.thresholds) {
    reports::Row row;
    row.cells = {threshold.name, threshold.DefaultText(), threshold.unit, threshold.about,
                 Join(threshold.rules, ", ")};
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

int Packs(const PacksArguments& arguments) {
  reports::Document document;
  document.kind = "packs";
  document.title = "Rule packs";
  reports::Section section;
  if (arguments.pack.empty()) {
    section.tables.push_back(AllPacks());
  } else {
    const Pack* pack = alerting::FindPack(arguments.pack);
    if (pack == nullptr) {
      std::vector<std::string> names;
      for (const Pack& known : alerting::ShippedPacks()) names.push_back(known.name);
      fmt::print(stderr, "synoptic packs: no pack {}; expected one of {}\n", arguments.pack,
                 Join(names, ", "));
      return 1;
    }
    document.title = pack->about;
    section.paragraphs.push_back("Rules: " + Join(pack->rules, ", "));
    section.tables.push_back(ThresholdsOf(*pack));
  }
  document.sections.push_back(std::move(section));
  fmt::print("{}", reports::Render(document, FormOf(arguments.output)));
  return 0;
}

}  // namespace synoptic::app
