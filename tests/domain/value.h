// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a vector's runner computes: a tree like the JSON it is compared with.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "simdjson.h"

namespace synoptic::domain_vectors {

struct Value {
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value>;
  std::variant<bool, double, std::string, List, Map> v;

  Value() : v(Map()) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Value(T x) : v(Arithmetic(x)) {}                  // NOLINT(google-explicit-constructor)
  Value(std::string_view s) : v(std::string(s)) {}  // NOLINT(google-explicit-constructor)
  Value(const std::string& s) : v(s) {}             // NOLINT(google-explicit-constructor)
  Value(const char* s) : v(std::string(s)) {}       // NOLINT(google-explicit-constructor)
  Value(List list) : v(std::move(list)) {}          // NOLINT(google-explicit-constructor)
  Value(Map map) : v(std::move(map)) {}             // NOLINT(google-explicit-constructor)
  Value(const std::vector<double>& numbers)         // NOLINT(google-explicit-constructor)
      : v(List(numbers.begin(), numbers.end())) {}
  Value(const std::vector<std::string>& texts)  // NOLINT(google-explicit-constructor)
      : v(List(texts.begin(), texts.end())) {}
  Value(const std::vector<size_t>& numbers)  // NOLINT(google-explicit-constructor)
      : v(List(numbers.begin(), numbers.end())) {}

  Value& operator[](const std::string& key) { return std::get<Map>(v)[key]; }
  void Add(Value item) { std::get<List>(v).push_back(std::move(item)); }

 private:
  template <class T>
  static std::variant<bool, double, std::string, List, Map> Arithmetic(T x) {
    if constexpr (std::is_same_v<T, bool>) {
      return x;
    } else {
      return static_cast<double>(x);
    }
  }
};

inline Value EmptyList() { return Value(Value::List()); }

// Compares with a vector's outputs: the same keys and lengths, texts and booleans equal, numbers
// within rel_tol (absolute 1e-12 near zero), or bit for bit with rel_tol 0. "inf" is +Inf.
struct Difference {
  std::string where;  // empty: none; else the path and the two values
  int leaves = 0;     // compared
};
Difference CompareValue(simdjson::dom::element want, const Value& have, double rel_tol);

// All leaves of a tree, to spoil one at a time.
std::vector<Value*> LeavesOf(Value& value);

}  // namespace synoptic::domain_vectors
