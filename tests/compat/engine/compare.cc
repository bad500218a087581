// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/compare.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"
#include "re2/re2.h"
#include "simdjson.h"

namespace synoptic::compat {
namespace {

using simdjson::dom::element;

bool SortsItsResult(const std::string& text) {
  promql::ParseOptions options;
  options.experimental_functions = true;
  options.binop_fill_modifiers = true;
  const auto tree = promql::ParseExpr(text, options);
  if (!tree.ok()) return false;
  const promql::Expr& top = promql::Unwrap(**tree);
  if (top.kind == promql::ExprKind::kCall) {
    return promql::As<promql::Call>(top).function->name.starts_with("sort");
  }
  if (top.kind != promql::ExprKind::kAggregate) return false;
  const auto op = promql::As<promql::Aggregate>(top).op;
  return op == promql::AggregateOp::kTopk || op == promql::AggregateOp::kBottomk;
}

// Prometheus merges a note about repaired histograms into itself at every later step, so that the
// samples it counts double each time. We count each once; the number is left out.
std::string TextOf(element value) {
  static const re2::RE2 kRepaired("over -?[0-9]+ samples from");
  std::string text = simdjson::minify(value);
  re2::RE2::Replace(&text, kRepaired, "over some samples from");
  return text;
}

void AppendSet(const char* name, element document, std::string& out) {
  simdjson::dom::array array;
  if (document.at_key(name).get(array) != simdjson::SUCCESS) return;
  std::vector<std::string> texts;
  for (const element item : array) texts.push_back(TextOf(item));
  std::sort(texts.begin(), texts.end());
  const bool cut = std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
    return text.find("annotations omitted") != std::string::npos;
  });
  for (const std::string& text : texts) {
    if (!cut || text.find("annotations omitted") != std::string::npos) {
      out += std::string(name) + " " + text + "\n";
    }
  }
}

void AppendData(element data, bool ordered, std::string& out) {
  std::string_view type;
  element result;
  if (data.at_key("resultType").get(type) != simdjson::SUCCESS ||
      data.at_key("result").get(result) != simdjson::SUCCESS) {
    out += simdjson::minify(data) + "\n";
    return;
  }
  out += std::string(type) + "\n";
  simdjson::dom::array items;
  if ((type != "vector" && type != "matrix") || result.get(items) != simdjson::SUCCESS) {
    out += simdjson::minify(result) + "\n";
    return;
  }
  std::vector<std::string> texts;
  for (const element item : items) texts.push_back(simdjson::minify(item));
  if (type == "vector" && !ordered) std::sort(texts.begin(), texts.end());
  for (const std::string& text : texts) out += text + "\n";
}

}  // namespace

std::string Canonical(const std::string& answer, const std::string& text) {
  thread_local simdjson::dom::parser parser;
  element document;
  if (parser.parse(answer).get(document) != simdjson::SUCCESS) return "not JSON: " + answer;
  std::string out;
  for (const char* name : {"errorType", "error"}) {
    std::string_view value;
    if (document.at_key(name).get(value) == simdjson::SUCCESS) {
      out += std::string(name) + " " + std::string(value) + "\n";
    }
  }
  element data;
  if (document.at_key("data").get(data) == simdjson::SUCCESS) {
    AppendData(data, SortsItsResult(text), out);
  }
  AppendSet("warnings", document, out);
  AppendSet("infos", document, out);
  return out;
}

std::string Difference(const std::string& theirs, const std::string& ours) {
  const auto a = Split(theirs, '\n'), b = Split(ours, '\n');
  const std::multiset<std::string_view> in_a(a.begin(), a.end()), in_b(b.begin(), b.end());
  std::string out;
  for (const std::string_view line : a) {
    if (!in_b.contains(line)) out += "  - " + std::string(line.substr(0, 1500)) + "\n";
  }
  for (const std::string_view line : b) {
    if (!in_a.contains(line)) out += "  + " + std::string(line.substr(0, 1500)) + "\n";
  }
  return out.empty() ? "  - in another order:\n" + theirs + "  + than ours:\n" + ours : out;
}

absl::StatusOr<std::vector<Explained>> Explained::Read(const std::string& path) {
  std::ifstream file(path);
  if (!file) return InvalidArgument("cannot read {}", path);
  std::vector<Explained> out;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto fields = Split(line, '\t');
    if (fields.size() != 4) return InvalidArgument("{}: not four fields: {}", path, line);
    Explained& one = out.emplace_back();
    std::string* const parts[] = {&one.reason_, &one.text_, &one.theirs_, &one.ours_};
    for (size_t i = 0; i < 4; ++i) *parts[i] = fields[i];
  }
  return out;
}

bool Explained::Covers(const std::string& text, const std::string& theirs,
                       const std::string& ours) const {
  return re2::RE2::PartialMatch(text, text_) && re2::RE2::PartialMatch(theirs, theirs_) &&
         re2::RE2::PartialMatch(ours, ours_);
}

}  // namespace synoptic::compat
