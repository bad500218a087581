// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/judge.h"

#include <chrono>
#include <set>

#include "tests/compat/engine/compare.h"

namespace synoptic::compat {
namespace {

// How often it is asked before we believe it.
constexpr size_t kRepeats = 96;
constexpr size_t kRepeatsOfSlow = 2;

}  // namespace

Judged Judge(int port, const Question& question, const World& world) {
  using Clock = std::chrono::steady_clock;
  Judged judged;
  judged.ours = Canonical(AskOurs(question, world), question.text);
  const auto start = Clock::now();
  auto answers = AskTheirs(port, {question});
  if (!answers.ok()) return judged;
  const bool slow = Clock::now() - start > std::chrono::milliseconds(300);
  const size_t repeats = slow ? kRepeatsOfSlow : kRepeats;
  const auto more = AskTheirs(port, std::vector<Question>(repeats - 1, question));
  if (!more.ok()) return judged;
  answers->insert(answers->end(), more->begin(), more->end());
  std::set<std::string> theirs;
  for (const std::string& one : *answers) theirs.insert(Canonical(one, question.text));
  judged.theirs = *theirs.begin();
  if (theirs.contains(judged.ours)) return judged;
  judged.verdict = theirs.size() > 1 ? Verdict::kChance : Verdict::kDifferent;
  return judged;
}

}  // namespace synoptic::compat
