// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// TLS over any ByteStream (OpenSSL with memory buffers), so that it works over the simulator's
// network as over TCP. TLS 1.2 or newer; no renegotiation, no compression.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "net/async/transport.h"
#include "net/http/client.h"
#include "net/http/server.h"

namespace synoptic::net::internal {

class TlsContext;  // keys and trust; shared by connections

// Errors say which PEM is unusable and why; never its content.
absl::StatusOr<std::shared_ptr<TlsContext>> NewClientTls(const TlsOptions& options);
absl::StatusOr<std::shared_ptr<TlsContext>> NewServerTls(const TlsServerOptions& options);

// Handshakes and wraps; the handshake must be over by `deadline`. Unavailable says why it failed
// (certificate expired, wrong name, ...).
Task<std::unique_ptr<ByteStream>> TlsConnect(std::shared_ptr<TlsContext> context,
                                             std::unique_ptr<ByteStream> stream,
                                             std::string server_name, const Clock& clock,
                                             Deadline deadline);
Task<std::unique_ptr<ByteStream>> TlsAccept(std::shared_ptr<TlsContext> context,
                                            std::unique_ptr<ByteStream> stream, const Clock& clock,
                                            Deadline deadline);

}  // namespace synoptic::net::internal
