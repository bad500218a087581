// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Two answers of the API: the same, whatever is left to chance in Prometheus.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::compat {

// An answer as lines: status, error or type of result, elements, warnings, infos. The order of an
// instant vector means nothing unless `text` sorts it; the order of annotations never does, and of
// more than the API shows only their number is kept.
std::string Canonical(const std::string& answer, const std::string& text);

// Lines that only one of the two has, marked - (theirs) and + (ours).
std::string Difference(const std::string& theirs, const std::string& ours);

// A difference that is meant: all three must be found in the query and the two answers.
class Explained {
 public:
  // Lines `reason TAB query TAB theirs TAB ours`, the last three RE2; # begins a comment.
  static absl::StatusOr<std::vector<Explained>> Read(const std::string& path);
  bool Covers(const std::string& text, const std::string& theirs, const std::string& ours) const;
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_, text_, theirs_, ours_;
};

}  // namespace synoptic::compat
