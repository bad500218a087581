// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Random queries over the generated series: the whole grammar, mostly with types that fit.
#pragma once

#include <string>

#include "promql/functions/table.h"
#include "tests/compat/engine/question.h"
#include "tests/compat/engine/rng.h"

namespace synoptic::compat {

class Generator {
 public:
  Generator(uint64_t seed, const std::vector<World>& worlds) : rng_(seed), worlds_(worlds) {}
  Question Next();

 private:
  std::string Query();
  std::string Vector(int depth);
  std::string Scalar(int depth);
  std::string Matrix(int depth);
  std::string Selector();
  std::string Matchers();
  std::string Name();
  std::string Modifiers();
  std::string At();
  std::string Duration(bool positive);
  std::string Number();
  std::string Text();
  std::string Labels(int most);
  std::string Call(int depth);
  std::string CallOf(const promql::Function& function, int depth);
  std::string Argument(promql::ValueType type, int depth);
  std::string LabelFunction(int depth);
  std::string HistogramFunction(int depth);
  std::string Info(int depth);
  std::string Aggregation(int depth);
  std::string Arithmetic(int depth);
  std::string Matching(bool set_operator);
  std::string Buckets();

  Rng rng_;
  const std::vector<World>& worlds_;
  const World* world_ = nullptr;
};

}  // namespace synoptic::compat
