// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/grow.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace synoptic {

void ReturnPages(void* begin, size_t bytes) {
  static const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto at = reinterpret_cast<uintptr_t>(begin);
  const uintptr_t first = (at + page - 1) / page * page;
  const uintptr_t end = (at + bytes) / page * page;
  if (first >= end) return;
  // Private anonymous memory reads as zeros afterwards. Should it fail, the pages stay: no harm.
  (void)::madvise(static_cast<char*>(begin) + (first - at), end - first, MADV_DONTNEED);
}

}  // namespace synoptic
