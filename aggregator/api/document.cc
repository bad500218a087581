// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/document.h"

namespace synoptic::aggregator {

std::string_view StringMember(simdjson::dom::object object, std::string_view key) {
  std::string_view value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return {};
  return value;
}

double NumberMember(simdjson::dom::object object, std::string_view key) {
  double value = 0;
  if (object.at_key(key).get(value) != simdjson::SUCCESS) return 0;
  return value;
}

std::vector<simdjson::dom::element> ArrayMember(simdjson::dom::object object,
                                                std::string_view key) {
  std::vector<simdjson::dom::element> elements;
  simdjson::dom::array array;
  if (object.at_key(key).get(array) != simdjson::SUCCESS) return elements;
  for (const simdjson::dom::element element : array) elements.push_back(element);
  return elements;
}

promql::Labels LabelsMember(simdjson::dom::object object, std::string_view key) {
  simdjson::dom::object labels;
  if (object.at_key(key).get(labels) != simdjson::SUCCESS) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const simdjson::dom::key_value_pair& field : labels) {
    std::string_view value;
    if (field.value.get(value) == simdjson::SUCCESS) pairs.emplace_back(field.key, value);
  }
  return promql::Labels::From(std::move(pairs));
}

}  // namespace synoptic::aggregator
