// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector's runner: from its inputs to what the library says of them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "simdjson.h"
#include "tests/domain/value.h"

namespace synoptic::domain_vectors {

// Ends the program: a vector's input that is not what its runner expects, or an error of the
// library.
[[noreturn]] void Fail(std::string_view why);

// A vector's inputs. Members that are missing or of another type end the program.
class Input {
 public:
  explicit Input(simdjson::dom::element element) : element_(element) {}

  Input operator[](std::string_view key) const;
  Input operator[](size_t index) const;
  double number() const;  // "inf" is +Inf
  int whole() const { return static_cast<int>(raw_number()); }
  bool truth() const;
  std::string text() const;
  std::vector<Input> list() const;
  std::vector<double> numbers() const;
  std::vector<std::pair<std::string, Input>> members() const;  // in the order of the document

  double operator()(std::string_view key) const { return (*this)[key].number(); }
  double operator()(size_t index) const { return (*this)[index].number(); }

 private:
  double raw_number() const;

  simdjson::dom::element element_;
};

template <class T>
T Take(absl::StatusOr<T> result) {
  if (!result.ok()) Fail(std::string(result.status().message()));
  return *std::move(result);
}

// One value for every item of a list of inputs.
template <class F>
Value Each(const Input& items, F f) {
  Value out = EmptyList();
  for (const Input& item : items.list()) out.Add(f(item));
  return out;
}

using Runner = std::function<Value(const Input& in)>;
using Runners = std::map<std::string, Runner>;

// One a file, after the first letters of the ids.
void AddVerdictRunners(Runners& runners);      // A, D (without capacity's), L4
void AddSloRunners(Runners& runners);          // B, C, H
void AddReplicationRunners(Runners& runners);  // D2, D3, E, F, G, L
void AddCapacityRunners(Runners& runners);     // I, J7, J8, D9, D11
void AddRecoveryRunners(Runners& runners);     // J, K

}  // namespace synoptic::domain_vectors
