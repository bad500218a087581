// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Our engine under the stopwatch of tests/bench/engine.py: engine_bench FILE.
//
// Answers the questions that tests/bench/engine/main.go answers, over the same file of chunks
// (tests/bench/engine/data.go says how they lie there), and two of its own: `floor`, the time of
// decoding what the query reads and of writing what it answers and nothing else; `threads N`, a run
// on N threads.
#include <fcntl.h>
#include <mimalloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/evaluator.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"

namespace {
std::atomic<uint64_t> allocations{0};
}

void* operator new(size_t size) {
  // Counts on one thread, where counts are read; two threads lose some, and nobody waits.
  allocations.store(allocations.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  void* const p = std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) std::abort();
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace synoptic::bench {
namespace {

using promql::Chunk;
using promql::Expr;
using promql::ExprKind;
using promql::RawSeries;

[[noreturn]] void Die(const std::string& why) {
  std::cerr << "engine_bench: " << why << "\n";
  std::exit(1);
}

int64_t Nanos(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}
int64_t ProcessorNanos() { return Nanos(CLOCK_PROCESS_CPUTIME_ID); }

// Reads the file's numbers and strings one after the other.
class Reader {
 public:
  explicit Reader(std::string_view data) : data_(data) {}
  template <class T>
  T Number() {
    T value;
    std::memcpy(&value, Bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view Bytes(size_t size) {
    if (data_.size() < size) Die("the data end early");
    const std::string_view bytes = data_.substr(0, size);
    data_.remove_prefix(size);
    return bytes;
  }
  std::string_view Text() { return Bytes(Number<uint16_t>()); }

 private:
  std::string_view data_;
};

std::string_view Map(const char* path) {
  const int fd = open(path, O_RDONLY);
  struct stat info{};
  if (fd < 0 || fstat(fd, &info) != 0) Die(std::string("cannot open ") + path);
  const size_t size = static_cast<size_t>(info.st_size);
  void* const data = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (data == MAP_FAILED) Die("cannot map the data");
  close(fd);
  return {static_cast<const char*>(data), size};
}

std::vector<RawSeries> Load(std::string_view data) {
  Reader in(data);
  if (in.Bytes(8) != "SYNBENC2") Die("not a file of benchmark data");
  std::vector<RawSeries> all(in.Number<uint32_t>());
  for (RawSeries& series : all) {
    std::vector<std::pair<std::string, std::string>> labels(in.Number<uint32_t>());
    for (auto& [name, value] : labels) {
      name = in.Text();
      value = in.Text();
    }
    series.labels = promql::Labels::From(std::move(labels));
    auto& chunks = series.data.emplace<std::vector<Chunk>>(in.Number<uint32_t>());
    for (Chunk& chunk : chunks) {
      chunk.min_t = in.Number<int64_t>();
      chunk.max_t = in.Number<int64_t>();
      chunk.encoding = static_cast<promql::ChunkEncoding>(in.Number<uint8_t>());
      chunk.bytes = in.Bytes(in.Number<uint32_t>());
    }
  }
  std::sort(all.begin(), all.end(),
            [](const RawSeries& a, const RawSeries& b) { return a.labels < b.labels; });
  return all;
}

// What a selector matches in the query's time is looked up once and remembered, much as on the
// other side: a source hands over series that have samples there.
class Store final : public promql::DataSource {
 public:
  explicit Store(std::vector<RawSeries> all) : all_(std::move(all)) {}

  void Bind(Expr& expr, const promql::Grid& grid, int64_t range_ms = 300'000) {
    if (expr.kind == ExprKind::kMatrixSelector) {
      range_ms = promql::As<promql::MatrixSelector>(expr).range_ms() + 300'000;
    }
    if (expr.kind == ExprKind::kSubquery) {
      range_ms += promql::As<promql::Subquery>(expr).range_ms();
    }
    if (expr.kind == ExprKind::kVectorSelector) {
      auto& selector = promql::As<promql::VectorSelector>(expr);
      const int64_t min_t = grid.start - range_ms;
      key_.assign(reinterpret_cast<const char*>(&min_t), sizeof min_t);
      key_.append(reinterpret_cast<const char*>(&grid.end), sizeof grid.end);
      for (const promql::Matcher& m : selector.matchers) {
        key_ += static_cast<char>('0' + static_cast<int>(m.op()));
        key_.append(m.name()).append(1, '\0').append(m.value()).append(1, '\0');
      }
      auto it = ids_.find(key_);
      if (it == ids_.end()) {
        it = ids_.emplace(key_, static_cast<int>(selected_.size())).first;
        selected_.push_back(Select(selector.matchers, min_t, grid.end));
      }
      selector.fetch_id = it->second;
    }
    for (Expr* child : Children(expr)) Bind(*child, grid, range_ms);
  }

  absl::StatusOr<std::span<const RawSeries>> Raw(int id) override {
    return std::span<const RawSeries>(selected_[static_cast<size_t>(id)]);
  }
  absl::StatusOr<std::span<const promql::StepSeries>> Steps(int, const promql::Grid&) override {
    return absl::InternalError("no steps here");
  }

 private:
  std::vector<RawSeries> Select(const std::vector<promql::Matcher>& matchers, int64_t min_t,
                                int64_t max_t) const {
    std::vector<RawSeries> found;
    for (const RawSeries& series : all_) {
      const auto& chunks = std::get<std::vector<Chunk>>(series.data);
      if (std::none_of(chunks.begin(), chunks.end(), [&](const Chunk& c) {
            return c.max_t >= min_t && c.min_t <= max_t + 300'000;
          })) {
        continue;
      }
      if (std::all_of(matchers.begin(), matchers.end(),
                      [&](const promql::Matcher& m) { return m.Matches(series.labels); })) {
        found.push_back(series);
      }
    }
    return found;
  }

  std::vector<RawSeries> all_;
  std::unordered_map<std::string, int> ids_;
  std::vector<std::vector<RawSeries>> selected_;
  std::string key_;
};

struct Question {
  std::string verb, argument;
  promql::Grid grid;
  int64_t budget_ns = 0;
  std::string query;
  Executor* executor = nullptr;
};

struct Answer {
  std::string error, digest;
  int64_t ns = 0, wall_ns = 0, runs = 0, points = 0, series = 0, read = 0, peak_kb = 0, bytes = 0;
  uint64_t allocs = 0;

  void Print() const {
    std::printf(
        "{\"error\":%s,\"ns\":%lld,\"wall_ns\":%lld,\"runs\":%lld,\"digest\":\"%s\",\"points\":%"
        "lld,"
        "\"series\":%lld,\"read\":%lld,\"peak_kb\":%lld,\"bytes\":%lld,\"allocs\":%llu}\n",
        GoQuote(error).c_str(), static_cast<long long>(ns), static_cast<long long>(wall_ns),
        static_cast<long long>(runs), digest.c_str(), static_cast<long long>(points),
        static_cast<long long>(series), static_cast<long long>(read),
        static_cast<long long>(peak_kb), static_cast<long long>(bytes),
        static_cast<unsigned long long>(allocs));
    std::fflush(stdout);
  }
};

absl::StatusOr<promql::ExprPtr> Prepare(Store& store, const Question& q) {
  promql::ParseOptions options;
  options.experimental_functions = true;
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(q.query, options));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), q.grid));
  store.Bind(*expr, q.grid);
  return expr;
}

// Threads that run what is posted, in order.
class Threads final : public Executor {
 public:
  explicit Threads(int threads) : threads_(threads) {
    for (int i = 1; i < threads; ++i) pool_.emplace_back([this] { Work(); });
  }
  ~Threads() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : pool_) thread.join();
  }
  int threads() const override { return threads_; }
  void Post(std::function<void()> work) override {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const std::function<void()> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  const int threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool closed_ = false;
  std::vector<std::thread> pool_;
};

