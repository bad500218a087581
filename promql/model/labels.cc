// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/labels.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <tuple>

#include "base/go_format.h"
#include "promql/model/labels_batch.h"
#include "xxhash.h"

namespace synoptic::promql {

// Label sets lie behind it, and its memory goes with the last of them.
struct LabelsBatch::Block {
  std::atomic<uint32_t> refs{1};  // label sets, and the batch that still adds some

  void Release() {
    if (refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    this->~Block();
    ::operator delete(this);
  }
};

constexpr size_t kLongString = 255;  // from here on the length takes four bytes

// In one piece: this header, `count` entries, then the strings, each behind its length as
// Prometheus encodes them. The hash is over that encoding, so it needs no copy of the strings.
struct Labels::Rep {
  struct Entry {
    uint32_t name;  // offsets into Data()
    uint32_t value;
    uint32_t value_size;
    // The name ends where the value's length begins.
    uint32_t name_size() const { return value - (value_size < kLongString ? 1 : 4) - name; }
  };

  Rep(uint32_t labels, uint32_t bytes) : count(labels), data_bytes(bytes) {}

  std::atomic<uint32_t> refs{1};
  uint32_t count;
  uint32_t data_bytes;
  uint32_t in_block = 0;  // bytes behind the begin of its LabelsBatch::Block; 0: it is in none
  // 0 is "not computed yet"; a set whose hash is 0 computes it each time.
  std::atomic<uint64_t> hash{0};

  const Entry* Entries() const { return reinterpret_cast<const Entry*>(this + 1); }
  Entry* Entries() { return reinterpret_cast<Entry*>(this + 1); }
  const char* Data() const { return reinterpret_cast<const char*>(Entries() + count); }
  char* Data() { return reinterpret_cast<char*>(Entries() + count); }
  size_t Bytes() const { return sizeof(Rep) + count * sizeof(Entry) + data_bytes; }

  // How much room `labels` take.
  struct Size {
    size_t data = 0, all = 0;
  };
  static Size SizeOf(const Label* labels, size_t count);
  // In `memory` of Size.all bytes; `count` is not 0.
  static Labels Make(void* memory, const Label* labels, size_t count, Size size, uint32_t in_block);
  void Free();

