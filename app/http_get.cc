// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/http_get.h"

#include "app/version.h"
#include "base/status.h"
#include "net/async/runtime.h"
#include "net/http/client.h"

namespace synoptic::app {
namespace {

constexpr size_t kMaxReplyBytes = size_t{1} << 30;
constexpr auto kTimeout = std::chrono::minutes(5);

// The client lives inside the coroutine, so that its sockets go before the event loop.
Task<Reply> Send(boost::asio::any_io_executor executor, const Clock& clock, net::Origin origin,
                 net::HttpRequest request) {
  net::HttpClientOptions options;
  options.user_agent = fmt::format("synoptic-cli/{}", kVersion);
  CO_ASSIGN_OR_RETURN(auto client, net::NewHttpClient(executor, clock, std::move(options)));
  net::ResponseLimits limits;
  limits.max_wire_bytes = kMaxReplyBytes;
  limits.max_decoded_bytes = kMaxReplyBytes;
  // The server may take as long as the query does.
  limits.no_progress = kTimeout;
  limits.grace = kTimeout;
  net::StringSink sink(kMaxReplyBytes);
  CO_RETURN_IF_ERROR(co_await client->Send(origin, std::move(request), limits,
                                           Deadline::After(clock, kTimeout), sink));
  co_return Reply{sink.status(), sink.headers(), sink.body()};
}

}  // namespace

absl::StatusOr<Reply> Ask(const std::string& server, net::HttpRequest request) {
  ASSIGN_OR_RETURN(net::Origin origin, net::Origin::Parse(server));
  const SystemClock clock;
  const std::unique_ptr<Runtime> runtime = StartRuntime(1);
  auto reply = BlockOn<absl::StatusOr<Reply>>(
      runtime->executor(), Send(runtime->executor(), clock, std::move(origin), std::move(request)));
  if (!reply.ok()) return Annotate(reply.status(), server);
  return reply;
}

absl::StatusOr<Reply> PostForm(const std::string& server, std::string_view path,
                               const net::Parameters& form) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = std::string(path);
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::EncodeForm(form);
  return Ask(server, std::move(request));
}

}  // namespace synoptic::app
