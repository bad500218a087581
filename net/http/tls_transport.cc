// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/tls_transport.h"

#include <utility>

#include "base/status.h"
#include "net/http/tls.h"

namespace synoptic::net {
namespace {

class TlsTransport final : public Transport {
 public:
  TlsTransport(std::unique_ptr<Transport> below, std::shared_ptr<internal::TlsContext> context,
               const Clock& clock)
      : below_(std::move(below)), context_(std::move(context)), clock_(clock) {}

  Task<std::unique_ptr<ByteStream>> Connect(std::string host, uint16_t port,
                                            Deadline deadline) override {
    CO_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> stream,
                        co_await below_->Connect(host, port, deadline));
    co_return co_await internal::TlsConnect(context_, std::move(stream), std::move(host), clock_,
                                            deadline);
  }

  absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string&, uint16_t) override {
    return absl::UnimplementedError("a TLS transport for clients does not listen");
  }

 private:
  const std::unique_ptr<Transport> below_;
  const std::shared_ptr<internal::TlsContext> context_;
  const Clock& clock_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> NewTlsTransport(std::unique_ptr<Transport> below,
                                                           const TlsOptions& options,
                                                           const Clock& clock) {
  ASSIGN_OR_RETURN(auto context, internal::NewClientTls(options));
  return std::make_unique<TlsTransport>(std::move(below), std::move(context), clock);
}

}  // namespace synoptic::net
