// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/json_stream.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "aggregator/upstream/sample_text.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace synoptic::aggregator {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool IsNumber(std::string_view s) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t start = i;
    while (i < s.size() && IsDigit(s[i])) ++i;
    return i - start;
  };
  if (i < s.size() && s[i] == '-') ++i;
  const bool zero = i < s.size() && s[i] == '0';
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < s.size() && s[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == s.size();
}

bool ParseHex4(std::string_view s, uint32_t* value) {
  if (s.size() < 4) return false;
  const auto [stop, error] = std::from_chars(s.data(), s.data() + 4, *value, 16);
  return error == std::errc() && stop == s.data() + 4;
}

// \uXXXX at the start of `s`, a pair of surrogates as one; its length in bytes, 0 when malformed.
size_t ParseUnicodeEscape(std::string_view s, uint32_t* rune) {
  if (!s.starts_with("\\u") || !ParseHex4(s.substr(2), rune)) return 0;
  if (*rune < 0xD800 || *rune > 0xDFFF) return 6;
  uint32_t low = 0;
  if (*rune > 0xDBFF || s.size() < 12 || s[6] != '\\' || s[7] != 'u') return 0;
  if (!ParseHex4(s.substr(8), &low) || low < 0xDC00 || low > 0xDFFF) return 0;
  *rune = 0x10000 + ((*rune - 0xD800) << 10) + (low - 0xDC00);
  return 12;
}

// What may stand between quotes and means itself: ASCII without controls, quote and backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> table{};
  for (size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

// The highest bit of every byte of `word` that is `c`. (Those after the first one may be wrong.)
constexpr uint64_t kLow = 0x0101010101010101, kHigh = 0x8080808080808080;
uint64_t Equal(uint64_t word, char c) {
  const uint64_t x = word ^ (kLow * static_cast<unsigned char>(c));
  return (x - kLow) & ~x & kHigh;
}

// The first byte of [p, end) that does not stand for itself between quotes.
const char* EndOfPlain(const char* p, const char* end) {
#ifdef __SSE2__
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Above ASCII a byte is negative: below a space, too.
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
                                         _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#endif
  for (; end - p >= 8; p += 8) {
    uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    const uint64_t below_space = (word - kLow * 0x20) & ~word & kHigh;
    const uint64_t special = Equal(word, '"') | Equal(word, '\\') | below_space | (word & kHigh);
    if (special != 0) return p + std::countr_zero(special) / 8;
  }
  while (p != end && kPlain[static_cast<unsigned char>(*p)]) ++p;
  return p;
}

// The end of a string of such characters, `text` what it holds; null: something else, or not all.
const char* PlainString(const char* p, const char* end, std::string_view* text) {
  if (p == end || *p != '"') return nullptr;
  const char* const begin = ++p;
  p = EndOfPlain(p, end);
  if (p == end || *p != '"') return nullptr;
  *text = {begin, static_cast<size_t>(p - begin)};
  return p + 1;
}

}  // namespace

void JsonStream::Feed(std::string_view data) {
  consumed_ += static_cast<int64_t>(position_);
  buffer_.erase(0, position_);
  position_ = 0;
  buffer_ += data;
}

JsonStream::Event JsonStream::Fail(std::string_view what) {
  status_ = MakeStatus(absl::StatusCode::kDataLoss, "malformed JSON at byte {}: {}",
                       consumed_ + static_cast<int64_t>(position_), what);
  return Event::kError;
}

JsonStream::Event JsonStream::Truncated() {
  return finished_ ? Fail("ends in the middle of a value") : Event::kMore;
}

JsonStream::Event JsonStream::Next() {
  if (!status_.ok()) return Event::kError;
  while (true) {
    while (position_ < buffer_.size() && IsSpace(buffer_[position_])) ++position_;
    if (position_ == buffer_.size()) {
      return finished_ && expect_ == Expect::kNothing ? Event::kEnd : Truncated();
    }
    const char c = buffer_[position_];
    switch (expect_) {
      case Expect::kValue:
        return Value(c);
      case Expect::kValueOrEnd:
        return c == ']' ? Close(false) : Value(c);
      case Expect::kKeyOrEnd:
        if (c == '}') return Close(true);
        [[fallthrough]];
      case Expect::kKey:
        return c == '"' ? String(Event::kKey) : Fail("expected a key");
      case Expect::kColon:
        if (c != ':') return Fail("expected ':'");
        ++position_;
        expect_ = Expect::kValue;
        break;
      case Expect::kCommaOrEnd:
        if (c == '}' || c == ']') return Close(c == '}');
        if (c != ',') return Fail("expected ',' or the end of the container");
        ++position_;
        expect_ = in_object() ? Expect::kKey : Expect::kValue;
        break;
      case Expect::kNothing:
        return Fail("something follows the value");
    }
  }
}