  std::string_view Name(size_t i) const {
    return {Data() + Entries()[i].name, Entries()[i].name_size()};
  }
  std::string_view Value(size_t i) const {
    return {Data() + Entries()[i].value, Entries()[i].value_size};
  }
};

namespace {

size_t EncodedSize(std::string_view s) { return s.size() + (s.size() < kLongString ? 1 : 4); }

// Writes length and bytes at `at`; returns the offset of the bytes and moves `at` behind them.
uint32_t Encode(std::string_view s, char* data, uint32_t& at) {
  if (s.size() < kLongString) {
    data[at++] = static_cast<char>(s.size());
  } else {
    data[at++] = static_cast<char>(0xFF);
    for (int shift = 0; shift < 24; shift += 8) data[at++] = static_cast<char>(s.size() >> shift);
  }
  const uint32_t start = at;
  std::memcpy(data + at, s.data(), s.size());
  at += static_cast<uint32_t>(s.size());
  return start;
}

bool IsPlainLabelName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool IsPlainMetricName(std::string_view name) {
  std::string without_colons(name);
  std::replace(without_colons.begin(), without_colons.end(), ':', '_');
  return IsPlainLabelName(without_colons);
}

void AppendPair(Label label, std::string& out) {
  if (out.back() != '{') out += ", ";
  out += IsPlainLabelName(label.name) ? std::string(label.name) : GoQuote(label.name);
  out += '=';
  out += GoQuote(label.value);
}

bool Contains(const std::vector<std::string>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name, std::less<>());
}

// The labels that `keep` accepts; `labels` itself when that is all of them.
template <class Keep>
Labels Filter(const Labels& labels, Keep keep) {
  std::vector<Label> kept;
  kept.reserve(labels.size());
  for (const Label label : labels) {
    if (keep(label.name)) kept.push_back(label);
  }
  return kept.size() == labels.size() ? labels : Labels::FromSorted(kept.data(), kept.size());
}

}  // namespace

bool IsMetadataLabel(std::string_view name) {
  return name == kMetricName || name == kTypeLabel || name == kUnitLabel;
}

Labels::Labels(const Labels& other) : rep_(other.rep_) {
  if (rep_ != nullptr) rep_->refs.fetch_add(1, std::memory_order_relaxed);
}

Labels::Labels(Labels&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}

Labels& Labels::operator=(const Labels& other) {
  Labels copy(other);
  std::swap(rep_, copy.rep_);
  return *this;
}

Labels& Labels::operator=(Labels&& other) noexcept {
  Labels taken(std::move(other));
  std::swap(rep_, taken.rep_);
  return *this;
}

Labels::~Labels() {
  if (rep_ != nullptr && rep_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) rep_->Free();
}

void Labels::Rep::Free() {
  LabelsBatch::Block* block = nullptr;
  if (in_block != 0) {
    block = reinterpret_cast<LabelsBatch::Block*>(reinterpret_cast<char*>(this) - in_block);
  }
  this->~Rep();
  if (block != nullptr) {
    block->Release();
  } else {
    ::operator delete(this);
  }
}

// By value: callers hand over what they built.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
Labels Labels::From(std::vector<std::pair<std::string, std::string>> pairs) {
  // Sorted by name, then by place: the last of equal names ends its run. (std::stable_sort warns of
  // a deprecated buffer in libstdc++ 12.)
  std::vector<std::pair<Label, size_t>> order;
  order.reserve(pairs.size());
  for (const auto& [name, value] : pairs) order.push_back({{name, value}, order.size()});
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.name, a.second) < std::tie(b.first.name, b.second);
  });
  std::vector<Label> labels;
  labels.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const Label label = order[i].first;
    const bool last_of_name = i + 1 == order.size() || order[i + 1].first.name != label.name;
    if (last_of_name && !label.value.empty()) labels.push_back(label);
  }
  return FromSorted(labels.data(), labels.size());
}

Labels::Rep::Size Labels::Rep::SizeOf(const Label* labels, size_t count) {
  size_t data = 0;
  for (size_t i = 0; i < count; ++i) {
    data += EncodedSize(labels[i].name) + EncodedSize(labels[i].value);
  }
  return {data, sizeof(Rep) + count * sizeof(Entry) + data};
}

Labels Labels::Rep::Make(void* memory, const Label* labels, size_t count, Size size,
                         uint32_t in_block) {
  Rep* rep = new (memory) Rep(static_cast<uint32_t>(count), static_cast<uint32_t>(size.data));
  rep->in_block = in_block;
  uint32_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t name = Encode(labels[i].name, rep->Data(), at);
    const uint32_t value = Encode(labels[i].value, rep->Data(), at);
    rep->Entries()[i] = {name, value, static_cast<uint32_t>(labels[i].value.size())};
  }
  return Labels(rep);
}

Labels Labels::FromSorted(const Label* labels, size_t count) {
  if (count == 0) return Labels();
  const Rep::Size size = Rep::SizeOf(labels, count);
  return Rep::Make(::operator new(size.all), labels, count, size, 0);
}

LabelsBatch::~LabelsBatch() {
  if (block_ != nullptr) block_->Release();
}

Labels LabelsBatch::FromSorted(const Label* labels, size_t count) {
  constexpr size_t kBlockBytes = 2048;
  constexpr size_t kHeader = alignof(Labels::Rep);
  static_assert(sizeof(Block) <= kHeader && sizeof(Labels::Rep) == 24);
  if (count == 0) return Labels();
  const Labels::Rep::Size size = Labels::Rep::SizeOf(labels, count);
  const size_t room = (size.all + kHeader - 1) / kHeader * kHeader;
  const size_t sets = std::max<size_t>(left_, 1);
  if (left_ > 0) --left_;
  if (room > size_ - used_) {
    // Alone it would lie in a block of its own.
    if (sets == 1 || room * 2 + kHeader > kBlockBytes) return Labels::FromSorted(labels, count);
    if (block_ != nullptr) block_->Release();
    size_ = std::min(kBlockBytes, kHeader + room * std::min(sets, kBlockBytes));
    used_ = kHeader;
    block_ = new (::operator new(size_)) Block;
  }
  const size_t at = used_;
  used_ += room;
  block_->refs.fetch_add(1, std::memory_order_relaxed);
  return Labels::Rep::Make(reinterpret_cast<char*>(block_) + at, labels, count, size,
                           static_cast<uint32_t>(at));
}

