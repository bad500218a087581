// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/label_texts.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "aggregator/upstream/sift_down.h"
#include "base/grow.h"
#include "base/json.h"

namespace synoptic::aggregator {
namespace {

// Where two texts begin to differ; the shorter one's size when they do not.
size_t Mismatch(std::string_view a, std::string_view b) {
  const size_t size = std::min(a.size(), b.size());
  size_t i = 0;
#ifdef __SSE2__
  for (; i + sizeof(__m128i) <= size; i += sizeof(__m128i)) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a.data() + i));
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b.data() + i));
    const auto same = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)));
    if (same != 0xFFFF) return i + static_cast<size_t>(std::countr_one(same));
  }
#endif
  for (; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
    uint64_t x = 0, y = 0;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    if (x != y) return i + static_cast<size_t>(std::countr_zero(x ^ y)) / 8;
  }
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

unsigned HexDigit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

// The next byte of a string's meaning, or -1 at its closing quote; moves `i` behind it. The texts
// are our own writing.
int NextByte(std::string_view text, size_t& i) {
  const char c = text[i++];
  if (c == '"') return -1;
  if (c != '\\') return static_cast<unsigned char>(c);
  const char escaped = text[i++];
  switch (escaped) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'u': {
      unsigned value = 0;
      for (int digit = 0; digit < 4; ++digit) value = value * 16 + HexDigit(text[i++]);
      return static_cast<int>(value);  // a control character
    }
    default:
      return static_cast<unsigned char>(escaped);
  }
}

// Behind an opening quote at the start of both.
int CompareStrings(std::string_view a, size_t& i, std::string_view b, size_t& j) {
  while (true) {
    const int x = NextByte(a, i), y = NextByte(b, j);
    if (x != y) return x < y ? -1 : 1;
    if (x < 0) return 0;
  }
}

// Byte by byte, for sets with escapes in them.
int CompareSlowly(std::string_view a, std::string_view b) {
  size_t i = 1, j = 1;  // past the brace
  while (true) {
    if (a[i] == '}' || b[j] == '}') return (a[i] == '}' ? 0 : 1) - (b[j] == '}' ? 0 : 1);
    if (a[i] == ',') ++i;
    if (b[j] == ',') ++j;
    if (const int order = CompareStrings(a, ++i, b, ++j); order != 0) return order;
    ++i, ++j;  // the colon
    if (const int order = CompareStrings(a, ++i, b, ++j); order != 0) return order;
  }
}

std::string ReadString(std::string_view text, size_t& i) {
  std::string out;
  ++i;  // the quote
  for (int byte = NextByte(text, i); byte >= 0; byte = NextByte(text, i)) {
    out += static_cast<char>(byte);
  }
  return out;
}

}  // namespace

int CompareLabelTexts(std::string_view a, std::string_view b) {
  const size_t at = Mismatch(a, b);
  if (at == a.size() || at == b.size()) return 0;  // both end in a brace that is nowhere before
  const char x = a[at], y = b[at];
  // Up to here they are the same: one set ends, or one string, or a character differs.
  if (at + 1 == a.size()) return -1;
  if (at + 1 == b.size()) return 1;
  // Near an escape the bytes are not what they mean.
  constexpr size_t kLongestEscape = 6;
  const size_t near = at < kLongestEscape ? 0 : at - kLongestEscape;
  bool escaped = false;
  for (size_t i = near; i <= at; ++i) escaped |= a[i] == '\\';
  if (escaped || y == '\\') return CompareSlowly(a, b);
  if (x == '"') return -1;
  if (y == '"') return 1;
  return static_cast<unsigned char>(x) < static_cast<unsigned char>(y) ? -1 : 1;
}

LabelTexts::LabelTexts(const std::vector<promql::Labels>& sets) {
  for (const promql::Labels& labels : sets) Add(labels);
}

std::string_view LabelTexts::at(size_t i) const {
  const size_t begin = i == 0 ? 0 : ends_[i - 1] + 1;
  return std::string_view(text_).substr(begin, ends_[i] - begin);
}

promql::Labels LabelTexts::LabelsAt(size_t i) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  const std::string_view set = at(i);
  for (size_t k = 1; set[k] != '}';) {
    if (set[k] == ',') ++k;
    std::string name = ReadString(set, k);
    ++k;  // the colon
    pairs.emplace_back(std::move(name), ReadString(set, k));
  }
  return promql::Labels::From(std::move(pairs));
}

std::vector<promql::Labels> LabelTexts::ToLabels() const {
  std::vector<promql::Labels> out;
  for (size_t i = 0; i < size(); ++i) out.push_back(LabelsAt(i));
  return out;
}

void LabelTexts::Begin() {
  if (!ends_.empty()) text_ += ',';
}

void LabelTexts::End() { ends_.push_back(text_.size()); }

void LabelTexts::Add(std::string_view set) {
  Begin();
  text_ += set;
  End();
}

void LabelTexts::Add(const promql::Labels& labels) {
  Begin();
  text_ += '{';
  bool first = true;
  for (const promql::Label label : labels) {
    if (!std::exchange(first, false)) text_ += ',';
    AppendJsonString(label.name, text_);
    text_ += ':';
    AppendJsonString(label.value, text_);
  }
  text_ += '}';
  End();
}

void LabelTexts::resize(size_t size) {
  if (size >= ends_.size()) return;
  ends_.resize(size);
  text_.resize(size == 0 ? 0 : ends_.back());
}

void LabelTexts::Reserve(size_t text_bytes, size_t sets) {
  GrowTo(text_, text_bytes);
  GrowTo(ends_, sets);
}

void LabelTexts::MakeSet() {
  bool rising = true;
  for (size_t i = 1; i < size() && rising; ++i) rising = CompareLabelTexts(at(i - 1), at(i)) < 0;
  if (rising) return;
  std::vector<size_t> order(size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [this](size_t a, size_t b) { return CompareLabelTexts(at(a), at(b)) < 0; });
  LabelTexts sorted;
  sorted.Reserve(text_.size(), ends_.size());
  for (const size_t i : order) {
    if (sorted.empty() || sorted.at(sorted.size() - 1) != at(i)) sorted.Add(at(i));
  }
  *this = std::move(sorted);
}

LabelTexts MergeLabelTexts(const std::vector<LabelTexts>& parts) {
  struct Head {
    const LabelTexts* part;
    size_t index;
    std::string_view set;
  };
  const auto later = [](const Head& a, const Head& b) {
    return CompareLabelTexts(a.set, b.set) > 0;
  };
  std::vector<Head> heads;
  size_t bytes = 0, sets = 0;
  for (const LabelTexts& part : parts) {
    if (part.empty()) continue;
    heads.push_back({&part, 0, part.at(0)});
    bytes += part.text().size() + 1;
    sets += part.size();
  }
  if (heads.size() == 1) return *heads[0].part;
  std::make_heap(heads.begin(), heads.end(), later);
  LabelTexts out;
  out.Reserve(bytes, sets);
  std::string_view last;  // no set is empty
  while (!heads.empty()) {
    Head& head = heads.front();
    if (head.set != last) out.Add(head.set);
    last = head.set;
    if (++head.index < head.part->size()) {
      head.set = head.part->at(head.index);
      SiftDown(heads, later);
    } else {
      DropFront(heads, later);
    }
  }
  return out;
}

}  // namespace synoptic::aggregator