JsonStream::Event JsonStream::Value(char c) {
  switch (c) {
    case '{':
      return Open(true);
    case '[':
      return Open(false);
    case '"':
      return String(Event::kString);
    case 't':
      return Literal("true", Event::kTrue);
    case 'f':
      return Literal("false", Event::kFalse);
    case 'n':
      return Literal("null", Event::kNull);
    default:
      return IsDigit(c) || c == '-' ? Number() : Fail("expected a value");
  }
}

JsonStream::Event JsonStream::Open(bool object) {
  if (depth_ == kMaxDepth) return Fail("nested too deeply");
  ++position_;
  ++depth_;
  objects_ = (objects_ & ~(uint64_t{1} << depth_)) | static_cast<uint64_t>(object) << depth_;
  expect_ = object ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
  return object ? Event::kObject : Event::kArray;
}

JsonStream::Event JsonStream::Close(bool object) {
  if (in_object() != object) return Fail("the wrong bracket closes");
  ++position_;
  --depth_;
  AfterValue();
  return object ? Event::kObjectEnd : Event::kArrayEnd;
}

JsonStream::Event JsonStream::Literal(std::string_view word, Event event) {
  const std::string_view here = std::string_view(buffer_).substr(position_, word.size());
  if (here != word.substr(0, here.size())) return Fail("expected a value");
  if (here.size() < word.size()) return Truncated();
  position_ += word.size();
  AfterValue();
  return event;
}

JsonStream::Event JsonStream::Number() {
  constexpr size_t kLongest = 64;
  size_t end = position_;
  const auto part = [](char c) {
    return IsDigit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  };
  while (end < buffer_.size() && part(buffer_[end])) ++end;
  if (end - position_ > kLongest) return Fail("a number that is too long");
  if (end == buffer_.size() && !finished_) return Event::kMore;
  text_ = std::string_view(buffer_).substr(position_, end - position_);
  if (!IsNumber(text_)) return Fail("expected a number");
  position_ = end;
  AfterValue();
  return Event::kNumber;
}

JsonStream::Event JsonStream::String(Event event) {
  const size_t begin = position_ + 1;
  size_t end = begin + scanned_;
  for (; end < buffer_.size() && buffer_[end] != '"'; ++end) {
    if (static_cast<unsigned char>(buffer_[end]) < 0x20) return Fail("a control character");
    if (buffer_[end] == '\\') {
      escaped_ = true;
      // What is escaped is looked at together with its backslash.
      if (end + 1 == buffer_.size()) break;
      ++end;
    }
  }
  if (end - begin > kMaxString) return Fail("a string that is too long");
  if (end >= buffer_.size() || buffer_[end] != '"') {
    scanned_ = end - begin;
    return Truncated();
  }
  text_ = std::string_view(buffer_).substr(begin, end - begin);
  if (!IsValidUtf8(text_)) return Fail("a string that is not UTF-8");
  if (escaped_ && !Unescape(text_)) return Fail("a wrong escape");
  scanned_ = 0;
  escaped_ = false;
  position_ = end + 1;
  if (event == Event::kKey) {
    expect_ = Expect::kColon;
  } else {
    AfterValue();
  }
  return event;
}

bool JsonStream::Unescape(std::string_view raw) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  scratch_.clear();
  for (size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\') {
      scratch_ += raw[i++];
      continue;
    }
    if (const size_t at = kLetters.find(raw[i + 1]); at != std::string_view::npos) {
      scratch_ += kMeanings[at];
      i += 2;
      continue;
    }
    uint32_t rune = 0;
    const size_t length = ParseUnicodeEscape(raw.substr(i), &rune);
    if (length == 0) return false;
    AppendRune(rune, scratch_);
    i += length;
  }
  text_ = scratch_;
  return true;
}

