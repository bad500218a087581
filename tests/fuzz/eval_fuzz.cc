// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Any bytes through parser and evaluator: a query, either the bytes' text or one that the bytes
// choose from the whole language, over a few series of every kind, under small limits. No crash, no
// hang; the same answer twice; the printed query reads back as the same tree.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "base/status.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

[[noreturn]] void Complain(std::string_view what, std::string_view text, std::string_view more) {
  std::fprintf(stderr, "%s\n  query: %s\n  %s\n", std::string(what).c_str(),
               std::string(text).c_str(), std::string(more).c_str());
  std::abort();
}

// Choices out of the input; when it ends, the first of each.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), end_(data + size) {}
  size_t Below(size_t limit) { return data_ == end_ ? 0 : *data_++ % limit; }
  bool Chance() { return Below(2) == 1; }
  template <size_t N>
  const char* Pick(const char* const (&choices)[N]) {
    return choices[Below(N)];
  }
  std::string_view Rest() const {
    return {reinterpret_cast<const char*>(data_), static_cast<size_t>(end_ - data_)};
  }

 private:
  const uint8_t* data_;
  const uint8_t* const end_;
};

// A query by the language's own tables: every function with arguments of its types, every operator.
class Writer {
 public:
  explicit Writer(Bytes& bytes) : bytes_(bytes) {}

  std::string Of(ValueType type, int depth) {
    switch (type) {
      case ValueType::kScalar:
        return Scalar(depth);
      case ValueType::kString:
        return bytes_.Pick({"\"a\"", "\"le\"", "\"__name__\"", "\"(.*)\"", "\"$1\"", "\"\""});
      case ValueType::kMatrix:
        return Matrix(depth);
      default:
        return Vector(depth);
    }
  }

 private:
  std::string Number() {
    return bytes_.Pick({"1", "0", "-1", "0.5", "2", "NaN", "Inf", "-Inf", "1e300", "5m", "100"});
  }

  std::string Selector() {
    return std::string(bytes_.Pick({"f", "c_total", "h", "m", "b_bucket", "nosuch"})) +
           bytes_.Pick({"", "", "", "{a=\"1\"}", "{a!=\"1\"}", "{a=~\"1|2\"}", "{le=\"1\"}"});
  }

  std::string Modifiers() {
    return bytes_.Pick({"", "", "", "", " offset 1m", " offset -30s", " @ 300", " @ start()",
                        " @ end()", " @ 400 offset 1m"});
  }

  std::string Matrix(int depth) {
    const std::string range = bytes_.Pick({"1m", "5m", "30s", "1ms", "1y", "2m", "step()", "90s"});
    if (depth > 0 && bytes_.Chance()) {
      return "(" + Vector(depth - 1) + ")[" + range + ":" +
             bytes_.Pick({"", "30s", "1m", "1ms", "7s"}) + "]" + Modifiers();
    }
    return Selector() + "[" + range + "]" + bytes_.Pick({"", "", "", " anchored", " smoothed"}) +
           Modifiers();
  }

  std::string Scalar(int depth) {
    if (depth <= 0 || bytes_.Chance()) return Number();
    if (bytes_.Chance()) return "scalar(" + Vector(depth - 1) + ")";
    return "(" + Scalar(depth - 1) + " " + bytes_.Pick({"+", "-", "*", "/", "%", "^", "== bool"}) +
           " " + Scalar(depth - 1) + ")";
  }

