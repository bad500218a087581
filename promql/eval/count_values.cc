// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// count_values(): series appear as values do, so all input is read before the labels are known.
//
// There may be as many outputs as samples, each with few of them: what is kept is a list of runs
// per output, one after the other in one buffer, and columns are made of them when asked for.
#include <algorithm>
#include <bit>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

// Equal when the texts are: NaNs have one text whatever their bits.
uint64_t Identity(double v) { return std::isnan(v) ? kNormalNaNBits : std::bit_cast<uint64_t>(v); }

class CountValuesOp final : public Operator {
 public:
  CountValuesOp(const Aggregate& node, std::string label, OperatorPtr child, const Scope& scope)
      : Operator(scope),
        child_(AddChild(std::move(child))),
        label_(std::move(label)),
        key_(OtherNames(node, label_), !node.without),
        keeps_value_(!node.without || !IsDropped(node, label_)),
        memory_(scope.eval.options.budget) {}

  ~CountValuesOp() override { Free(); }

  absl::Status Init() {
    std::vector<double> column(scope().steps());
    for (const SeriesInfo& info : child_.series()) {
      RETURN_IF_ERROR(child_.Next(column));
      const uint32_t group = GroupOf(info.labels);
      CountFloats(group, column);
      RETURN_IF_ERROR(CountHistograms(group, child_.histograms()));
      RETURN_IF_ERROR(Charge());
    }
    NameOutputs();
    return absl::OkStatus();
  }

 private:
  // Steps [begin, end) of one member that had the output's value.
  struct Run {
    uint32_t begin, end;
    uint32_t next;  // of the output's runs, kNoRun: the last
  };
  static constexpr uint32_t kNoRun = static_cast<uint32_t>(-1);
  static constexpr uint32_t kFree = static_cast<uint32_t>(-1);
  // Tells most of the others by their hash: outputs_ is too large for the processor's caches.
  struct Slot {
    uint32_t hash = 0;
    uint32_t output = kFree;
  };
  // A group's value: a number by its identity (0 where the value is no label), or a histogram.
  struct Output {
    uint64_t identity;
    uint32_t group;
    uint32_t first_run;
    size_t text_begin;  // in text_
    uint32_t text_size;
    bool is_number;
  };

  static bool IsDropped(const Aggregate& node, const std::string& label) {
    return label == kMetricName ||
           std::find(node.grouping.begin(), node.grouping.end(), label) != node.grouping.end();
  }
  // The labels that make a group apart from the value: which are kept, or which go.
  static std::vector<std::string> OtherNames(const Aggregate& node, const std::string& label) {
    std::vector<std::string> names = node.grouping;
    std::erase(names, label);
    if (node.without) {
      names.push_back(label);
      names.emplace_back(kMetricName);
    }
    return names;
  }

  uint32_t GroupOf(const Labels& member) {
    const size_t group = static_cast<size_t>(groups_.Number(key_.Of(member)));
    if (group == group_labels_.size()) group_labels_.push_back(key_.Part(member));
    return static_cast<uint32_t>(group);
  }

  void CountFloats(uint32_t group, std::span<const double> column) {
    // The table is larger than the processor's caches: ask for its lines before they are needed.
    while (slots_.size() <= 2 * (outputs_.size() + column.size())) GrowSlots();
    for (const double v : column) {
      __builtin_prefetch(&slots_[HashOf(Identity(v), group) & (slots_.size() - 1)], 1);
    }
    size_t s = 0;
    while (s < column.size()) {
      const double v = column[s];
      const size_t begin = s;
      const uint64_t bits = std::bit_cast<uint64_t>(v);
      do {
        ++s;
      } while (s < column.size() && std::bit_cast<uint64_t>(column[s]) == bits);
      if (IsAbsent(v)) continue;
      const auto [output, is_new] = OutputOf(keeps_value_ ? Identity(v) : 0, group);
      if (is_new && keeps_value_) SetNumber(output, v);
      AddRun(output, begin, s);
    }
  }

