// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/slo_file.h"

#include <set>

#include "alerting/slo/decimal.h"
#include "base/duration.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

// One YAML document of a file, at its own line.
struct Part {
  std::string text;
};

// Lines before a document become empty ones, so that positions are those of the file.
std::vector<Part> SplitDocuments(std::string_view content) {
  std::vector<Part> parts(1);
  std::string lines;
  for (const std::string_view line : Split(content, '\n')) {
    if (line == "---" || line.starts_with("--- ")) {
      parts.push_back({lines});
    } else {
      parts.back().text += line;
    }
    parts.back().text += '\n';
    lines += '\n';
  }
  return parts;
}

std::string TextOf(YamlMap& map, std::string_view key) {
  const auto value = map.Find(key);
  if (!value || value->kind() != YamlNode::Kind::kScalar) return "";
  return value->ReadString().value_or("");
}

}  // namespace

absl::Status CheckTemplate(const std::string& query) {
  const auto tree = promql::ParseExpr(Sli::Over(query, "5m"));
  if (!tree.ok()) return tree.status();
  const promql::ValueType type = promql::TypeOf(**tree);
  if (type == promql::ValueType::kVector || type == promql::ValueType::kScalar) {
    return absl::OkStatus();
  }
  return InvalidArgument("expected an instant vector, got {}", promql::DocumentedName(type));
}

bool SetObjective(const YamlValue& at, std::string_view text, bool percent, Slo* slo) {
  if (text.ends_with('%')) {
    text.remove_suffix(1);
    percent = true;
  }
  const auto decimal = Decimal::Parse(Trim(text));
  if (!decimal.ok()) {
    at.Expected("an objective like 99.9%");
    return false;
  }
  const Decimal ratio = percent ? decimal->Percent() : *decimal;
  const Decimal budget = Decimal(1, 0) - ratio;
  if (ratio.value() <= 0 || ratio.value() >= 1) {
    at.Expected(percent ? "an objective above 0% and below 100%"
                        : "an objective as a ratio, above 0 and below 1");
    return false;
  }
  slo->objective_text = ratio.ToString();
  slo->objective = ratio.value();
  slo->budget_text = budget.ToString();
  slo->budget = budget.value();
  return true;
}

void AddWorkbookWindows(Slo* slo) {
  const auto budget = Decimal::Parse(slo->budget_text);
  if (!budget.ok()) return;
  for (const WorkbookWindow& window : WorkbookWindows()) {
    if (window.long_s > slo->period_s) continue;
    BurnWindow burn;
    burn.page = window.page;
    burn.short_s = window.short_s;
    burn.long_s = window.long_s;
    // factor = budget share * period / long: exact where it has few digits.
    const int64_t scaled = window.budget_percent * slo->period_s * 10'000 / window.long_s;
    const bool exact = scaled * window.long_s == window.budget_percent * slo->period_s * 10'000;
    const Decimal factor(scaled, 6);
    burn.factor = exact ? factor.ToString() : GoFloatF(factor.value());
    const Decimal threshold = factor * *budget;
    burn.threshold = threshold.ToString();
    burn.threshold_value = threshold.value();
    slo->windows.push_back(std::move(burn));
  }
}

std::string CountOver(std::string_view selector, const SloOptions& options) {
  return fmt::format("sum by ({}) (increase({}[{}]))", Join(options.region_labels, ", "), selector,
                     kWindow);
}

absl::StatusOr<std::vector<Slo>> LoadSloFile(const std::string& file, std::string_view content,
                                             const SloOptions& options) {
  YamlContext context(file);
  std::vector<YamlDocument> documents;
  for (const Part& part : SplitDocuments(content)) {
    ASSIGN_OR_RETURN(YamlDocument document, ParseYaml(file, part.text));
    if (document.root->kind != YamlNode::Kind::kNull) documents.push_back(std::move(document));
  }
  std::vector<Slo> slos;
  std::vector<YamlMap> openslo;
  for (const YamlDocument& document : documents) {
    const YamlValue root(&context, document.root.get(), "");
    YamlMap map = root.ReadMap();
    const std::string api = TextOf(map, "apiVersion");
    const std::string version = TextOf(map, "version");
    if (api == "openslo/v1") {
      openslo.push_back(std::move(map));
    } else if (api == "sloth.slok.dev/v1" || version == "prometheus/v1") {
      ReadSloth(std::move(map), version.empty(), &slos);
    } else if (api == "pyrra.dev/v1alpha1") {
      ReadPyrra(std::move(map), options, &slos);
    } else if (api.empty() && version.empty()) {
      ReadNativeSlos(root.ReadMap(), options, &slos);
    } else {
      root.Fail(
          fmt::format("{}: expected openslo/v1, sloth.slok.dev/v1, prometheus/v1 (Sloth) or "
                      "pyrra.dev/v1alpha1",
                      GoQuote(api.empty() ? version : api)));
    }
  }
  if (!openslo.empty()) ReadOpenSlo(openslo, options, &slos);
  std::set<std::string> ids;
  for (Slo& slo : slos) {
    slo.file = file;
    if (!ids.insert(slo.id()).second) {
      context.Error({slo.line, 1}, "", fmt::format("objective {} is there twice", slo.id()));
    }
  }
  RETURN_IF_ERROR(context.status());
  return slos;
}

}  // namespace synoptic::alerting
