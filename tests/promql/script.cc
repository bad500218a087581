// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/script.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "base/duration.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"
#include "tests/promql/start_timestamps.h"

namespace synoptic::promqltest {
namespace {

absl::StatusOr<int64_t> Duration(const std::string& text) {
  auto ms = ParseDurationMillis(text);
  if (!ms.ok()) return ::synoptic::Annotate(ms.status(), "duration \"" + text + "\"");
  return ms;
}

absl::StatusOr<Expectation> ParseExpectation(const std::string& form, const std::string& text) {
  Expectation expectation;
  if (form == "msg") {
    expectation.message = Trim(text);
    return expectation;
  }
  // Without a text anything will do.
  const std::string pattern = form == "regex" ? std::string(Trim(text)) : "";
  re2::RE2::Options options;
  options.set_log_errors(false);
  expectation.pattern = std::make_shared<const re2::RE2>(pattern, options);
  if (!expectation.pattern->ok()) return InvalidArgument("invalid pattern \"{}\"", pattern);
  return expectation;
}

std::optional<ExpectKind> KindOf(std::string_view word) {
  static const std::map<std::string_view, ExpectKind> kKinds = {
      {"ordered", ExpectKind::kOrdered}, {"fail", ExpectKind::kFail},
      {"warn", ExpectKind::kWarn},       {"no_warn", ExpectKind::kNoWarn},
      {"info", ExpectKind::kInfo},       {"no_info", ExpectKind::kNoInfo}};
  const auto it = kKinds.find(word);
  return it == kKinds.end() ? std::nullopt : std::optional(it->second);
}

template <class T>
absl::StatusOr<T> Annotate(absl::StatusOr<T> result, const std::string& line) {
  if (result.ok()) return result;
  return ::synoptic::Annotate(result.status(), line);
}

// A lone number, as Go's ParseInt(base 0) and ParseFloat read it.
bool ParseNumberLine(std::string_view line, double& value) {
  if (line.empty() || line.find_first_of(" \t{}\"") != std::string_view::npos) return false;
  const std::string text(line);
  char* end = nullptr;
  // strtod knows hexadecimal, inf and nan; what it takes too much of (nan(...)) no script has.
  value = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

class Parser {
 public:
  explicit Parser(std::string_view text) {
    for (const std::string_view line : Split(text, '\n')) {
      const std::string_view trimmed = Trim(line);
      lines_.emplace_back(trimmed.starts_with('#') ? std::string_view() : trimmed);
    }
  }

  absl::StatusOr<std::vector<Command>> Parse() {
    std::vector<Command> commands;
    for (; at_ < lines_.size(); ++at_) {
      if (lines_[at_].empty()) continue;
      const int line = static_cast<int>(at_) + 1;
      auto command = ParseCommand();
      if (!command.ok()) {
        return ::synoptic::Annotate(command.status(), fmt::format("line {}", line));
      }
      commands.push_back(*std::move(command));
    }
    return commands;
  }

 private:
  absl::StatusOr<Command> ParseCommand() {
    const std::string& line = lines_[at_];
    const std::string word = ToLowerAscii(line.substr(0, line.find_first_of(" \t")));
    if (word == "clear") return Command(ClearCommand{});
    if (word.starts_with("load")) return ParseLoad();
    if (word.starts_with("eval")) return ParseEval();
    return InvalidArgument("invalid command \"{}\"", line);
  }

  // The lines of the current command: up to the next empty one.
  const std::string* NextLine() {
    if (at_ + 1 >= lines_.size() || lines_[at_ + 1].empty()) return nullptr;
    return &lines_[++at_];
  }

  absl::StatusOr<Command> ParseLoad() {
    static const re2::RE2 kLoad(R"(load(?:_(with_nhcb))?\s+(.+?))");
    std::string nhcb, step;
    if (!re2::RE2::FullMatch(lines_[at_], kLoad, &nhcb, &step)) {
      return InvalidArgument("invalid load command");
    }
    LoadCommand load;
    load.line = static_cast<int>(at_) + 1;
    load.with_nhcb = !nhcb.empty();
    ASSIGN_OR_RETURN(load.step_ms, Duration(step));
    LoadedSeries series;
    promql::Labels started;
    while (const std::string* line = NextLine()) {
      if (IsStartTimestampLine(*line)) {
        if (!series.start_offsets.empty()) return InvalidArgument("no samples: {}", *line);
        ASSIGN_OR_RETURN(started, ParseStartTimestampLine(*line, series.start_offsets));
        continue;
      }
      ASSIGN_OR_RETURN(series.description, Annotate(promql::ParseSeriesDescription(*line), *line));
      if (!series.start_offsets.empty() &&
          (started != series.description.labels ||
           series.start_offsets.size() != series.description.items.size())) {
        return InvalidArgument("start timestamps do not fit the samples: {}", *line);
      }
      load.series.push_back(std::exchange(series, {}));
    }
    if (!series.start_offsets.empty()) return InvalidArgument("start timestamps without samples");
    return Command(std::move(load));
  }

  absl::StatusOr<Command> ParseEval() {
    static const re2::RE2 kInstant(
        R"(eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+))");
    static const re2::RE2 kRange(
        R"(eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+))");
    EvalCommand eval;
    eval.line = static_cast<int>(at_) + 1;
    std::string mode, from, to, step;
    if (re2::RE2::FullMatch(lines_[at_], kInstant, &mode, &from, &eval.expr)) {
      ASSIGN_OR_RETURN(eval.at_ms, Duration(from));
    } else if (re2::RE2::FullMatch(lines_[at_], kRange, &mode, &from, &to, &step, &eval.expr)) {
      eval.is_range = true;
      RETURN_IF_ERROR(SetGrid(eval, from, to, step));
    } else {
      return InvalidArgument("invalid evaluation command");
    }
    if (const auto kind = KindOf(mode); kind.has_value()) {
      ASSIGN_OR_RETURN(Expectation any, ParseExpectation("", ""));
      eval.expectations[*kind].push_back(std::move(any));
    }
    for (size_t position = 1; const std::string* line = NextLine(); ++position) {
      ASSIGN_OR_RETURN(const bool is_result, ParseEvalLine(*line, position, eval));
      if (!is_result) --position;
    }
    return Command(std::move(eval));
  }

  absl::Status SetGrid(EvalCommand& eval, const std::string& from, const std::string& to,
                       const std::string& step) {
    ASSIGN_OR_RETURN(eval.grid.start, Duration(from));
    ASSIGN_OR_RETURN(eval.grid.end, Duration(to));
    ASSIGN_OR_RETURN(eval.grid.step, Duration(step));
    return absl::OkStatus();
  }

  // True for a line of the expected result.
  absl::StatusOr<bool> ParseEvalLine(const std::string& line, size_t position, EvalCommand& eval) {
    static const re2::RE2 kRangeVector(
        R"(expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+))");
    static const re2::RE2 kExpect(
        R"(expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?)");
    static const re2::RE2 kLegacy(R"(expected_fail_(message|regexp)\s+(.+))");
    static const re2::RE2 kString(R"(expect string (.+))");
    std::string a, b, c;
    if (re2::RE2::FullMatch(line, kRangeVector, &a, &b, &c)) {
      RETURN_IF_ERROR(SetGrid(eval, a, b, c));
      eval.at_ms = eval.grid.end;
      eval.not_as_range = true;
      return false;
    }
    if (re2::RE2::FullMatch(line, kString, &a)) {
      ASSIGN_OR_RETURN(const promql::ExprPtr literal, promql::ParseExpr(a));
      if (literal->kind != promql::ExprKind::kString) return InvalidArgument("no string: {}", a);
      eval.string = promql::As<promql::StringLiteral>(*literal).value;
      eval.not_as_range = true;
      return false;
    }
    if (re2::RE2::FullMatch(line, kExpect, &a, &b, &c)) {
      ASSIGN_OR_RETURN(Expectation expectation, ParseExpectation(b, c));
      eval.expectations[*KindOf(a)].push_back(std::move(expectation));
      return false;
    }
    if (re2::RE2::FullMatch(line, kLegacy, &a, &b)) {
      ASSIGN_OR_RETURN(Expectation expectation,
                       ParseExpectation(a == "message" ? "msg" : "regex", b));
      eval.expectations[ExpectKind::kFail] = {std::move(expectation)};
      return false;
    }
    if (ParseNumberLine(line, eval.scalar)) {
      eval.expects_scalar = true;
      return true;
    }
    ASSIGN_OR_RETURN(promql::SeriesDescription series,
                     Annotate(promql::ParseSeriesDescription(line), line));
    eval.series[series.labels] = {position, std::move(series.items)};
    return true;
  }

  std::vector<std::string> lines_;
  size_t at_ = 0;
};

}  // namespace

bool Expectation::Matches(std::string_view text) const {
  if (pattern == nullptr) return message == text;
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
}

std::string Expectation::ToString() const {
  return pattern == nullptr ? GoQuote(message) : "pattern " + GoQuote(pattern->pattern());
}

absl::StatusOr<std::vector<Command>> ParseScript(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace synoptic::promqltest
