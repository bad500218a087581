// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON as a stream of events, from bytes that arrive in pieces of any size. Strict (RFC 8259, valid
// UTF-8, no lone surrogates) and bounded: a string is held up to 1 MiB, nesting to 32 levels;
// nothing else is kept.
//
//   stream.Feed(data);
//   while ((event = stream.Next()) != Event::kMore) { ... }   // kError: see status()
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "aggregator/upstream/key_text.h"

namespace synoptic::aggregator {

class JsonStream {
 public:
  enum class Event : uint8_t {
    kMore,   // feed more
    kError,  // status() says what; stays
    kEnd,    // after Finish(): the one value and nothing else
    kObject,
    kObjectEnd,
    kArray,
    kArrayEnd,
    kKey,     // text()
    kString,  // text()
    kNumber,  // text(), of JSON's grammar
    kTrue,
    kFalse,
    kNull,
  };

  static constexpr int kMaxDepth = 32;
  static constexpr size_t kMaxString = size_t{1} << 20;

  void Feed(std::string_view data);
  // No more bytes: what is incomplete is an error.
  void Finish() { finished_ = true; }
  Event Next();

  // Unescaped; valid until the next call of anything.
  std::string_view text() const { return text_; }
  const absl::Status& status() const { return status_; }
  // Containers open around the next event.
  int depth() const { return depth_; }
  // Bytes up to the end of the last event.
  int64_t offset() const { return consumed_ + static_cast<int64_t>(position_); }

  // Consumes the next array element, or the value of the key that came last, when it has the form
  // `[<time>,"<value>"]`, all of it is here and it is not near the end of what is here. Otherwise
  // false, and Next() takes it apart.
  bool NextPoint(int64_t* ms, double* value);
  // Consumes the next member of an object when both its key and its value are strings of plain
  // ASCII that are here as a whole. Otherwise false. Both are valid until the next call of
  // anything.
  bool NextMember(std::string_view* key, std::string_view* value);
  // Consumes the next array element when it is an object with such members only, without white
  // space, that is here as a whole. Otherwise false. All valid until the next call of anything.
  struct Member {
    std::string_view key;
    std::string_view value;
  };
  struct Object {
    std::vector<Member> members;
    // Objects of one stream that have the same number have the same keys in the same order.
    uint64_t keys = 0;
  };
  bool NextObject(Object* object);
  // The same for `{"metric":<such an object>,"value":[<time>,"<value>"]}`.
  bool NextPointOf(Object* object, int64_t* ms, double* value);

 private:
  enum class Expect : uint8_t {
    kValue,
    kValueOrEnd,  // after '['
    kKeyOrEnd,    // after '{'
    kKey,         // after ',' in an object
    kColon,
    kCommaOrEnd,
    kNothing,  // after the value
  };

  Event Fail(std::string_view what);
  Event Truncated();
  Event Value(char c);
  Event Open(bool object);
  Event Close(bool object);
  Event Literal(std::string_view word, Event event);
  Event Number();
  Event String(Event event);
  bool Unescape(std::string_view raw);
  void AfterValue() { expect_ = depth_ == 0 ? Expect::kNothing : Expect::kCommaOrEnd; }
  // Where the next array element begins; null when that is not where we are or it is not here.
  const char* NextElement() const;
  // The end of an object of plain strings; null: something else, or not all.
  const char* PlainObject(const char* p, const char* end, Object* object);
  void RememberKeys(const std::vector<Member>& members);
  void Consume(const char* stop);
  bool in_object() const { return (objects_ >> depth_ & 1) != 0; }

  std::string buffer_;
  size_t position_ = 0;   // of the next byte in buffer_
  size_t scanned_ = 0;    // bytes of an incomplete string that were looked at
  int64_t consumed_ = 0;  // bytes before buffer_
  uint64_t objects_ = 0;  // bit d: the container at depth d is an object
  int depth_ = 0;
  Expect expect_ = Expect::kValue;
  bool finished_ = false;
  bool escaped_ = false;  // the incomplete string holds a backslash
  std::string scratch_;
  std::string_view text_;
  absl::Status status_;
  std::vector<KeyText> keys_;  // of the object that came last
  uint64_t keys_number_ = 0;
};

}  // namespace synoptic::aggregator
