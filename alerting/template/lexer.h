// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts a template into texts and actions, and actions into words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::alerting {

// Text between actions, or the inside of one action with its trim marks and comments removed.
struct Segment {
  bool action = false;
  std::string_view text;
  int line = 1;
};
absl::StatusOr<std::vector<Segment>> SplitTemplate(std::string_view text);

struct Word {
  enum class Kind {
    kIdentifier,
    kField,
    kVariable,
    kString,
    kNumber,
    kChar,
    kPipe,
    kDeclare,
    kAssign,
    kComma,
    kOpen,
    kClose,
    kDot,
  };
  Kind kind;
  std::string text;    // decoded for strings
  bool glued = false;  // no space before it: `.A` directly after `)` or a variable
};
absl::StatusOr<std::vector<Word>> SplitAction(std::string_view action);

}  // namespace synoptic::alerting
