// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Protobuf's wire format, read in place: fields as views into the bytes, nothing copied or
// allocated, whatever lengths the bytes claim. For answers of upstreams, whose chunks stay where
// they arrived; the generated classes of proto/ would copy each.
//
//   for (WireReader fields(bytes); fields.Next();) {
//     switch (fields.number()) {
//       case 1: ... fields.Bytes() ...
//   }
//   RETURN_IF_ERROR(fields.status());
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"

namespace synoptic::aggregator {

// A varint at the start of [p, end): the byte after it, nullptr when it does not end or is over 64
// bits.
inline const char* ReadVarint(const char* p, const char* end, uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 70 && p < end; shift += 7) {
    const auto byte = static_cast<uint8_t>(*p++);
    if (shift == 63 && byte > 1) return nullptr;
    result |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

class WireReader {
 public:
  explicit WireReader(std::string_view data) : p_(data.data()), end_(p_ + data.size()) {}

  // Moves to the next field; false at the end and at an error.
  bool Next() {
    if (p_ == end_ || failed_) return false;
    uint64_t tag = 0;
    if ((p_ = Checked(ReadVarint(p_, end_, &tag))) == nullptr) return false;
    number_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<Type>(tag & 7);
    if (number_ == 0 || tag >> 32 != 0) return Fail();
    switch (type_) {
      case Type::kVarint:
        return (p_ = Checked(ReadVarint(p_, end_, &scalar_))) != nullptr;
      case Type::kFixed64:
        return Fixed(8);
      case Type::kFixed32:
        return Fixed(4);
      case Type::kBytes: {
        uint64_t size = 0;
        if ((p_ = Checked(ReadVarint(p_, end_, &size))) == nullptr) return false;
        if (size > static_cast<uint64_t>(end_ - p_)) return Fail();
        bytes_ = {p_, static_cast<size_t>(size)};
        p_ += size;
        return true;
      }
      default:  // groups and reserved types
        return Fail();
    }
  }

  uint32_t number() const { return number_; }

  // The field's value. A field of another wire type makes the reader fail.
  int64_t Int64() { return static_cast<int64_t>(Is(Type::kVarint) ? scalar_ : 0); }
  double Double() { return std::bit_cast<double>(Is(Type::kFixed64) ? scalar_ : 0); }
  std::string_view Bytes() { return Is(Type::kBytes) ? bytes_ : std::string_view(); }

  // Length-delimited: of a repeated number, the packed form.
  bool is_bytes() const { return type_ == Type::kBytes; }

  bool failed() const { return failed_; }
  absl::Status status() const {
    return failed_ ? absl::DataLossError("malformed protobuf") : absl::OkStatus();
  }

 private:
  enum class Type : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  bool Fail() {
    failed_ = true;
    return false;
  }
  const char* Checked(const char* p) {
    if (p == nullptr) Fail();
    return p;
  }
  bool Fixed(size_t size) {
    if (static_cast<size_t>(end_ - p_) < size) return Fail();
    scalar_ = 0;
    std::memcpy(&scalar_, p_, size);
    p_ += size;
    return true;
  }
  bool Is(Type type) { return type_ == type || Fail(); }

  const char* p_;
  const char* end_;
  bool failed_ = false;
  Type type_ = Type::kVarint;
  uint32_t number_ = 0;
  uint64_t scalar_ = 0;
  std::string_view bytes_;
};

}  // namespace synoptic::aggregator