bool JsonStream::NextPoint(int64_t* ms, double* value) {
  if (!status_.ok() || depth_ == 0) return false;
  const char* p = buffer_.data() + position_;
  const char* const end = buffer_.data() + buffer_.size();
  if (in_object()) {
    if (expect_ != Expect::kColon || p == end || *p != ':') return false;
    ++p;
  } else if (expect_ == Expect::kCommaOrEnd) {
    if (p == end || *p != ',') return false;
    ++p;
  } else if (expect_ != Expect::kValueOrEnd) {
    return false;
  }
  if (p == end) return false;
  const char* stop = ParsePoint(p, end, ms, value);
  if (stop == nullptr) return false;
  position_ = static_cast<size_t>(stop - buffer_.data());
  expect_ = Expect::kCommaOrEnd;
  return true;
}

bool JsonStream::NextMember(std::string_view* key, std::string_view* value) {
  if (!status_.ok() || depth_ == 0 || !in_object()) return false;
  const char* p = buffer_.data() + position_;
  const char* const end = buffer_.data() + buffer_.size();
  if (expect_ == Expect::kCommaOrEnd) {
    if (p == end || *p != ',') return false;
    ++p;
  } else if (expect_ != Expect::kKeyOrEnd) {
    return false;
  }
  p = PlainString(p, end, key);
  if (p == nullptr || p == end || *p != ':') return false;
  p = PlainString(p + 1, end, value);
  if (p == nullptr) return false;
  scanned_ = 0;  // of the string that was incomplete before
  position_ = static_cast<size_t>(p - buffer_.data());
  expect_ = Expect::kCommaOrEnd;
  return true;
}

const char* JsonStream::NextElement() const {
  if (!status_.ok() || depth_ == 0 || in_object()) return nullptr;
  const char* p = buffer_.data() + position_;
  const char* const end = buffer_.data() + buffer_.size();
  if (expect_ == Expect::kCommaOrEnd) {
    if (p == end || *p != ',') return nullptr;
    ++p;
  } else if (expect_ != Expect::kValueOrEnd) {
    return nullptr;
  }
  return p == end ? nullptr : p;
}

void JsonStream::Consume(const char* stop) {
  scanned_ = 0;
  position_ = static_cast<size_t>(stop - buffer_.data());
  expect_ = Expect::kCommaOrEnd;
}

const char* JsonStream::PlainObject(const char* p, const char* end, Object* object) {
  if (p == end || *p != '{') return nullptr;
  std::vector<Member>& members = object->members;
  members.clear();
  bool as_before = true;
  do {
    const size_t i = members.size();
    // In its place: a copy right behind the writing of its halves would wait for them.
    Member& member = members.emplace_back();
    ++p;
    if (as_before && i < keys_.size() && keys_[i].Begins(p, end)) {
      member.key = keys_[i].KeyAt(p);
      p += keys_[i].size() - 1;
    } else {
      as_before = false;
      p = PlainString(p, end, &member.key);
      if (p == nullptr || p == end || *p != ':') return nullptr;
      ++p;
    }
    p = PlainString(p, end, &member.value);
    if (p == nullptr || p == end) return nullptr;
  } while (*p == ',');
  if (*p != '}') return nullptr;
  if (!as_before || members.size() != keys_.size()) {
    RememberKeys(members);
  }
  object->keys = keys_number_;
  return p + 1;
}

// Not those that are longer than any reasonable ones: they are nobody's budget.
void JsonStream::RememberKeys(const std::vector<Member>& members) {
  constexpr size_t kMostKeys = 64, kMostBytes = 128;
  keys_.clear();
  ++keys_number_;
  if (members.size() > kMostKeys) return;
  for (const Member& member : members) {
    if (member.key.size() > kMostBytes) return keys_.clear();
    keys_.emplace_back(member.key);
  }
}

bool JsonStream::NextObject(Object* object) {
  const char* p = NextElement();
  if (p == nullptr) return false;
  p = PlainObject(p, buffer_.data() + buffer_.size(), object);
  if (p == nullptr) return false;
  Consume(p);
  return true;
}

bool JsonStream::NextPointOf(Object* object, int64_t* ms, double* value) {
  constexpr std::string_view kMetric = "{\"metric\":", kValue = ",\"value\":";
  const char* const end = buffer_.data() + buffer_.size();
  const auto expect = [end](const char* p, std::string_view text) -> const char* {
    const bool there = p != nullptr && std::string_view(p, end).starts_with(text);
    return there ? p + text.size() : nullptr;
  };
  const char* p = expect(NextElement(), kMetric);
  if (p == nullptr) return false;
  p = expect(PlainObject(p, end, object), kValue);
  if (p == nullptr) return false;
  p = expect(ParsePoint(p, end, ms, value), "}");
  if (p == nullptr) return false;
  Consume(p);
  return true;
}

}  // namespace synoptic::aggregator
