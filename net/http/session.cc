// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/session.h"

#include <cstring>

#include "base/status.h"
#include "base/strings.h"
#include "net/http/gzip.h"
#include "net/http/wire.h"

namespace synoptic::net::internal {

namespace {

constexpr MonoDuration kHandshakeTime = std::chrono::seconds(5);
constexpr MonoDuration kLingerTime = std::chrono::seconds(1);
constexpr size_t kLingerBytes = 4 << 20;
constexpr size_t kSmallBuffer = 4 << 10;
constexpr size_t kLargeBuffer = 64 << 10;
// Compressing more than this takes over a millisecond: not on the I/O thread.
constexpr size_t kCompressInline = 64 << 10;

// Undoes gzip on a request body. 400 or 413 in the error's message is the caller's choice by code.
absl::Status DecodeBody(HttpRequest& request, size_t max_bytes) {
  std::string decoded;
  GzipReader reader;
  RETURN_IF_ERROR(reader.Feed(request.body, [&](std::string_view piece) -> absl::Status {
    if (piece.size() > max_bytes - decoded.size()) {
      return absl::ResourceExhaustedError("request body too large");
    }
    decoded.append(piece);
    return absl::OkStatus();
  }));
  if (!reader.done()) return InvalidArgument("gzip: truncated");
  request.body = std::move(decoded);
  request.headers.Remove("Content-Encoding");
  return absl::OkStatus();
}

bool IsForm(const HttpRequest& request) {
  const auto type = request.headers.Get("Content-Type");
  if (!type.has_value()) return false;
  return EqualsIgnoreCaseAscii(Trim(type->substr(0, type->find(';'))),
                               "application/x-www-form-urlencoded");
}

void AddParameters(std::string_view encoded, RequestContext& context) {
  if (encoded.empty()) return;
  absl::StatusOr<Parameters> parsed = ParseForm(encoded);
  if (!parsed.ok()) {
    context.parameters_status.Update(parsed.status());
    return;
  }
  std::move(parsed->begin(), parsed->end(), std::back_inserter(context.parameters));
}

}  // namespace

HttpResponse TextResponse(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.Add("Content-Type", "text/plain; charset=utf-8");
  response.headers.Add("X-Content-Type-Options", "nosniff");
  response.body = std::move(text);
  return response;
}

void Session::Enter(Phase phase, MonoDuration time) {
  phase_ = phase;
  expires_ = shared_->clock.Mono() + time;
}

void Session::Sweep(MonoTime now) {
  if (stream_ == nullptr) return;  // in the TLS handshake, which has its own timer
  if (phase_ == Phase::kHandler) {
    if (stream_->Look() == ByteStream::Sight::kClosed) task.Cancel();
  } else if (now >= expires_) {
    stream_->Close();
  }
}

Task<> Session::Run() {
  if (shared_->tls != nullptr) {
    phase_ = Phase::kHandshake;
    CO_ASSIGN_OR_RETURN(stream_,
                        co_await TlsAccept(shared_->tls, std::move(stream_), shared_->clock,
                                           Deadline::After(shared_->clock, kHandshakeTime)));
  }
  while (true) {
    CO_ASSIGN_OR_RETURN(const bool got, co_await ReadRequest());
    if (!got) co_return absl::OkStatus();
    ++requests_;
    phase_ = Phase::kHandler;
    CO_ASSIGN_OR_RETURN(HttpResponse response, co_await Answer());
    const bool close = !intake_.keep_alive() || shared_->draining ||
                       requests_ >= shared_->options.limits.max_requests_per_connection;
    CO_RETURN_IF_ERROR(co_await Send(std::move(response), close));
    if (close) co_return co_await Linger();
    intake_.Reset();
    if (begin_ == end_ && buffer_.size() > kSmallBuffer) {
      buffer_ = std::string();  // an idle connection holds little
      begin_ = end_ = 0;
    }
  }
}

Task<bool> Session::ReadRequest() {
  const ServerLimits& limits = shared_->options.limits;
  // A new client owes its first request from the moment it connected.
  Enter(Phase::kIdle, requests_ == 0 ? limits.header_time : limits.idle_time);
  bool told_to_continue = false;
  while (true) {
    std::string_view view(buffer_.data() + begin_, end_ - begin_);
    intake_.Feed(view);
    begin_ = end_ - view.size();
    if (intake_.error()) {
      CO_RETURN_IF_ERROR(co_await Refuse(intake_.error()->status, intake_.error()->reason));
      co_return false;
    }
    if (intake_.ready()) co_return true;
    if (phase_ == Phase::kIdle && (intake_.begun() || !view.empty())) {
      phase_ = Phase::kHead;
      if (requests_ > 0) Enter(Phase::kHead, limits.header_time);
    }
    if (phase_ != Phase::kBody && intake_.head_done()) Enter(Phase::kBody, limits.body_time);
    if (intake_.wants_continue() && !told_to_continue && view.empty()) {
      told_to_continue = true;
      CO_RETURN_IF_ERROR(co_await WriteAll(*stream_, "HTTP/1.1 100 Continue\r\n\r\n"));
    }
    if (shared_->draining && phase_ == Phase::kIdle) co_return false;
    CO_ASSIGN_OR_RETURN(const size_t n, co_await Fill());
    if (n == 0) co_return false;
  }
}

Task<size_t> Session::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    // The intake never leaves more than one line behind, so this stays small.
    buffer_.resize(std::max(kSmallBuffer, std::min(buffer_.size() * 2, kLargeBuffer)));
  }
  if (phase_ == Phase::kBody && buffer_.size() < kLargeBuffer) buffer_.resize(kLargeBuffer);
  CO_ASSIGN_OR_RETURN(const size_t n,
                      co_await stream_->ReadSome(buffer_.data() + end_, buffer_.size() - end_));
  end_ += n;
  co_return n;
}

