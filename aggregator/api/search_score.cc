// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/search_score.h"

#include <algorithm>

#include "base/strings.h"
#include "base/utf8.h"

namespace synoptic::aggregator {
namespace {

// Characters within a subsequence that stand side by side.
struct Run {
  size_t begin = 0;
  size_t end = 0;
};

// The first way, from `start` on, to find all of `term` in order; empty when there is none.
std::vector<Run> RunsFrom(const Runes& term, const Runes& value, size_t start) {
  std::vector<Run> runs;
  size_t found = 0;
  for (size_t i = start; i < value.size() && found < term.size(); ++i) {
    if (value[i] != term[found]) continue;
    if (runs.empty() || runs.back().end != i) runs.push_back({i, i});
    runs.back().end = i + 1;
    ++found;
  }
  if (found < term.size()) runs.clear();
  return runs;
}

// Squares of the runs, less the gaps' shares of the whole; what trails counts half.
double RawScore(const std::vector<Run>& runs, double per_character, size_t length) {
  double score = 0;
  size_t last = 0;
  for (const Run& run : runs) {
    if (run.begin > last) score -= static_cast<double>(run.begin - last) * per_character;
    const size_t size = run.end - run.begin;
    score += static_cast<double>(size * size);
    last = run.end;
  }
  if (length > last) score -= static_cast<double>(length - last) * per_character * 0.5;
  return score;
}

}  // namespace

Runes ToRunes(std::string_view text) {
  Runes runes;
  for (size_t i = 0; i < text.size();) {
    char32_t rune = 0xFFFD;
    i += std::max<size_t>(DecodeRune(text.substr(i), rune), 1);
    runes += rune;
  }
  return runes;
}

std::optional<double> SubstringScore(const Runes& term, const Runes& value) {
  const size_t at = value.find(term);
  if (at == Runes::npos) return std::nullopt;
  if (at == 0) return 1.0;
  return 1.0 - 0.9 * static_cast<double>(at) / static_cast<double>(value.size() - term.size());
}

double JaroWinklerScore(const Runes& term, const Runes& value) {
  if (term == value) return 1;
  if (term.empty() || value.empty()) return 0;
  const Runes& shorter = term.size() <= value.size() ? term : value;
  const Runes& longer = term.size() <= value.size() ? value : term;
  // Characters match when they are equal and not too far apart; each once.
  const size_t reach = std::max<size_t>(longer.size() / 2, 1) - 1;
  std::vector<char> taken(longer.size(), 0);
  Runes matched;
  for (size_t i = 0; i < shorter.size(); ++i) {
    const size_t end = std::min(i + reach + 1, longer.size());
    for (size_t j = i > reach ? i - reach : 0; j < end; ++j) {
      if (taken[j] != 0 || shorter[i] != longer[j]) continue;
      taken[j] = 1;
      matched += shorter[i];
      break;
    }
  }
  if (matched.empty()) return 0;
  double out_of_place = 0;
  for (size_t i = 0, j = 0; j < longer.size(); ++j) {
    if (taken[j] != 0 && matched[i++] != longer[j]) ++out_of_place;
  }
  const auto count = static_cast<double>(matched.size());
  // Multiplied by inverses, as Prometheus does: the last bit decides ties.
  const double of_shorter = 1.0 / static_cast<double>(shorter.size());
  const double of_longer = 1.0 / static_cast<double>(longer.size());
  const double jaro =
      (count * of_shorter + count * of_longer + (count - out_of_place * 0.5) / count) / 3.0;
  size_t prefix = 0;
  while (prefix < std::min<size_t>(4, shorter.size()) && shorter[prefix] == longer[prefix]) {
    ++prefix;
  }
  return jaro + static_cast<double>(prefix) * 0.1 * (1.0 - jaro);
}

double SubsequenceScore(const Runes& term, const Runes& value) {
  if (term.empty() || term == value) return 1;
  if (term.size() > value.size()) return 0;
  const double per_character = 1.0 / static_cast<double>(value.size());
  double best = -1;
  for (size_t start = 0; start + term.size() <= value.size(); ++start) {
    if (value[start] != term[0]) continue;
    const std::vector<Run> runs = RunsFrom(term, value, start);
    if (runs.empty()) break;  // nor from any later one
    best = std::max(best, RawScore(runs, per_character, value.size()));
  }
  if (best < 0) return 0;
  // Below 1, which only the name itself has.
  constexpr double kNotTheSame = 0.999;
  return best / static_cast<double>(term.size() * term.size()) * kNotTheSame;
}

SearchFilter::SearchFilter(const SearchTerms& search)
    : threshold_(search.threshold),
      jaro_winkler_(search.jaro_winkler),
      case_sensitive_(search.case_sensitive) {
  for (const std::string& term : search.terms) {
    if (!term.empty()) terms_.push_back(ToRunes(case_sensitive_ ? term : ToLowerAscii(term)));
  }
}

std::optional<double> SearchFilter::ScoreOf(const Runes& term, const Runes& value) const {
  if (jaro_winkler_) {
    if (const auto score = SubstringScore(term, value)) return score;
    if (threshold_ <= 0) return std::nullopt;
    const double score = JaroWinklerScore(term, value);
    if (score >= threshold_) return score;
    return std::nullopt;
  }
  if (value.starts_with(term)) return 1.0;
  const double score = SubsequenceScore(term, value);
  if (score > 0 && score >= threshold_) return score;
  return std::nullopt;
}

std::optional<double> SearchFilter::Score(std::string_view value) const {
  if (terms_.empty()) return 1.0;
  const Runes runes = ToRunes(case_sensitive_ ? std::string(value) : ToLowerAscii(value));
  std::optional<double> best;
  for (const Runes& term : terms_) {
    const std::optional<double> score = ScoreOf(term, runes);
    if (score && (!best || *score > *best)) best = score;
  }
  return best;
}

}  // namespace synoptic::aggregator
