// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/logic.h"

namespace synoptic::domain {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFalse:
      return "FALSE";
    case Verdict::kUnknown:
      return "UNKNOWN";
    case Verdict::kTrue:
      return "TRUE";
  }
  return "UNKNOWN";
}

}  // namespace synoptic::domain
