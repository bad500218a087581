// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/worlds.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/escaping.h"
#include "aggregator/upstream/remote_read.h"
#include "base/status.h"
#include "base/strings.h"
#include "tests/compat/engine/loopback.h"

namespace synoptic::compat {
namespace {

using promql::RawSeries;

int64_t Number(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

absl::StatusOr<std::string> Decoded(std::string_view base64) {
  std::string out;
  if (!absl::Base64Unescape(ToAbsl(base64), &out)) return absl::DataLossError("not base64");
  return out;
}

absl::StatusOr<promql::Labels> ReadLabels(const std::vector<std::string_view>& words) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t i = 1; i + 1 < words.size(); i += 2) {
    ASSIGN_OR_RETURN(std::string name, Decoded(words[i]));
    ASSIGN_OR_RETURN(std::string value, Decoded(words[i + 1]));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return promql::Labels::From(std::move(pairs));
}

absl::StatusOr<promql::Chunk> ReadChunk(const std::vector<std::string_view>& words) {
  ASSIGN_OR_RETURN(std::string bytes, Decoded(words[4]));
  promql::Chunk chunk;
  chunk.min_t = Number(words[1]);
  chunk.max_t = Number(words[2]);
  chunk.encoding = static_cast<promql::ChunkEncoding>(Number(words[3]));
  chunk.owner = std::make_shared<const std::string>(std::move(bytes));
  chunk.bytes = *chunk.owner;
  return chunk;
}

absl::StatusOr<std::vector<World>> ReadDump(std::string_view dump) {
  std::vector<World> worlds;
  for (const std::string_view line : Split(dump, '\n')) {
    const std::vector<std::string_view> words = Split(line, ' ');
    if (words[0] == "world") {
      worlds.push_back({Number(words[2]), Number(words[3]), words[4] == "true", {}});
    } else if (words[0] == "series") {
      ASSIGN_OR_RETURN(promql::Labels labels, ReadLabels(words));
      worlds.back().series.push_back({std::move(labels), std::vector<promql::Chunk>()});
    } else if (words[0] == "chunk") {
      ASSIGN_OR_RETURN(promql::Chunk chunk, ReadChunk(words));
      std::get<std::vector<promql::Chunk>>(worlds.back().series.back().data)
          .push_back(std::move(chunk));
    }
  }
  return worlds;
}

absl::StatusOr<std::vector<RawSeries>> RemoteRead(int port, size_t world, bool streamed) {
  aggregator::RawRequest request;
  ASSIGN_OR_RETURN(auto matcher,
                   promql::Matcher::Create(promql::MatchOp::kRegex, "__name__", ".+"));
  request.matchers.push_back(std::move(matcher));
  request.min_t = 0;
  request.max_t = int64_t{1} << 50;
  ASSIGN_OR_RETURN(const std::string body, Post(port, fmt::format("/{}/0/api/v1/read", world), "",
                                                aggregator::EncodeReadRequest(request, streamed)));
  const aggregator::LabelRules rules({}, {}, {});
  Reservation held(nullptr);
  aggregator::RawSeriesBuilder builder(rules, {}, held);
  if (streamed) {
    aggregator::FrameReader frames(nullptr, [&](std::string_view frame) {
      return aggregator::DecodeChunkedFrame(frame, builder);
    });
    RETURN_IF_ERROR(frames.Feed(body));
    RETURN_IF_ERROR(frames.Finish());
  } else {
    RETURN_IF_ERROR(aggregator::DecodeSamples(body, int64_t{1} << 30, held, builder));
  }
  return builder.Take();
}

struct Decoding {
  promql::SampleColumns floats;
  promql::HistogramColumns histograms;
};

absl::StatusOr<Decoding> Decode(const RawSeries& series) {
  Decoding out;
  RETURN_IF_ERROR(promql::ReadSamples(series, 0, int64_t{1} << 50, out.floats, &out.histograms));
  return out;
}

// Prometheus leaves a negative zero out of a SAMPLES answer as if it were none.
bool SameBits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<uint64_t>(x) == std::bit_cast<uint64_t>(y) || (x == 0 && y == 0);
  });
}

absl::Status CompareReads(const World& world, const std::vector<RawSeries>& read) {
  if (read.size() != world.series.size()) {
    return MakeStatus(absl::StatusCode::kDataLoss, "remote read gave {} series instead of {}",
                      read.size(), world.series.size());
  }
  for (size_t i = 0; i < read.size(); ++i) {
    ASSIGN_OR_RETURN(const Decoding a, Decode(world.series[i]));
    ASSIGN_OR_RETURN(const Decoding b, Decode(read[i]));
    bool same = world.series[i].labels == read[i].labels && a.floats.t == b.floats.t &&
                SameBits(a.floats.v, b.floats.v) && a.histograms.t == b.histograms.t;
    for (size_t k = 0; same && k < a.histograms.size(); ++k) {
      const promql::FloatHistogram& x = *a.histograms.h[k];
      const promql::FloatHistogram& y = *b.histograms.h[k];
      same = promql::IsStaleNaN(x.sum) ? promql::IsStaleNaN(y.sum) : x.ToString() == y.ToString();
    }
    if (same) continue;
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "remote read differs from what is stored: {}: {} floats and {} histograms "
                      "instead of {} and {}",
                      read[i].labels.ToString(), b.floats.size(), b.histograms.size(),
                      a.floats.size(), a.histograms.size());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<World>> LoadWorlds(int port) {
  ASSIGN_OR_RETURN(const std::string dump, Post(port, "/dump", "", ""));
  ASSIGN_OR_RETURN(std::vector<World> worlds, ReadDump(dump));
  for (size_t i = 0; i < worlds.size(); ++i) {
    if (worlds[i].start_timestamps) continue;
    for (const bool streamed : {true, false}) {
      ASSIGN_OR_RETURN(const auto read, RemoteRead(port, i, streamed));
      const absl::Status status = CompareReads(worlds[i], read);
      if (!status.ok() && !absl::IsUnimplemented(status)) return status;
    }
  }
  return worlds;
}

void WorldSource::Bind(promql::Expr& expr) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    auto& selector = promql::As<promql::VectorSelector>(expr);
    selector.fetch_id = static_cast<int>(selected_.size());
    std::vector<RawSeries>& selected = selected_.emplace_back();
    const size_t count = chosen_ != nullptr ? chosen_->size() : world_.series.size();
    for (size_t i = 0; i < count; ++i) {
      const RawSeries& series = world_.series[chosen_ != nullptr ? (*chosen_)[i] : i];
      if (std::all_of(selector.matchers.begin(), selector.matchers.end(),
                      [&](const promql::Matcher& m) { return m.Matches(series.labels); })) {
        selected.push_back(series);
      }
    }
  }
  for (promql::Expr* child : promql::Children(expr)) Bind(*child);
}

absl::StatusOr<std::span<const RawSeries>> WorldSource::Raw(int fetch_id) {
  return std::span<const RawSeries>(selected_[static_cast<size_t>(fetch_id)]);
}

absl::StatusOr<std::span<const promql::StepSeries>> WorldSource::Steps(int, const promql::Grid&) {
  return absl::InternalError("nothing is pushed down here");
}

}  // namespace synoptic::compat