  absl::Status CountHistograms(uint32_t group, std::span<const HistogramPtr> column) {
    for (size_t s = 0; s < column.size();) {
      const size_t begin = s++;
      if (column[begin] == nullptr) continue;
      while (s < column.size() && column[s] == column[begin]) ++s;
      if (!keeps_value_) {
        AddRun(OutputOf(0, group).first, begin, s);
        continue;
      }
      // As after `* NaN`, which Prometheus does not print.
      if (column[begin]->UsesCustomBuckets() && column[begin]->zero_count != 0) {
        return absl::FailedPreconditionError("histograms with custom buckets have no zero bucket");
      }
      std::string text = column[begin]->ToString();
      const auto [it, inserted] =
          histograms_of_.try_emplace({std::move(text), group}, outputs_.size());
      if (inserted) {
        outputs_.push_back({0, group, kNoRun, 0, 0, false});
        SetText(it->second, it->first.first);
      }
      AddRun(it->second, begin, s);
    }
    return absl::OkStatus();
  }

  // The output of a number, and whether it is new. There may be as many as samples: slots_ is an
  // open hash table, half of it free.
  std::pair<size_t, bool> OutputOf(uint64_t identity, uint32_t group) {
    if (slots_.size() <= 2 * outputs_.size()) GrowSlots();
    const uint32_t hash = HashOf(identity, group);
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.output == kFree) {
        slot = {hash, static_cast<uint32_t>(outputs_.size())};
        outputs_.push_back({identity, group, kNoRun, 0, 0, true});
        return {outputs_.size() - 1, true};
      }
      if (slot.hash != hash) continue;
      const Output& output = outputs_[slot.output];
      if (output.identity == identity && output.group == group) return {slot.output, false};
    }
  }

  static uint32_t HashOf(uint64_t identity, uint32_t group) {
    uint64_t hash = (identity ^ group) * 0x9E3779B97F4A7C15;
    hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
    return static_cast<uint32_t>(hash >> 32);
  }

  void GrowSlots() {
    std::vector<Slot> grown(std::max<size_t>(256, 2 * slots_.size()));
    const size_t mask = grown.size() - 1;
    for (const Slot& slot : slots_) {
      if (slot.output == kFree) continue;
      size_t at = slot.hash & mask;
      while (grown[at].output != kFree) at = (at + 1) & mask;
      grown[at] = slot;
    }
    slots_ = std::move(grown);
  }

  void SetNumber(size_t output, double v) {
    const double size = std::fabs(v);
    if (size < 1e-6 || size >= 1e21) return SetText(output, GoFloatF(v));
    // No exponent: the API's spelling is the same, and it needs no string of its own.
    outputs_[output].text_begin = text_.size();
    AppendGoJsonFloat(v, text_);
    outputs_[output].text_size = static_cast<uint32_t>(text_.size() - outputs_[output].text_begin);
  }
  void SetText(size_t output, std::string_view text) {
    outputs_[output].text_begin = text_.size();
    outputs_[output].text_size = static_cast<uint32_t>(text.size());
    text_ += text;
  }
  std::string_view TextOf(const Output& output) const {
    return std::string_view(text_).substr(output.text_begin, output.text_size);
  }

  // The outputs become series.
  void NameOutputs() {
    slots_ = {};
    histograms_of_ = {};
    series_.reserve(outputs_.size());
    first_run_.reserve(outputs_.size());
    // A range's result is sorted by labels: here that takes no more than the values.
    if (!scope().instant() && group_labels_.size() == 1) {
      for (const uint32_t output : SortedByText()) NameOutput(outputs_[output]);
    } else {
      for (const Output& output : outputs_) NameOutput(output);
    }
    outputs_ = {};
    text_ = {};
  }

  void NameOutput(const Output& output) {
    const std::string_view value = TextOf(output);
    absl::InlinedVector<Label, 24> labels;
    bool placed = value.empty();
    for (const Label& label : group_labels_[output.group]) {
      if (!placed && label_ < label.name) {
        labels.push_back({label_, value});
        placed = true;
      }
      labels.push_back(label);
    }
    if (!placed) labels.push_back({label_, value});
    series_.push_back({Labels::FromSorted(labels.data(), labels.size()), false});
    first_run_.push_back(output.first_run);
  }

  std::vector<uint32_t> SortedByText() const {
    struct Key {
      uint64_t prefix[2] = {0, 0};  // the first bytes of the text
      uint32_t output = 0;
    };
    std::vector<Key> keys(outputs_.size());
    for (uint32_t i = 0; i < keys.size(); ++i) {
      keys[i].output = i;
      const std::string_view text = TextOf(outputs_[i]);
      for (size_t c = 0; c < std::min<size_t>(text.size(), 16); ++c) {
        const uint64_t byte = static_cast<unsigned char>(text[c]);
        keys[i].prefix[c / 8] |= byte << (56 - c % 8 * 8);
      }
    }
    std::sort(keys.begin(), keys.end(), [this](const Key& x, const Key& y) {
      if (x.prefix[0] != y.prefix[0]) return x.prefix[0] < y.prefix[0];
      if (x.prefix[1] != y.prefix[1]) return x.prefix[1] < y.prefix[1];
      return TextOf(outputs_[x.output]) < TextOf(outputs_[y.output]);
    });
    std::vector<uint32_t> sorted;
    sorted.reserve(keys.size());
    for (const Key& key : keys) sorted.push_back(key.output);
    return sorted;
  }

  void AddRun(size_t output, size_t begin, size_t end) {
    runs_.push_back(
        {static_cast<uint32_t>(begin), static_cast<uint32_t>(end), outputs_[output].first_run});
    outputs_[output].first_run = static_cast<uint32_t>(runs_.size() - 1);
  }

  absl::Status Charge() {
    const size_t runs = runs_.size() - charged_runs_, outputs = outputs_.size() - charged_outputs_;
    charged_runs_ = runs_.size();
    charged_outputs_ = outputs_.size();
    constexpr size_t kOutputBytes = sizeof(SeriesInfo) + sizeof(Output) + 96;
    RETURN_IF_ERROR(
        memory_.Grow(static_cast<int64_t>(runs * sizeof(Run) + outputs * kOutputBytes)));
    held_ += static_cast<int64_t>(runs);
    return eval().HoldSamples(static_cast<int64_t>(runs));
  }

  absl::Status DoNext(std::span<double> out) override {
    std::fill(out.begin(), out.end(), Absent());
    for (uint32_t i = first_run_[index()]; i != kNoRun; i = runs_[i].next) {
      for (uint32_t s = runs_[i].begin; s < runs_[i].end; ++s) {
        out[s] = IsAbsent(out[s]) ? 1 : out[s] + 1;
      }
    }
    if (done()) Free();
    return absl::OkStatus();
  }

  void Free() {
    runs_ = {};
    memory_.Reset();
    eval().ReleaseSamples(std::exchange(held_, 0));
  }

  Operator& child_;
  const std::string label_;
  LabelKey key_;
  const bool keeps_value_;  // the label is not one of those that without() takes away
  Reservation memory_;
  GroupNumbers groups_;
  std::vector<Labels> group_labels_;  // of each group, without the value
  std::vector<Output> outputs_;
  std::string text_;         // of all outputs
  std::vector<Slot> slots_;  // see OutputOf
  // The outputs of histograms, by text and group.
  absl::flat_hash_map<std::pair<std::string, uint32_t>, size_t> histograms_of_;
  std::vector<uint32_t> first_run_;  // of each output
  std::vector<Run> runs_;
  size_t charged_runs_ = 0, charged_outputs_ = 0;
  int64_t held_ = 0;
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildCountValues(const Aggregate& node, const Scope& scope) {
  const std::string& label = As<StringLiteral>(Unwrap(*node.param)).value;
  if (label.empty() || !IsValidUtf8(label)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "invalid label name {}",
                      GoQuote(label));
  }
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*node.expr, scope));
  auto op = std::make_unique<CountValuesOp>(node, label, std::move(child), scope);
  RETURN_IF_ERROR(op->Init());
  scope.eval.NextOrder();
  return op;
}

}  // namespace synoptic::promql::internal
