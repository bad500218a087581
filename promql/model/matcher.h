// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Label matchers. Regular expressions are RE2, fully anchored, dot matches newline.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::promql {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

// "=", "!=", "=~", "!~"
std::string_view MatchOpText(MatchOp op);

// Immutable; copies share the compiled expression. Thread-safe.
class Matcher {
 public:
  // InvalidArgument in Go's words when the expression does not compile or is over 4 KiB.
  static absl::StatusOr<Matcher> Create(MatchOp op, std::string name, std::string value);

  MatchOp op() const { return op_; }
  const std::string& name() const { return name_; }
  const std::string& value() const { return value_; }
  bool Matches(std::string_view value) const;
  // A label that is missing equals the empty string.
  bool Matches(const Labels& labels) const { return Matches(labels.Get(name_)); }
  bool MatchesEmpty() const { return Matches(std::string_view()); }

  // For =~ and !~ whose expression is a plain alternation such as `a|b|c`: the words, sorted and
  // unique. Empty for every other matcher.
  const std::vector<std::string>& Words() const;

  friend bool operator==(const Matcher& a, const Matcher& b) {
    return a.op_ == b.op_ && a.name_ == b.name_ && a.value_ == b.value_;
  }

 private:
  class Pattern;  // a compiled expression, defined in matcher.cc

  Matcher(MatchOp op, std::string name, std::string value)
      : op_(op), name_(std::move(name)), value_(std::move(value)) {}
  MatchOp op_;
  std::string name_;
  std::string value_;
  std::shared_ptr<const Pattern> pattern_;
};

}  // namespace synoptic::promql