  std::string FunctionCall(int depth) {
    const auto all = AllFunctions();
    const Function& function = all[bytes_.Below(all.size())];
    size_t count = function.args.size();
    if (function.variadic != 0) {
      const size_t least = count > 0 ? count - 1 : 0;
      count = least + bytes_.Below(function.variadic < 0 ? 3 : 2);
    }
    std::string out = std::string(function.name) + "(";
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) out += ", ";
      const ValueType type = function.args.empty()
                                 ? ValueType::kScalar
                                 : function.args[std::min(i, function.args.size() - 1)];
      // The second argument of info() is matchers alone.
      out += function.id == FunctionId::kInfo && i == 1 ? "{a=~\".+\"}" : Of(type, depth - 1);
    }
    out += ")";
    return function.returns == ValueType::kScalar ? "vector(" + out + ")" : out;
  }

  std::string AggregateCall(int depth) {
    const std::string op =
        bytes_.Pick({"sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk",
                     "bottomk", "count_values", "quantile", "limitk", "limit_ratio"});
    std::string param;
    if (op == "count_values") param = "\"v\", ";
    if (op == "topk" || op == "bottomk" || op == "quantile" || op.starts_with("limit")) {
      param = Scalar(depth - 1) + ", ";
    }
    return op + bytes_.Pick({"", " by (a)", " without (a)", " by (le)", " by (__name__)"}) + "(" +
           param + Vector(depth - 1) + ")";
  }

  std::string BinaryCall(int depth) {
    const std::string op = bytes_.Pick({"+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<",
                                        ">=", "<=", "> bool", "</", ">/", "and", "or", "unless"});
    std::string matching;
    if (op != "and" && op != "or" && op != "unless") {
      matching = bytes_.Pick({"", "", " on (a)", " ignoring (le)", " on (a) group_left ()",
                              " on (a) group_right (le)", " on () group_left (a)",
                              " on (a) fill (0)", " fill_left (1)"});
    } else {
      matching = bytes_.Pick({"", " on (a)", " ignoring (le)"});
    }
    const std::string lhs = bytes_.Below(4) == 1 ? Scalar(depth - 1) : Vector(depth - 1);
    const std::string rhs = bytes_.Below(4) == 1 ? Scalar(depth - 1) : Vector(depth - 1);
    return "(" + lhs + " " + op + matching + " " + rhs + ")";
  }

  std::string Vector(int depth) {
    if (depth <= 0) return Selector() + Modifiers();
    switch (bytes_.Below(8)) {
      case 0:
        return Selector() + bytes_.Pick({"", "", " anchored", " smoothed"}) + Modifiers();
      case 1:
        return AggregateCall(depth);
      case 2:
      case 3:
        return BinaryCall(depth);
      case 4:
        return bytes_.Pick({"-", "+"}) + ("(" + Vector(depth - 1) + ")");
      default:
        return FunctionCall(depth);
    }
  }

  Bytes& bytes_;
};

double Value(size_t choice, size_t index) {
  const auto i = static_cast<double>(index);
  switch (choice) {
    case 0:
      return i;
    case 1:
      return index % 7 == 0 ? 0 : i * 1.5;
    case 2:
      return std::numeric_limits<double>::quiet_NaN();
    case 3:
      return index % 2 == 0 ? std::numeric_limits<double>::infinity() : -i;
    case 4:
      return index % 5 == 4 ? StaleNaN() : i;
    case 5:
      return 1e300 * i;
    default:
      return -0.0;
  }
}

HistogramPtr Histogram(size_t choice, size_t index) {
  auto h = std::make_shared<FloatHistogram>();
  const auto i = static_cast<double>(index % 11);
  h->hint = static_cast<CounterResetHint>((choice + index) % 4);
  if (choice % 3 == 0) {
    h->schema = kCustomBucketsSchema;
    h->custom_values = choice % 2 == 0 ? std::vector<double>{1, 2} : std::vector<double>{1, 3, 4};
    h->positive_spans = {{0, 2}};
    h->positive_buckets = {i, 2 * i};
    h->count = 3 * i;
  } else {
    h->schema = static_cast<int32_t>(choice % 13) - 4;
    h->zero_threshold = choice % 2 == 0 ? 0.001 : 0.5;
    h->zero_count = i;
    h->positive_spans = {{-1, 1}, {static_cast<int32_t>(index % 3), 1}};
    h->positive_buckets = {i, i + 1};
    h->negative_spans = {{0, 1}};
    h->negative_buckets = {i};
    h->count = 4 * i + 1;
  }
  h->sum = index % 9 == 8 ? StaleNaN() : i * 2.5;
  return h;
}

constexpr int64_t kStep = 15'000;
constexpr size_t kSamples = 50;

