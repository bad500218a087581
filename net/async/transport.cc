// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/transport.h"

#include "base/status.h"

namespace synoptic {

Task<> WriteAll(ByteStream& stream, std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    CO_ASSIGN_OR_RETURN(const size_t n, co_await stream.WriteSome(a, b));
    const size_t of_a = std::min(n, a.size());
    a.remove_prefix(of_a);
    b.remove_prefix(n - of_a);
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic
