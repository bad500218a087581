// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// TLS for protocols other than HTTP: a transport whose connections are handshaken when they are
// handed out.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "net/async/transport.h"
#include "net/http/client.h"

namespace synoptic::net {

// Connects by `below`, which it owns; `clock` outlives it. Listens to nobody. The handshake must be
// over by the deadline of Connect; Unavailable says why it failed. Errors here say which PEM is
// unusable and why, never its content.
absl::StatusOr<std::unique_ptr<Transport>> NewTlsTransport(std::unique_ptr<Transport> below,
                                                           const TlsOptions& options,
                                                           const Clock& clock);

}  // namespace synoptic::net