absl::StatusOr<promql::EvalResult> Query(Store& store, const Question& q) {
  ASSIGN_OR_RETURN(const promql::ExprPtr expr, Prepare(store, q));
  MemoryBudget budget("query memory", int64_t{4} << 30);
  CancelToken cancel;
  promql::EvalOptions options;
  options.grid = q.grid;
  options.range_query = true;
  options.query_text = q.query;
  options.budget = &budget;
  options.cancel = &cancel;
  options.executor = q.executor;
  return promql::Evaluate(*expr, options, store);
}

class Digest {
 public:
  void Word(uint64_t w) {
    value_ = (value_ ^ w) * 0x9E3779B97F4A7C15;
    value_ ^= value_ >> 29;
  }
  void Text(std::string_view s) {
    Word(s.size());
    for (const char c : s) Word(static_cast<uint8_t>(c));
  }
  void Float(double v) {
    Word(std::isnan(v) ? promql::kNormalNaNBits : std::bit_cast<uint64_t>(v));
  }
  void Buckets(const std::vector<promql::HistogramSpan>& spans, const std::vector<double>& counts) {
    int32_t index = 0;
    size_t next = 0;
    for (const auto& span : spans) {
      index += span.offset;
      for (uint32_t i = 0; i < span.length; ++i, ++index, ++next) {
        if (counts[next] == 0) continue;
        Word(static_cast<uint64_t>(int64_t{index}));
        Float(counts[next]);
      }
    }
    Word(uint64_t{1} << 40);
  }
  void Histogram(const promql::FloatHistogram& h) {
    Word(static_cast<uint64_t>(int64_t{h.schema}));
    Float(h.zero_threshold);
    Float(h.zero_count);
    Float(h.count);
    Float(h.sum);
    Buckets(h.positive_spans, h.positive_buckets);
    Buckets(h.negative_spans, h.negative_buckets);
    for (const double bound : h.custom_values) Float(bound);
  }
  std::string Hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  uint64_t value_ = 1;
};

