// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/question.h"

#include <charconv>
#include <cmath>
#include <map>

#include "aggregator/api/answer.h"
#include "aggregator/api/encode.h"
#include "aggregator/api/params.h"
#include "base/json.h"
#include "base/status.h"
#include "promql/eval/evaluator.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "simdjson.h"
#include "tests/compat/engine/loopback.h"

namespace synoptic::compat {
namespace {

std::string Seconds(int64_t ms) {
  return fmt::format("{}{}.{:03}", ms < 0 ? "-" : "", std::abs(ms) / 1000, std::abs(ms) % 1000);
}

std::string FormEscaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

std::string Form(const Question& question) {
  const std::string query = "query=" + FormEscaped(question.text);
  if (!question.range) return query + "&time=" + Seconds(question.grid.start);
  return fmt::format("{}&start={}&end={}&step={}", query, Seconds(question.grid.start),
                     Seconds(question.grid.end), Seconds(question.grid.step));
}

absl::Status RefusedType(const promql::Expr& expr) {
  return InvalidArgument(
      "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
      promql::DocumentedName(promql::TypeOf(expr)));
}

absl::StatusOr<promql::EvalResult> Evaluate(const Question& question, const World& world) {
  promql::ParseOptions parse;
  parse.experimental_functions = true;
  parse.binop_fill_modifiers = true;
  auto tree = promql::ParseExpr(question.text, parse);
  const bool refused = tree.ok() && question.range &&
                       promql::TypeOf(**tree) != promql::ValueType::kScalar &&
                       promql::TypeOf(**tree) != promql::ValueType::kVector;
  // As the query service does: the type comes before durations that cannot be.
  if (refused) return RefusedType(**tree);
  if (tree.ok()) tree = promql::Preprocess(*std::move(tree), question.grid);
  if (!tree.ok()) return tree.status();
  WorldSource source(world, question.series.empty() ? nullptr : &question.series);
  source.Bind(**tree);
  promql::EvalOptions options;
  options.grid = question.grid;
  options.range_query = question.range;
  options.delayed_name_removal = question.delayed_name_removal;
  options.use_start_timestamps = question.use_start_timestamps;
  options.type_and_unit_labels = question.type_and_unit_labels;
  options.query_text = question.text;
  return promql::Evaluate(**tree, options, source);
}

}  // namespace

std::string ToJsonLine(const Question& question) {
  std::string out = fmt::format(
      R"({{"world":{},"engine":{},"path":"{}","form":"{}")", question.world,
      (question.delayed_name_removal ? 1 : 0) + (question.use_start_timestamps ? 2 : 0) +
          (question.type_and_unit_labels ? 4 : 0),
      question.range ? "query_range" : "query", Form(question));
  if (!question.series.empty())
    out += fmt::format(R"(,"series":[{}])", fmt::join(question.series, ","));
  return out + "}\n";
}

namespace {

std::string FormUnescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int byte = 0;
    const bool escaped =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ec == std::errc();
    out += escaped ? static_cast<char>(byte) : text[i];
    if (escaped) i += 2;
  }
  return out;
}

std::map<std::string, std::string> ReadForm(std::string_view form) {
  std::map<std::string, std::string> fields;
  while (!form.empty()) {
    const std::string_view field = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(field.size() + 1, form.size()));
    const size_t equals = std::min(field.find('='), field.size());
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    fields[std::string(field.substr(0, equals))] = FormUnescaped(value);
  }
  return fields;
}

int64_t Milliseconds(const std::string& seconds) {
  return std::llround(std::strtod(seconds.c_str(), nullptr) * 1000);
}

}  // namespace

absl::StatusOr<Question> FromJsonLine(const std::string& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  int64_t world = 0, engine = 0;
  std::string_view path, form;
  if (parser.parse(line).get(json) != simdjson::SUCCESS ||
      json["world"].get(world) != simdjson::SUCCESS ||
      json["engine"].get(engine) != simdjson::SUCCESS ||
      json["path"].get(path) != simdjson::SUCCESS || json["form"].get(form) != simdjson::SUCCESS) {
    return InvalidArgument(
        "a question is {{\"world\":N,\"engine\":N,\"path\":...,\"form\":...}}, not {}", line);
  }
  Question question;
  question.world = static_cast<size_t>(world);
  question.delayed_name_removal = (engine & 1) != 0;
  question.use_start_timestamps = (engine & 2) != 0;
  question.type_and_unit_labels = (engine & 4) != 0;
  question.range = path == "query_range";
  std::map<std::string, std::string> fields = ReadForm(form);
  question.text = fields["query"];
  question.grid = promql::Grid::Instant(Milliseconds(fields["time"]));
  if (question.range) {
    question.grid = {Milliseconds(fields["start"]), Milliseconds(fields["end"]),
                     Milliseconds(fields["step"])};
  }
  simdjson::dom::array series;
  if (json["series"].get(series) != simdjson::SUCCESS) return question;
  for (const simdjson::dom::element one : series) {
    question.series.push_back(static_cast<size_t>(one.get_uint64().value_unsafe()));
  }
  return question;
}

std::string Describe(const Question& question) {
  std::string when = "at " + Seconds(question.grid.start);
  if (question.range) {
    when = fmt::format("from {} to {} step {}", Seconds(question.grid.start),
                       Seconds(question.grid.end), Seconds(question.grid.step));
  }
  return fmt::format("{}\n  {} world {}{}{}{}", question.text, when, question.world,
                     question.delayed_name_removal ? " delayed-name-removal" : "",
                     question.use_start_timestamps ? " use-start-timestamps" : "",
                     question.type_and_unit_labels ? " type-and-unit-labels" : "");
}

std::string AskOurs(const Question& question, const World& world) {
  auto result = Evaluate(question, world);
  if (absl::IsInvalidArgument(result.status())) {
    return aggregator::RenderError(
               aggregator::InvalidParameter("query", MessageOf(result.status())))
        .body;
  }
  if (!result.ok()) return aggregator::RenderError(result.status()).body;
  aggregator::Answer answer;
  answer.warnings = result->annotations.warnings();
  aggregator::CapAnnotations(&answer.warnings, 10, "warning");
  answer.infos = result->annotations.infos();
  aggregator::CapAnnotations(&answer.infos, 10, "info");
  answer.body += '{';
  aggregator::AppendQueryValue(result->value, answer.body);
  answer.body += '}';
  return aggregator::Render(std::move(answer)).body;
}

absl::StatusOr<std::vector<std::string>> AskTheirs(int port,
                                                   const std::vector<Question>& questions) {
  std::string lines;
  for (const Question& question : questions) lines += ToJsonLine(question);
  ASSIGN_OR_RETURN(const std::string body, Post(port, "/batch", "", lines));
  std::vector<std::string> answers;
  for (size_t at = 0; at < body.size();) {
    const size_t end = body.find('\n', at);
    if (end == std::string::npos) break;
    size_t size = 0;
    std::from_chars(body.data() + at, body.data() + end, size);
    answers.push_back(body.substr(end + 1, size));
    at = end + 1 + size;
  }
  if (answers.size() != questions.size()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "{} answers to {} questions", answers.size(),
                      questions.size());
  }
  return answers;
}

}  // namespace synoptic::compat
