// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/check_live.h"

#include "app/live_probe.h"
#include "net/async/runtime.h"

namespace synoptic::app {
namespace {

Task<LiveAnswers> ProbeAndStop(const aggregator::Inventory& inventory, HttpClients& clients,
                               const Clock& clock) {
  TaskGroup group;
  absl::StatusOr<LiveAnswers> answers = co_await ProbeAll(inventory, clients, clock, group);
  (void)co_await group.Stop(clock, Deadline::After(clock, std::chrono::seconds(1)));
  clients.Clear();
  co_return answers;
}

}  // namespace

absl::StatusOr<std::vector<LiveFinding>> CheckLive(const aggregator::Inventory& inventory) {
  const SystemClock clock;
  const std::unique_ptr<Runtime> runtime = StartRuntime(1);
  HttpClients clients(runtime->executor(), clock);
  auto answers = BlockOn<absl::StatusOr<LiveAnswers>>(runtime->executor(),
                                                      ProbeAndStop(inventory, clients, clock));
  if (!answers.ok()) return answers.status();
  return Judge(inventory, answers->replicas, answers->overlaps);
}

std::string_view NameOf(LiveFinding::Level level) {
  switch (level) {
    case LiveFinding::Level::kNote:
      return "note";
    case LiveFinding::Level::kWarning:
      return "warning";
    case LiveFinding::Level::kError:
      return "error";
  }
  return "error";
}

}  // namespace synoptic::app
