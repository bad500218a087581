// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/slo.h"

#include "fmt/format.h"

namespace synoptic::alerting {

std::string_view SloOriginName(SloOrigin origin) {
  switch (origin) {
    case SloOrigin::kNative:
      return "native";
    case SloOrigin::kOpenSlo:
      return "openslo";
    case SloOrigin::kSloth:
      return "sloth";
    case SloOrigin::kPyrra:
      break;
  }
  return "pyrra";
}

std::string Sli::Over(std::string_view query, std::string_view window) {
  std::string text(query);
  for (size_t at = text.find(kWindow); at != std::string::npos; at = text.find(kWindow, at)) {
    text.replace(at, kWindow.size(), window);
  }
  return text;
}

std::string Sli::RatioOver(std::string_view window) const {
  if (!events()) return Over(error_ratio, window);
  if (!by_region) return fmt::format("({})\n/\n({})", Over(bad, window), Over(total, window));
  return fmt::format("sum({})\n/\nsum({})", Over(bad, window), Over(total, window));
}

const std::vector<WorkbookWindow>& WorkbookWindows() {
  static const std::vector<WorkbookWindow> kWindows = {{true, 2, 300, 3600},
                                                       {true, 5, 1800, 6 * 3600},
                                                       {false, 10, 2 * 3600, 86'400},
                                                       {false, 10, 6 * 3600, 3 * 86'400}};
  return kWindows;
}

}  // namespace synoptic::alerting
