// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reading the JSON documents of upstreams (metadata, rules, exemplars) without trusting their
// shape: a member that is missing or of another type reads as empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "promql/model/labels.h"
#include "simdjson.h"

namespace synoptic::aggregator {

// Owns its text; elements stay valid while it lives.
class Document {
 public:
  explicit Document(std::string_view text) : text_(text) {
    ok_ = parser_.parse(text_).get(root_) == simdjson::SUCCESS;
  }
  bool ok() const { return ok_; }
  simdjson::dom::element root() const { return root_; }

 private:
  simdjson::padded_string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  bool ok_ = false;
};

std::string_view StringMember(simdjson::dom::object object, std::string_view key);
double NumberMember(simdjson::dom::object object, std::string_view key);
// Its elements; none when there is no such array (an empty simdjson array must not be iterated).
std::vector<simdjson::dom::element> ArrayMember(simdjson::dom::object object, std::string_view key);
// An object of strings.
promql::Labels LabelsMember(simdjson::dom::object object, std::string_view key);

}  // namespace synoptic::aggregator
