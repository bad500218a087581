// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How well a name fits what was typed: Prometheus' three measures, with its figures, so that a list
// is in the same order whoever answers. In characters, not bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synoptic::aggregator {

using Runes = std::u32string;
Runes ToRunes(std::string_view text);

// 1 for a prefix, down to 0.1 for what stands at the end; nothing when it is not inside.
std::optional<double> SubstringScore(const Runes& term, const Runes& value);
// Jaro-Winkler similarity, 0 to 1.
double JaroWinklerScore(const Runes& term, const Runes& value);
// All characters in order, runs of them rewarded and gaps not; 0 when they are not there.
double SubsequenceScore(const Runes& term, const Runes& value);

struct SearchTerms {
  std::vector<std::string> terms;
  double threshold = 0;  // 0 to 1
  bool jaro_winkler = false;
  bool case_sensitive = true;
};

// Terms made ready once, to be held against many values.
class SearchFilter {
 public:
  explicit SearchFilter(const SearchTerms& search);
  // The best score of a term that fits; nothing when none does. 1 without terms.
  std::optional<double> Score(std::string_view value) const;

 private:
  std::optional<double> ScoreOf(const Runes& term, const Runes& value) const;

  const double threshold_;
  const bool jaro_winkler_;
  const bool case_sensitive_;
  std::vector<Runes> terms_;
};

}  // namespace synoptic::aggregator
