// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/crash_point.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace synoptic {
namespace {

struct Wanted {
  std::string name;
  std::atomic<int> left{0};
};

// Null: nobody asked for a crash.
Wanted* TheWanted() {
  static Wanted* const wanted = []() -> Wanted* {
    const char* text = std::getenv("SYNOPTIC_CRASH_AT");
    const std::string_view view = text == nullptr ? "" : text;
    const size_t colon = view.find(':');
    if (colon == std::string_view::npos) return nullptr;
    auto* made = new Wanted;  // for as long as the process lives
    made->name = view.substr(0, colon);
    made->left = std::atoi(text + colon + 1);
    return made;
  }();
  return wanted;
}

}  // namespace

void CrashPoint(std::string_view name) {
  Wanted* const wanted = TheWanted();
  if (wanted == nullptr || wanted->name != name) return;
  if (wanted->left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace synoptic