Task<HttpResponse> Session::Answer() {
  HttpRequest& request = intake_.request();
  const auto coding = request.headers.Get("Content-Encoding");
  if (coding.has_value() && EqualsIgnoreCaseAscii(*coding, "gzip")) {
    const absl::Status status = DecodeBody(request, shared_->options.limits.max_body_bytes);
    if (!status.ok()) {
      co_return TextResponse(absl::IsResourceExhausted(status) ? 413 : 400,
                             std::string(MessageOf(status)) + "\n");
    }
  }
  const std::string_view target = request.target;
  const size_t question = target.find('?');
  auto path = PercentDecode(target.substr(0, question));
  if (!path.ok() || path->find('\0') != std::string::npos) {
    co_return TextResponse(400, "invalid escape in the path\n");
  }
  RequestContext context{.request = request,
                         .path = *std::move(path),
                         .parameters = {},
                         .peer = peer_,
                         .parameters_status = absl::OkStatus(),
                         .path_parameters = {}};
  if (IsForm(request)) AddParameters(request.body, context);
  if (question != std::string_view::npos) AddParameters(target.substr(question + 1), context);

  absl::Status failure;
  try {
    absl::StatusOr<HttpResponse> response = co_await shared_->handler(context);
    if (response.ok()) co_return response;
    failure = response.status();
  } catch (...) {
    failure = StatusOfException(std::current_exception());
  }
  if (absl::IsCancelled(failure)) co_return failure;
  co_return TextResponse(500, "internal error: " + std::string(MessageOf(failure)) + "\n");
}

// The gzip form of a body; empty when it is not worth it.
Task<std::string> Session::Compress(const std::string& plain) {
  std::string packed;
  if (shared_->options.compute != nullptr && plain.size() > kCompressInline) {
    CO_ASSIGN_OR_RETURN(packed, co_await RunOn(*shared_->options.compute,
                                               [&plain] { return GzipCompress(plain); }));
  } else {
    packed = GzipCompress(plain);
  }
  if (packed.size() >= plain.size()) packed.clear();
  co_return packed;
}

// Makes `*body` the bytes to send.
Task<> Session::ChooseCoding(HttpResponse& response, const std::string** body) {
  if (response.shared == nullptr) {
    CO_ASSIGN_OR_RETURN(std::string packed, co_await Compress(response.body));
    if (packed.empty()) co_return absl::OkStatus();
    response.body = std::move(packed);
    *body = &response.body;
  } else {
    SharedBody& shared = *response.shared;
    if (shared.gzip.empty() && !shared.gzip_is_worse) {
      CO_ASSIGN_OR_RETURN(std::string packed, co_await Compress(shared.plain));
      shared.gzip_is_worse = packed.empty();
      // Another connection may have been quicker, and may be sending it.
      if (shared.gzip.empty()) shared.gzip = std::move(packed);
    }
    if (shared.gzip.empty()) co_return absl::OkStatus();
    *body = &shared.gzip;
  }
  response.headers.Add("Content-Encoding", "gzip");
  co_return absl::OkStatus();
}

Task<> Session::Send(HttpResponse response, bool close) {
  const HttpRequest& request = intake_.request();
  const bool head_only = request.method == "HEAD";
  const std::string* body = &response.plain();
  if (WantsGzip(response, shared_->options.limits.min_gzip_bytes)) {
    response.headers.Add("Vary", "Accept-Encoding");
    if (!head_only && AcceptsGzip(request.headers)) {
      CO_RETURN_IF_ERROR(co_await ChooseCoding(response, &body));
    }
  }
  head_.clear();
  AppendHead(response, body->size(), close, shared_->date.Now(), head_);
  const bool no_body = head_only || response.status == 204 || response.status == 304;
  co_return co_await Write(head_, no_body ? std::string_view() : *body);
}

Task<> Session::Write(std::string_view head, std::string_view body) {
  while (!head.empty() || !body.empty()) {
    size_t n = stream_->TryWrite(head, body);
    if (n == 0) {
      // Each step forward gives the client more time; standing still does not.
      Enter(Phase::kWrite, shared_->options.limits.write_stall);
      CO_ASSIGN_OR_RETURN(n, co_await stream_->WriteSome(head, body));
    }
    const size_t of_head = std::min(n, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(n - of_head);
  }
  co_return absl::OkStatus();
}

Task<> Session::Refuse(int status, std::string_view reason) {
  HttpResponse response =
      TextResponse(status, fmt::format("{} {}: {}\n", status, ReasonPhrase(status), reason));
  if (status == 405) response.headers.Add("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  head_.clear();
  AppendHead(response, response.body.size(), /*close=*/true, shared_->date.Now(), head_);
  CO_RETURN_IF_ERROR(co_await Write(head_, response.body));
  co_return co_await Linger();
}

Task<> Session::Linger() {
  // Closing with unread input would reset the connection and could take the response with it.
  stream_->ShutdownWrite();
  Enter(Phase::kLinger, kLingerTime);
  size_t drained = 0;
  while (drained < kLingerBytes) {
    begin_ = end_ = 0;
    CO_ASSIGN_OR_RETURN(const size_t n, co_await Fill());
    if (n == 0) break;
    drained += n;
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::net::internal
