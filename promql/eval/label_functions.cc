// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// label_replace() and label_join(): labels only, columns pass through.
#include <optional>
#include <string>

#include "base/status.h"
#include "base/strings.h"
#include "promql/eval/operators.h"
#include "re2/re2.h"

namespace synoptic::promql::internal {
namespace {

const std::string& StringArg(const Call& call, size_t i) {
  return As<StringLiteral>(*call.args[i]).value;
}

// The child's columns under other labels.
class RelabelOp final : public Operator {
 public:
  RelabelOp(OperatorPtr child, std::vector<SeriesInfo> series, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))) {
    series_ = std::move(series);
  }
  void KeepBoth() override { child_.KeepBoth(); }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    histograms_.swap(child_.histograms());
    return absl::OkStatus();
  }

  Operator& child_;
};

void SetLabel(SeriesInfo& info, LabelsBuilder& builder, std::string_view name,
              std::string_view value) {
  builder.Reset(info.labels);
  builder.Set(name, value);
  info.labels = builder.Build();
  if (name == kMetricName) info.drop_name = false;  // the name was asked for
}

bool IsWordByte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// A replacement template as Go's Regexp.Expand reads it: $1, ${1}, $name, ${name}, $$.
class Template {
 public:
  // `regex` may be null: one without named groups.
  Template(std::string_view text, const re2::RE2* regex) {
    while (!text.empty()) {
      const size_t dollar = text.find('$');
      AddLiteral(text.substr(0, dollar));
      if (dollar == std::string_view::npos) return;
      text.remove_prefix(dollar + 1);
      if (text.starts_with('$')) {
        AddLiteral("$");
        text.remove_prefix(1);
      } else if (const std::string_view name = TakeName(text); name.empty()) {
        AddLiteral("$");  // malformed: a plain dollar
      } else {
        parts_.push_back({"", GroupOf(name, regex)});
      }
    }
  }

  std::string Expand(const std::vector<re2::StringPiece>& groups) const {
    std::string out;
    for (const Part& part : parts_) {
      out += part.literal;
      if (part.group >= 0 && static_cast<size_t>(part.group) < groups.size()) {
        const re2::StringPiece& group = groups[static_cast<size_t>(part.group)];
        out.append(group.data() == nullptr ? "" : group.data(), group.size());
      }
    }
    return out;
  }

 private:
  struct Part {
    std::string literal;
    int group = -1;  // -1: none, unknown ones are empty
  };

  void AddLiteral(std::string_view text) {
    if (!text.empty()) parts_.push_back({std::string(text), -1});
  }

  // Removes `name` or `{name}` from the front; empty, and nothing removed, when there is none.
  static std::string_view TakeName(std::string_view& text) {
    const bool braces = text.starts_with('{');
    const std::string_view rest = text.substr(braces ? 1 : 0);
    size_t size = 0;
    while (size < rest.size() && IsWordByte(rest[size])) ++size;
    if (size == 0 || (braces && (size >= rest.size() || rest[size] != '}'))) return {};
    text.remove_prefix(size + (braces ? 2 : 0));
    return rest.substr(0, size);
  }

  static int GroupOf(std::string_view name, const re2::RE2* regex) {
    int number = 0;
    for (const char c : name) {
      if (c < '0' || c > '9' || number >= 100'000'000) {
        if (regex == nullptr) return -1;
        const auto it = regex->NamedCapturingGroups().find(std::string(name));
        return it == regex->NamedCapturingGroups().end() ? -1 : it->second;
      }
      number = number * 10 + (c - '0');
    }
    if (name[0] == '0' && name.size() > 1) return -1;
    return number;
  }

  std::vector<Part> parts_;
};

absl::Status InvalidName(const char* what, const Call& call, std::string_view name) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, "invalid {} label name in {}(): {}",
                    what, call.function->name, name);
}

bool IsValidName(std::string_view name) { return !name.empty() && IsValidUtf8(name); }

}  // namespace

absl::StatusOr<OperatorPtr> BuildLabelReplace(const Call& call, const Scope& scope) {
  const std::string& target = StringArg(call, 1);
  const std::string& pattern = StringArg(call, 4);
  re2::RE2::Options options;
  options.set_log_errors(false);
  // What most ask for takes no regular expression: compiling one costs more than a small query.
  std::optional<re2::RE2> regex;
  if (pattern != "(.*)") regex.emplace("^(?s:" + pattern + ")$", options);
  if (regex.has_value() && !regex->ok()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "invalid regular expression in label_replace(): {}", pattern);
  }
  if (!IsValidName(target)) return InvalidName("destination", call, target);
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  RETURN_IF_ERROR(child->SettleOrder());
  const Template replacement(StringArg(call, 2), regex.has_value() ? &*regex : nullptr);
  std::vector<SeriesInfo> series = child->series();
  std::vector<re2::StringPiece> groups(
      regex.has_value() ? static_cast<size_t>(regex->NumberOfCapturingGroups()) + 1 : 2);
  LabelsBuilder builder;
  for (SeriesInfo& info : series) {
    const std::string_view value = info.labels.Get(StringArg(call, 3));
    const re2::StringPiece text(value.data() == nullptr ? "" : value.data(), value.size());
    if (!regex.has_value()) {
      groups = {text, text};
    } else if (!regex->Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                             static_cast<int>(groups.size()))) {
      continue;
    }
    SetLabel(info, builder, target, replacement.Expand(groups));
  }
  scope.eval.NextOrder();
  return MergeEqual(std::make_unique<RelabelOp>(std::move(child), std::move(series), scope), scope,
                    EqualSeries::kMayMix);
}

absl::StatusOr<OperatorPtr> BuildLabelJoin(const Call& call, const Scope& scope) {
  const std::string& target = StringArg(call, 1);
  for (size_t i = 3; i < call.args.size(); ++i) {
    if (!IsValidName(StringArg(call, i))) return InvalidName("source", call, StringArg(call, i));
  }
  if (!IsValidName(target)) return InvalidName("destination", call, target);
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  RETURN_IF_ERROR(child->SettleOrder());
  std::vector<SeriesInfo> series = child->series();
  LabelsBuilder builder;
  for (SeriesInfo& info : series) {
    std::string joined;
    for (size_t i = 3; i < call.args.size(); ++i) {
      if (i > 3) joined += StringArg(call, 2);
      joined += info.labels.Get(StringArg(call, i));
    }
    SetLabel(info, builder, target, joined);
  }
  scope.eval.NextOrder();
  return MergeEqual(std::make_unique<RelabelOp>(std::move(child), std::move(series), scope), scope,
                    EqualSeries::kMayMix);
}

}  // namespace synoptic::promql::internal
