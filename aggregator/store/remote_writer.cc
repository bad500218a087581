// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/remote_writer.h"

#include <algorithm>
#include <charconv>

#include "aggregator/store/store_records.h"
#include "aggregator/store/write_request.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::aggregator {
namespace {

// Halving finds one sample in 2,000 with 22 requests; a batch that is all at fault is not worth one
// request a sample.
constexpr int kMostHalvings = 40;
constexpr auto kMostRetryAfter = std::chrono::seconds(60);

MonoDuration SecondsOf(std::string_view text) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || seconds <= 0) return {};
  return std::min<MonoDuration>(std::chrono::seconds(std::min<int64_t>(seconds, 3600)),
                                kMostRetryAfter);
}

// Of 4xx, those that are about us, the address or what stands in between.
bool SaysNothingOfSamples(int status) {
  return status == 401 || status == 403 || status == 404 || status == 407 || status == 408 ||
         status == 429;
}

}  // namespace

RemoteWriter::RemoteWriter(RemoteWriteOptions options, std::shared_ptr<SeriesStore> store,
                           net::HttpClient& http, ComputePool& pool, const Clock& clock,
                           uint64_t seed)
    : options_(std::move(options)),
      store_(std::move(store)),
      http_(http),
      pool_(pool),
      clock_(clock),
      rng_(seed) {
  for (const auto& [key, value] : store_->Notes(NoteKey())) {
    if (key == NoteKey()) position_ = NumberOf(value);
  }
  if (position_ == 0) {
    // A new endpoint begins with what comes from now on.
    position_ = store_->log_end();
    store_->PutNote(NoteKey(), NumberKey(position_)).IgnoreError();
  }
  store_->HoldLog(HoldKey(), position_);
}

RemoteWriter::~RemoteWriter() { store_->HoldLog(HoldKey(), 0); }

std::string RemoteWriter::HoldKey() const {
  return fmt::format("{} {}", options_.name, static_cast<const void*>(this));
}

RemoteWriteStats RemoteWriter::stats() const {
  RemoteWriteStats out = stats_;
  out.behind = static_cast<int64_t>(store_->log_end() - std::min(position_, store_->log_end()));
  return out;
}

Task<> RemoteWriter::Run() {
  while (true) {
    int64_t left_out = 0;
    absl::StatusOr<LogPart> part =
        co_await RunOn(pool_, [this, &left_out] { return ReadOn(&left_out); });
    if (!part.ok()) {
      if (absl::IsCancelled(part.status())) co_return part.status();
      stats_.failing = true;
      stats_.last_error = MessageOf(part.status());
      CO_RETURN_IF_ERROR(co_await SleepFor(clock_, options_.max_backoff));
      continue;
    }
    if (part->next == position_) {
      CO_RETURN_IF_ERROR(co_await SleepFor(clock_, options_.batch_deadline));
      continue;
    }
    if (part->skipped > 0) {
      stats_.lost += static_cast<int64_t>(part->skipped);
      log::Error("remote write was behind for too long: samples were dropped unsent",
                 {{"endpoint", options_.name}, {"entries", part->skipped}});
    }
    // What was filled in later goes by itself: who does not take the past refuses it all.
    for (size_t from = 0; from < part->samples.size();) {
      size_t until = from;
      while (until < part->samples.size() &&
             part->samples[until].inserted == part->samples[from].inserted) {
        ++until;
      }
      CO_RETURN_IF_ERROR(co_await SendAll(
          std::span<const LoggedSample>(part->samples).subspan(from, until - from)));
      from = until;
    }
    stats_.left_out += left_out;
    position_ = part->next;
    store_->PutNote(NoteKey(), NumberKey(position_)).IgnoreError();
    store_->HoldLog(HoldKey(), position_);
  }
}

absl::StatusOr<LogPart> RemoteWriter::ReadOn(int64_t* left_out) {
  ASSIGN_OR_RETURN(LogPart part, store_->ReadLog(position_, options_.max_samples_per_send));
  if (options_.relabeller != nullptr) {
    for (LoggedSample& sample : part.samples) {
      const auto labels = WithExternal(sample.labels, options_.external_labels);
      sample.labels = options_.relabeller->Apply(labels).value_or(promql::Labels());
    }
    *left_out = static_cast<int64_t>(std::erase_if(
        part.samples, [](const LoggedSample& sample) { return sample.labels.empty(); }));
  }
  return part;
}