void Describe(const promql::QueryValue& value, Answer& a) {
  Digest digest;
  for (const promql::StepSeries& series : value.series) {
    for (const promql::Label label : series.labels) {
      digest.Text(label.name);
      digest.Text(label.value);
    }
    for (size_t s = 0; s < series.values.size(); ++s) {
      if (promql::IsAbsent(series.values[s])) continue;
      digest.Word(static_cast<uint64_t>(value.grid.at(s)));
      digest.Float(series.values[s]);
      ++a.points;
    }
    for (size_t s = 0; s < series.histograms.size(); ++s) {
      if (series.histograms[s] == nullptr) continue;
      digest.Word(static_cast<uint64_t>(value.grid.at(s)));
      digest.Histogram(*series.histograms[s]);
      ++a.points;
    }
  }
  a.series = static_cast<int64_t>(value.series.size());
  a.digest = digest.Hex();
}

Answer Run(Store& store, const Question& q) {
  Answer a;
  {
    const int64_t start = ProcessorNanos();
    const auto result = Query(store, q);
    a.ns = ProcessorNanos() - start;
    if (!result.ok()) {
      a.error = std::string(result.status().message());
      return a;
    }
    a.runs = 1;
    a.read = result->stats.samples_read;
    Describe(result->value, a);
  }
  const uint64_t before = allocations.load();
  const int64_t again = ProcessorNanos();
  if (!Query(store, q).ok()) Die("a second run failed");
  a.ns = ProcessorNanos() - again;
  a.allocs = allocations.load() - before;
  constexpr int64_t kBatches = 5;
  const int64_t per_batch =
      std::max<int64_t>(1, q.budget_ns / kBatches / std::max<int64_t>(a.ns, 1));
  std::vector<int64_t> times, walls;
  const int64_t begin = ProcessorNanos();
  while (times.size() < kBatches &&
         (times.size() < 2 || ProcessorNanos() - begin < 2 * q.budget_ns)) {
    const int64_t start = ProcessorNanos(), wall = Nanos(CLOCK_MONOTONIC);
    for (int64_t i = 0; i < per_batch; ++i) {
      if (!Query(store, q).ok()) Die("a later run failed");
    }
    times.push_back((ProcessorNanos() - start) / per_batch);
    walls.push_back((Nanos(CLOCK_MONOTONIC) - wall) / per_batch);
  }
  std::sort(times.begin(), times.end());
  a.ns = times[times.size() / 2];
  a.wall_ns = *std::min_element(walls.begin(), walls.end());
  a.runs = per_batch * static_cast<int64_t>(times.size());
  return a;
}

int64_t StatusKb(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field) && line[field.size()] == ':') {
      return std::atoll(line.c_str() + field.size() + 1);
    }
  }
  return 0;
}

Answer Memory(Store& store, const Question& q) {
  Answer a;
  mi_collect(true);
  std::ofstream("/proc/self/clear_refs") << "5";
  const int64_t before = StatusKb("VmRSS");
  const auto result = Query(store, q);
  if (!result.ok()) a.error = std::string(result.status().message());
  a.peak_kb = StatusKb("VmHWM") - before;
  return a;
}

Answer Dump(Store& store, const Question& q) {
  Answer a;
  const auto result = Query(store, q);
  if (!result.ok()) {
    a.error = std::string(result.status().message());
    return a;
  }
  std::ofstream out(q.argument);
  for (const promql::StepSeries& series : result->value.series) {
    for (size_t s = 0; s < series.values.size(); ++s) {
      if (promql::IsAbsent(series.values[s])) continue;
      char bits[17];
      std::snprintf(bits, sizeof bits, "%016llx",
                    std::bit_cast<unsigned long long>(series.values[s]));
      out << series.labels.ToString() << ' ' << result->value.grid.at(s) << ' ' << bits << ' '
          << GoFloatG(series.values[s]) << '\n';
    }
    for (size_t s = 0; s < series.histograms.size(); ++s) {
      if (series.histograms[s] == nullptr) continue;
      out << series.labels.ToString() << ' ' << result->value.grid.at(s) << ' '
          << series.histograms[s]->ToString() << '\n';
    }
  }
  return a;
}

