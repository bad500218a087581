// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One query, asked both engines; and ours' answer, written as the API writes it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/grid.h"
#include "tests/compat/engine/worlds.h"

namespace synoptic::compat {

struct Question {
  std::string text;
  promql::Grid grid;
  bool range = false;
  size_t world = 0;
  bool delayed_name_removal = false;
  bool use_start_timestamps = false;
  bool type_and_unit_labels = false;
  std::vector<size_t> series;  // empty: all
};

// `{...}` for the batch of the real engine.
std::string ToJsonLine(const Question& question);
absl::StatusOr<Question> FromJsonLine(const std::string& line);
// What a human needs to ask again.
std::string Describe(const Question& question);

// The API's answer in JSON, from our engine.
std::string AskOurs(const Question& question, const World& world);
// The same from the real engine, one for each question.
absl::StatusOr<std::vector<std::string>> AskTheirs(int port,
                                                   const std::vector<Question>& questions);

}  // namespace synoptic::compat
