// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A value inside a template: Go's dynamic types, as far as rule templates meet them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace synoptic::alerting {

struct Value;
using ValueList = std::vector<Value>;

// A map; of string maps (labels) a missing key reads as "", of structs it is an error.
struct ValueMap {
  std::map<std::string, Value> entries;
  bool is_struct = false;
};

struct Value {
  std::variant<std::monostate, bool, int64_t, double, std::string, std::shared_ptr<ValueList>,
               std::shared_ptr<ValueMap>>
      v;

  Value() = default;
  explicit Value(bool b) : v(b) {}
  explicit Value(int64_t i) : v(i) {}
  explicit Value(double d) : v(d) {}
  explicit Value(std::string s) : v(std::move(s)) {}
  explicit Value(ValueList list) : v(std::make_shared<ValueList>(std::move(list))) {}
  explicit Value(ValueMap map) : v(std::make_shared<ValueMap>(std::move(map))) {}

  template <class T>
  const T* As() const {
    return std::get_if<T>(&v);
  }
  const ValueList* list() const {
    const auto* p = As<std::shared_ptr<ValueList>>();
    return p == nullptr ? nullptr : p->get();
  }
  const ValueMap* map() const {
    const auto* p = As<std::shared_ptr<ValueMap>>();
    return p == nullptr ? nullptr : p->get();
  }

  // Go's notion of truth: not the zero value, not empty.
  bool Truth() const;
  // As `{{ . }}` prints it (%v).
  std::string Print() const;
  // Go's type name, for error texts: "float64", "string", "map[string]string".
  std::string TypeName() const;
};

}  // namespace synoptic::alerting