// Decodes once what every selector of the query reads, and writes as many values as the query
// answers. `bytes`: of the chunks.
struct Reads {
  int64_t bytes = 0, samples = 0;
};
void Decode(const Expr& expr, Store& store, const promql::Grid& grid, int64_t range_ms,
            promql::SampleColumns& floats, Reads& reads) {
  if (expr.kind == ExprKind::kMatrixSelector) {
    range_ms = promql::As<promql::MatrixSelector>(expr).range_ms();
  }
  if (expr.kind == ExprKind::kVectorSelector) {
    const auto& selector = promql::As<promql::VectorSelector>(expr);
    const int64_t min_t = grid.start - range_ms + 1;
    const auto data = store.Raw(selector.fetch_id);
    for (const RawSeries& series : *data) {
      floats.clear();
      for (const Chunk& chunk : std::get<std::vector<Chunk>>(series.data)) {
        if (chunk.max_t < min_t || chunk.min_t > grid.end) continue;
        if (!promql::DecodeChunk(chunk, min_t, grid.end, floats, nullptr).ok()) Die("bad chunk");
        reads.bytes += static_cast<int64_t>(chunk.bytes.size());
      }
      reads.samples += static_cast<int64_t>(floats.size());
    }
  }
  for (const Expr* child : Children(expr)) Decode(*child, store, grid, range_ms, floats, reads);
}

Answer Floor(Store& store, const Question& q) {
  Answer a;
  const auto expr = Prepare(store, q);
  if (!expr.ok()) Die(expr.status().ToString());
  const auto result = Query(store, q);
  if (!result.ok()) {
    a.error = std::string(result.status().message());
    return a;
  }
  std::vector<double> from(q.grid.size(), 1.0);
  promql::SampleColumns floats;
  a.ns = std::numeric_limits<int64_t>::max();
  for (int round = 0; round < 3; ++round) {
    Reads reads;
    const int64_t start = ProcessorNanos();
    Decode(**expr, store, q.grid, 300'000, floats, reads);
    std::vector<std::vector<double>> answer(result->value.series.size());
    for (auto& column : answer) column = from;
    a.ns = std::min(a.ns, ProcessorNanos() - start);
    a.bytes = reads.bytes;
    a.read = reads.samples;
  }
  return a;
}

std::optional<Question> ReadQuestion() {
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  std::vector<std::string> fields;
  size_t from = 0;
  for (int i = 0; i < 5; ++i) {
    const size_t tab = line.find('\t', from);
    if (tab == std::string::npos) Die("expected six fields: " + line);
    fields.push_back(line.substr(from, tab - from));
    from = tab + 1;
  }
  Question q;
  const size_t space = fields[0].find(' ');
  q.verb = fields[0].substr(0, space);
  if (space != std::string::npos) q.argument = fields[0].substr(space + 1);
  q.grid = {std::atoll(fields[1].c_str()), std::atoll(fields[2].c_str()),
            std::atoll(fields[3].c_str())};
  q.budget_ns = std::atoll(fields[4].c_str()) * 1'000'000;
  q.query = line.substr(from);
  return q;
}

int Main(int argc, char** argv) {
  if (argc != 2) Die("usage: engine_bench FILE");
  Store store(Load(Map(argv[1])));
  while (const std::optional<Question> q = ReadQuestion()) {
    if (q->verb == "run") {
      Run(store, *q).Print();
    } else if (q->verb == "threads") {
      Threads threads(std::atoi(q->argument.c_str()));
      Question parallel = *q;
      parallel.executor = &threads;
      Run(store, parallel).Print();
    } else if (q->verb == "memory") {
      Memory(store, *q).Print();
    } else if (q->verb == "dump") {
      Dump(store, *q).Print();
    } else if (q->verb == "floor") {
      Floor(store, *q).Print();
    } else {
      Die("what is " + q->verb + "?");
    }
  }
  return 0;
}

}  // namespace
}  // namespace synoptic::bench

int main(int argc, char** argv) { return synoptic::bench::Main(argc, argv); }