Labels LabelsBatch::With(const Labels& labels, std::string_view name, std::string_view value) {
  scratch_.clear();
  for (const Label label : labels) scratch_.push_back(label);
  SetLabel(scratch_, name, value);
  return FromSorted(scratch_.data(), scratch_.size());
}

void SetLabel(std::vector<Label>& labels, std::string_view name, std::string_view value) {
  const auto it = std::lower_bound(labels.begin(), labels.end(), name,
                                   [](const Label& l, std::string_view n) { return l.name < n; });
  const bool there = it != labels.end() && it->name == name;
  if (value.empty()) {
    if (there) labels.erase(it);
  } else if (there) {
    it->value = value;
  } else {
    labels.insert(it, {name, value});
  }
}

size_t Labels::size() const { return rep_ == nullptr ? 0 : rep_->count; }

Label Labels::operator[](size_t i) const { return {rep_->Name(i), rep_->Value(i)}; }

std::string_view Labels::Get(std::string_view name) const {
  // Sets are small and names mostly differ early: a scan beats a binary search.
  for (size_t i = 0, n = size(); i < n; ++i) {
    if (rep_->Name(i) == name) return rep_->Value(i);
  }
  return {};
}

uint64_t Labels::Hash() const {
  if (rep_ == nullptr) return XXH64(nullptr, 0, 0);
  uint64_t hash = rep_->hash.load(std::memory_order_relaxed);
  if (hash == 0) {
    hash = XXH64(rep_->Data(), rep_->data_bytes, 0);
    rep_->hash.store(hash, std::memory_order_relaxed);
  }
  return hash;
}

size_t Labels::MemoryBytes() const { return rep_ == nullptr ? 0 : rep_->Bytes(); }

std::string Labels::ToString() const {
  const std::string_view name = Get(kMetricName);
  const bool name_in_front = IsPlainMetricName(name);
  std::string out = name_in_front ? std::string(name) : std::string();
  if (name_in_front && size() == 1) return out;
  out += '{';
  for (const Label label : *this) {
    if (!(name_in_front && label.name == kMetricName)) AppendPair(label, out);
  }
  return out + '}';
}

bool operator==(const Labels& a, const Labels& b) {
  if (a.rep_ == b.rep_) return true;
  if (a.rep_ == nullptr || b.rep_ == nullptr || a.rep_->count != b.rep_->count ||
      a.rep_->data_bytes != b.rep_->data_bytes) {
    return false;
  }
  // Entries and strings lie one behind the other.
  return std::memcmp(a.rep_->Entries(), b.rep_->Entries(), a.rep_->Bytes() - sizeof(Labels::Rep)) ==
         0;
}

std::strong_ordering operator<=>(const Labels& a, const Labels& b) {
  if (a.rep_ == b.rep_) return std::strong_ordering::equal;
  const size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i) {
    if (const int c = a.rep_->Name(i).compare(b.rep_->Name(i)); c != 0) return c <=> 0;
    if (const int c = a.rep_->Value(i).compare(b.rep_->Value(i)); c != 0) return c <=> 0;
  }
  return a.size() <=> b.size();
}

Labels KeepLabels(const Labels& labels, const std::vector<std::string>& names) {
  return Filter(labels, [&](std::string_view name) { return Contains(names, name); });
}

Labels DropLabels(const Labels& labels, const std::vector<std::string>& names) {
  return Filter(labels, [&](std::string_view name) {
    return !IsMetadataLabel(name) && !Contains(names, name);
  });
}

}  // namespace synoptic::promql
