// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes one JSON document straight to a buffer: commas come by themselves.
//
//   JsonWriter json(out);
//   json.Object([&] { json.Member("a", 1.5).Member("b", "x"); json.Array("c", [&] { json.Value(1);
//   }); });
//
// Numbers are the shortest that read back as the same double; NaN and the infinities, which JSON
// lacks, become the strings "NaN", "+Inf" and "-Inf". An empty optional is null. Not thread-safe.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "base/go_format.h"
#include "base/json.h"

namespace synoptic {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  template <class Body>
  void Object(Body body) {
    Nest('{', '}', body);
  }
  template <class Body>
  void Object(std::string_view key, Body body) {
    Key(key);
    Nest('{', '}', body);
  }
  template <class Body>
  void Array(Body body) {
    Nest('[', ']', body);
  }
  template <class Body>
  void Array(std::string_view key, Body body) {
    Key(key);
    Nest('[', ']', body);
  }

  JsonWriter& Value(std::string_view text) {
    Comma();
    AppendJsonHtmlString(text, out_);
    return *this;
  }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value) {
    Comma();
    out_ += value ? "true" : "false";
    return *this;
  }
  JsonWriter& Value(double value) {
    Comma();
    if (std::isfinite(value)) {
      AppendGoJsonFloat(value, out_);
    } else {
      AppendJsonString(GoFloatF(value), out_);
    }
    return *this;
  }
  JsonWriter& Value(int value) { return Value(static_cast<double>(value)); }
  JsonWriter& Value(size_t value) { return Value(static_cast<double>(value)); }
  JsonWriter& Value(int64_t value) { return Value(static_cast<double>(value)); }
  template <class T>
  JsonWriter& Value(const std::optional<T>& value) {
    if (value) return Value(*value);
    Comma();
    out_ += "null";
    return *this;
  }
  template <class T>
  JsonWriter& Member(std::string_view key, const T& value) {
    Key(key);
    return Value(value);
  }

 private:
  void Comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void Key(std::string_view key) {
    Comma();
    AppendJsonHtmlString(key, out_);
    out_ += ':';
    first_ = true;  // what follows belongs to the key
  }
  template <class Body>
  void Nest(char open, char close, Body body) {
    Comma();
    out_ += open;
    first_ = true;
    body();
    out_ += close;
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace synoptic