Task<> RemoteWriter::SendAll(std::span<const LoggedSample> samples) {
  for (size_t from = 0; from < samples.size(); from += options_.max_samples_per_send) {
    const size_t count = std::min(options_.max_samples_per_send, samples.size() - from);
    int halvings = samples[from].inserted ? 0 : kMostHalvings;
    CO_RETURN_IF_ERROR(co_await SendBatch(samples.subspan(from, count), &halvings));
  }
  co_return absl::OkStatus();
}

Task<> RemoteWriter::SendBatch(std::span<const LoggedSample> samples, int* halvings) {
  for (int failures = 0;; ++failures) {
    const absl::Status status = co_await Post(samples);
    if (status.ok()) {
      stats_.sent += static_cast<int64_t>(samples.size());
      stats_.failing = false;
      for (const LoggedSample& sample : samples) {
        stats_.newest_sent_ms = std::max(stats_.newest_sent_ms, sample.t);
      }
      co_return status;
    }
    if (absl::IsCancelled(status)) co_return status;
    stats_.last_error = MessageOf(status);
    if (absl::IsInvalidArgument(status)) {
      if (samples.size() > 1 && --*halvings >= 0) {
        const size_t half = samples.size() / 2;
        CO_RETURN_IF_ERROR(co_await SendBatch(samples.first(half), halvings));
        co_return co_await SendBatch(samples.subspan(half), halvings);
      }
      stats_.dropped += static_cast<int64_t>(samples.size());
      log::Warn("remote write: the endpoint refuses samples for good",
                {{"endpoint", options_.name},
                 {"samples", samples.size()},
                 {"first", samples.front().labels.ToString()},
                 {"why", MessageOf(status)}});
      co_return absl::OkStatus();
    }
    if (!std::exchange(stats_.failing, true)) {
      log::Warn("remote write: cannot send, will go on trying",
                {{"endpoint", options_.name}, {"why", MessageOf(status)}});
    }
    ++stats_.retries;
    CO_RETURN_IF_ERROR(
        co_await SleepFor(clock_, Backoff(failures, std::exchange(retry_after_, {}))));
  }
}

Task<> RemoteWriter::Post(std::span<const LoggedSample> samples) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = options_.target;
  request.headers = options_.headers;
  request.headers.Set("Content-Type", "application/x-protobuf");
  request.headers.Set("Content-Encoding", "snappy");
  request.headers.Set("X-Prometheus-Remote-Write-Version", "0.1.0");
  request.replayable = true;  // the same samples again are no others
  CO_ASSIGN_OR_RETURN(request.body, co_await RunOn(pool_, [&]() -> absl::StatusOr<std::string> {
                        // Relabelled ones have theirs, or were to lose them.
                        return EncodeWriteRequest(samples, options_.relabeller == nullptr
                                                               ? options_.external_labels
                                                               : promql::Labels());
                      }));
  net::StringSink reply(64 << 10);
  const absl::Status status = co_await http_.Send(options_.origin, std::move(request), {},
                                                  Deadline::After(clock_, options_.timeout), reply);
  if (absl::IsCancelled(status)) co_return status;
  // No answer, or none that can be read, says nothing about the samples.
  if (!status.ok()) co_return absl::UnavailableError(status.message());
  if (reply.status() / 100 == 2) co_return absl::OkStatus();
  retry_after_ = SecondsOf(reply.headers().Get("Retry-After").value_or(""));
  std::string_view text = std::string_view(reply.body()).substr(0, 200);
  while (text.ends_with('\n')) text.remove_suffix(1);
  const bool final = reply.status() / 100 == 4 && !SaysNothingOfSamples(reply.status());
  co_return MakeStatus(final ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kUnavailable,
                       "HTTP {}: {}", reply.status(), text);
}

// Doubles with each failure; full jitter above the half.
MonoDuration RemoteWriter::Backoff(int failures, MonoDuration asked_for) {
  const MonoDuration most = std::max(options_.max_backoff, options_.min_backoff);
  MonoDuration wait = options_.min_backoff;
  for (int i = 0; i < failures && wait < most; ++i) wait *= 2;
  wait = std::min(wait, most);
  const auto jittered =
      std::chrono::duration_cast<MonoDuration>(wait * (0.5 + 0.5 * rng_.Uniform()));
  return std::max(jittered, asked_for);
}

}  // namespace synoptic::aggregator
