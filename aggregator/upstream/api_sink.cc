// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/api_sink.h"

#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/result_reader.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr size_t kMaxErrorBody = 16 << 10;

class NoSeries final : public SeriesSink {
 public:
  absl::Status OnSeries(std::span<const promql::Label>, promql::SampleColumns&) override {
    return absl::OkStatus();
  }
};

absl::Status StatusOfErrorBody(int http_status, std::string_view body) {
  NoSeries none;
  ResultReader reader(none, {});
  const bool readable = reader.Feed(body).ok() && reader.Finish().ok() && !reader.success();
  if (!readable) return StatusOfApiError(http_status, "", "");
  return StatusOfApiError(http_status, reader.error_type(), reader.error());
}

}  // namespace

absl::Status StatusOfApiError(int http_status, std::string_view error_type,
                              std::string_view error) {
  if (error_type == "bad_data" && (http_status == 200 || http_status == 400)) {
    return WithReason(InvalidArgument("{}", error), "query");
  }
  if (error_type == "execution" && (http_status == 200 || http_status == 422)) {
    return WithReason(MakeStatus(absl::StatusCode::kFailedPrecondition, "{}", error), "query");
  }
  const std::string text = error.empty() ? "" : ": " + Shorten(error);
  if (error_type == "timeout") {
    return WithReason(
        MakeStatus(absl::StatusCode::kDeadlineExceeded, "HTTP {}{}", http_status, text), "timeout");
  }
  return WithReason(MakeStatus(absl::StatusCode::kUnavailable, "HTTP {}{}", http_status, text),
                    http_status == 200 ? "bad_response" : fmt::format("http_{}", http_status));
}

absl::Status ApiSink::OnHead(int status, const net::Headers& headers) {
  http_status_ = status;
  coverage_ = headers.Get("Synoptic-Coverage").value_or("");
  if (status != 200) return absl::OkStatus();
  return OnContentType(headers.Get("Content-Type").value_or(""));
}

absl::Status ApiSink::OnContentType(std::string_view type) {
  if (type.starts_with("application/json")) return absl::OkStatus();
  // VictoriaMetrics' name for stored samples, which are JSON all the same.
  if (type.starts_with("application/stream+json")) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss, "content type \"{}\": expected application/json",
                    Shorten(type));
}

absl::Status ApiSink::OnData(std::string_view data) {
  if (http_status_ == 200) return OnBody(data);
  if (error_body_.size() < kMaxErrorBody) {
    error_body_ += data.substr(0, kMaxErrorBody - error_body_.size());
  }
  return absl::OkStatus();
}

absl::Status ApiSink::Finish() {
  if (http_status_ == 200) return OnEnd();
  if (http_status_ == 204) return OnNoContent();
  return OnRefused(StatusOfErrorBody(http_status_, error_body_));
}

absl::Status ApiSink::OnNoContent() { return StatusOfApiError(204, "", ""); }

}  // namespace synoptic::aggregator
