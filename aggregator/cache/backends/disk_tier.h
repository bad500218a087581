// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Fragments on disk (RocksDB): compressed, with checksums, warm after a restart, within a number of
// bytes.
//
// When the disk is full the oldest data go, by the times they are about and not by when they were
// written: a look at last year does not push out today, and whole files can be dropped. Blocks lie
// by two hours of data, then by stream. What was written survives that the
// process is killed; a damaged database is thrown away and begun anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "aggregator/cache/tier.h"
#include "base/clock.h"

namespace synoptic::aggregator {

struct DiskTierOptions {
  std::string path;  // a directory of its own
  int64_t max_bytes = 0;
  // Everything beside the stream that must be as it was for what is kept to serve: another value,
  // and it is not found.
  std::string settings = {};
  // How long a block that is not full yet waits for its next form before it is written.
  MonoDuration write_after = std::chrono::seconds(30);
  // A disk that takes longer is not worth waiting for.
  MonoDuration patience = std::chrono::milliseconds(500);
};

class DiskTier : public Tier {
 public:
  // Opens the directory beside its caller: who asks meanwhile waits for it, as for any read. A
  // directory that cannot be used (rights, another process) is said in the log, as is one that was
  // damaged; the tier then is without blocks. `clock` outlives the tier.
  static std::shared_ptr<DiskTier> Begin(DiskTierOptions options, const Clock& clock);
  // The same, and waits until it is open; fails when the directory cannot be used. Blocks.
  static absl::StatusOr<std::shared_ptr<DiskTier>> Open(DiskTierOptions options,
                                                        const Clock& clock);
  // Writes what waits and lets go of the directory; everything is a miss from then on. Blocks.
  virtual void Close() = 0;
};

}  // namespace synoptic::aggregator
