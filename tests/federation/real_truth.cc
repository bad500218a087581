// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/real_truth.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "base/strings.h"
#include "tests/compat/engine/compare.h"
#include "tests/compat/engine/judge.h"
#include "tests/compat/engine/loopback.h"
#include "tests/federation/stored_chunks.h"

namespace synoptic::federation {
namespace {

std::string Base64(std::string_view text) { return absl::Base64Escape(ToAbsl(text)); }

std::string Written(const std::vector<promql::RawSeries>& all) {
  std::string out;
  for (const promql::RawSeries& series : all) {
    out += "series";
    for (const auto& label : series.labels) {
      out += fmt::format(" {} {}", Base64(label.name), Base64(label.value));
    }
    out += '\n';
    for (const promql::EncodedChunk& chunk : ChunksOf(series)) {
      out += fmt::format("chunk {} {} {} {}\n", chunk.min_t, chunk.max_t,
                         static_cast<int>(chunk.encoding), Base64(chunk.bytes));
    }
  }
  return out;
}

bool Fails(const std::string& canonical) { return canonical.starts_with("errorType"); }

}  // namespace

absl::Status RealTruth::Load(const std::vector<promql::RawSeries>& truth) {
  if (port_ == 0) return absl::OkStatus();
  world_.series = truth;
  return compat::Post(port_, "/load", "", Written(truth)).status();
}

void RealTruth::Add(std::string text, const promql::Grid& grid, bool range) {
  if (port_ == 0) return;
  compat::Question& question = questions_.emplace_back();
  question.text = std::move(text);
  question.grid = grid;
  question.range = range;
}

absl::StatusOr<std::vector<RealTruth::Difference>> RealTruth::Compare() {
  std::vector<Difference> out;
  if (questions_.empty()) return out;
  const std::vector<compat::Question> questions = std::exchange(questions_, {});
  ASSIGN_OR_RETURN(const std::vector<std::string> answers, compat::AskTheirs(port_, questions));
  for (size_t i = 0; i < questions.size(); ++i) {
    ++compared_;
    const compat::Question& question = questions[i];
    const std::string ours = compat::Canonical(compat::AskOurs(question, world_), question.text);
    const std::string theirs = compat::Canonical(answers[i], question.text);
    // Of two errors in a query each tells another.
    if (theirs == ours || (Fails(theirs) && Fails(ours))) continue;
    const compat::Judged judged = compat::Judge(port_, question, world_);
    if (judged.verdict == compat::Verdict::kChance) ++by_chance_;
    if (judged.verdict != compat::Verdict::kDifferent) continue;
    out.push_back({question, compat::Difference(judged.theirs, judged.ours)});
  }
  return out;
}

}  // namespace synoptic::federation