std::vector<RawSeries> World(Bytes& bytes) {
  std::vector<RawSeries> out;
  for (const char* name : {"f", "c_total", "h", "m", "b_bucket"}) {
    for (const char* a : {"1", "2"}) {
      const size_t choice = bytes.Below(64);
      RawSeries series{
          Labels::From({{"__name__", name},
                        {"a", a},
                        {"le", name[0] == 'b' ? (choice % 2 == 0 ? "1" : "+Inf") : ""}}),
          SampleColumns()};
      auto& floats = std::get<SampleColumns>(series.data);
      for (size_t i = 0; i < kSamples; ++i) {
        if (i % 16 == choice % 16) continue;
        const int64_t t = static_cast<int64_t>(i) * kStep;
        const bool histogram = name[0] == 'h' || (name[0] == 'm' && i % 20 < 10);
        const int64_t start = choice % 5 == 0 ? t - 7'000 : 0;
        if (histogram) {
          series.histograms.push_back(t, Histogram(choice, i), start);
        } else {
          floats.push_back(t, Value(choice % 7, i), start);
        }
      }
      out.push_back(std::move(series));
    }
  }
  return out;
}

std::string Shown(const absl::StatusOr<EvalResult>& result) {
  if (!result.ok()) return std::string(MessageOf(result.status()));
  std::string out;
  const auto number = [&](double v) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, " %a", v);
    out += buffer;
  };
  for (const StepSeries& series : result->value.series) {
    out += series.labels.ToString();
    for (const double v : series.values) number(v);
    for (const HistogramPtr& h : series.histograms) out += h == nullptr ? " -" : h->ToString();
  }
  for (const auto& series : result->value.points) {
    out += series.labels.ToString();
    for (const double v : series.samples.v) number(v);
    for (const HistogramPtr& h : series.histograms.h) out += h->ToString();
  }
  for (const std::string& text : result->annotations.warnings()) out += text;
  for (const std::string& text : result->annotations.infos()) out += text;
  return out;
}

void Run(const std::string& text, const ParseOptions& parse, EvalOptions options, int64_t memory,
         MemorySource& source) {
  const auto tree = ParseExpr(text, parse);
  if (!tree.ok()) return;
  const std::string printed = Print(**tree);
  if (printed.size() <= parse.max_text_bytes) {
    const auto again = ParseExpr(printed, parse);
    if (!again.ok()) Complain("printed form is refused", text, MessageOf(again.status()));
    // Infinity prints with a sign, as in Prometheus, and a sign binds looser than `^`.
    if (printed.find("+Inf ^") == std::string::npos && ToJson(**again) != ToJson(**tree)) {
      Complain("another tree", text, printed);
    }
  }
  const ValueType type = TypeOf(**tree);
  options.range_query =
      options.range_query && (type == ValueType::kVector || type == ValueType::kScalar);
  if (!options.range_query) options.grid = Grid::Instant(options.grid.end);
  auto prepared = Preprocess(Clone(**tree), options.grid);
  if (!prepared.ok()) return;
  source.Bind(**prepared);
  std::string first;
  for (int round = 0; round < 2; ++round) {
    MemoryBudget budget("query memory", memory);
    options.budget = &budget;
    options.query_text = text;
    std::string shown = Shown(Evaluate(**prepared, options, source));
    if (budget.peak() > memory) Complain("over the budget", text, std::to_string(budget.peak()));
    if (round == 1 && shown != first) Complain("another answer", text, first + "\n" + shown);
    first = std::move(shown);
  }
  CancelToken cancel;
  cancel.Cancel(CancelReason::kCancelled);
  options.cancel = &cancel;
  options.budget = nullptr;
  (void)Evaluate(**prepared, options, source);
}

}  // namespace
}  // namespace synoptic::promql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace synoptic::promql;
  if (size > 4096) return 0;
  Bytes bytes(data, size);
  const size_t flags = bytes.Below(256);
  EvalOptions options;
  options.grid = {static_cast<int64_t>(bytes.Below(60)) * 10'000, 700'000, 61'000};
  options.range_query = (flags & 1) != 0;
  options.delayed_name_removal = (flags & 2) != 0;
  options.use_start_timestamps = (flags & 4) != 0;
  options.max_samples = 20'000;
  constexpr int64_t kMemory[] = {2 << 10, 16 << 10, 128 << 10, 8 << 20};
  const int64_t memory = kMemory[flags >> 6];
  ParseOptions parse;
  parse.experimental_functions = true;
  parse.binop_fill_modifiers = true;
  MemorySource source(World(bytes));
  if ((flags & 8) != 0) {
    Run(std::string(bytes.Rest()), parse, options, memory, source);
  } else {
    Writer writer(bytes);
    Run(writer.Of(ValueType::kVector, 3), parse, options, memory, source);
  }
  return 0;
}
