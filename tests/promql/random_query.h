// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Random queries over the series of pushdown_test: same seed, same queries on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace synoptic::promqltest {

class RandomQuery {
 public:
  explicit RandomQuery(uint64_t seed) : state_(seed) {}
  // An instant vector, nested about `depth` deep.
  std::string Query(int depth);

 private:
  using Choices = std::initializer_list<const char*>;
  uint64_t Below(uint64_t limit);
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  std::string Pick(Choices choices) { return choices.begin()[Below(choices.size())]; }

  std::string Vector(int depth);
  std::string Selector();
  std::string Modifier();
  std::string RangeSelector(int depth);
  std::string Scalar(int depth);
  std::string RangeFunction(int depth);
  std::string Function(int depth);
  std::string Aggregation(int depth);
  std::string WithScalar(int depth);
  std::string WithVector(int depth);
  std::string SetOperation(int depth);

  uint64_t state_;
};

}  // namespace synoptic::promqltest
