// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One question to both engines, asked until it is clear whether they agree.
#pragma once

#include <string>

#include "tests/compat/engine/question.h"

namespace synoptic::compat {

enum class Verdict {
  kSame,
  kChance,  // Prometheus disagrees with itself, and never agrees with us
  kDifferent,
};

struct Judged {
  Verdict verdict = Verdict::kSame;
  std::string theirs, ours;  // canonical (compare.h)
};

// Asks Prometheus again and again, since some orders are left to chance there: an answer that one
// of its own equals is right.
Judged Judge(int port, const Question& question, const World& world);

}  // namespace synoptic::compat
