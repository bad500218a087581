// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The query API's JSON as an upstream may send it. The first byte says how the body is cut.
// Oracles: the same verdict and data however it is cut; what is accepted is JSON for simdjson too;
// memory stays within the budget and is all given back.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>

#include "aggregator/upstream/query_decoder.h"
#include "aggregator/upstream/testing.h"

namespace {

using namespace synoptic;
using namespace synoptic::aggregator;

const LabelRules& Rules() {
  static const LabelRules rules(promql::Labels::From({{"region", "eu"}}), {"region"}, {"replica"});
  return rules;
}

std::string Decode(std::string_view body, size_t piece, bool* accepted) {
  MemoryBudget budget("query memory", 1 << 20);
  std::string out;
  {
    StepDecoder steps({1000'000, 1030'000, 15'000}, false, Rules(), &budget);
    absl::Status status = FeedAll(steps, body, "application/json", 200, piece);
    *accepted = status.ok();
    StepAnswer answer;
    if (status.ok()) steps.Take(answer);
    out = status.ToString() + ToText(answer.series);
    budget.Release(answer.info.charged_bytes);
    MatrixDecoder matrix(Rules(), &budget);
    status = FeedAll(matrix, body, "application/json", 200, piece);
    *accepted |= status.ok();
    RawAnswer raw;
    if (status.ok()) matrix.Take(raw);
    out += status.ToString() + ToText(raw.series);
    budget.Release(raw.info.charged_bytes);
  }
  if (budget.used() != 0) std::abort();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool accepted = false;
  const std::string whole = Decode(body, std::string_view::npos, &accepted);
  if (accepted) {
    simdjson::dom::parser parser;
    if (parser.parse(body.data(), body.size()).error() != simdjson::SUCCESS) std::abort();
  }
  // Budgets may run out at another place when bytes come in another way; nothing else may differ.
  const std::string cut = Decode(body, 1 + data[0] % 64, &accepted);
  if (cut != whole && cut.find("RESOURCE_EXHAUSTED") == std::string::npos) std::abort();
  return 0;
}
