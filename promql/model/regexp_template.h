// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A replacement for what a regular expression matched, as Go's Regexp.Expand reads it: $1, ${1},
// $name, ${name}, $$.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "re2/re2.h"

namespace synoptic::promql {

// Thread-safe.
class RegexpTemplate {
 public:
  // `regex` is not kept; it may be null: one without named groups.
  RegexpTemplate(std::string_view text, const re2::RE2* regex);

  // What it becomes for a match; groups that there are not are empty.
  std::string Expand(const std::vector<re2::StringPiece>& groups) const;

 private:
  struct Part {
    std::string literal;
    int group = -1;  // -1: none, unknown ones are empty
  };
  void AddLiteral(std::string_view text);

  std::vector<Part> parts_;
};

}  // namespace synoptic::promql
