// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/deliveries.h"

#include <utility>

#include "base/json.h"
#include "base/status.h"
#include "simdjson.h"

namespace synoptic::alerting {
namespace {

constexpr size_t kMaxKept = 20'000;

}  // namespace

void DeliveryLog::Add(std::string key) {
  keys_.push_back(std::move(key));
  if (keys_.size() <= kMaxKept) return;
  keys_.pop_front();
  ++first_;
}

DeliveryPage DeliveryLog::Since(int64_t since) const {
  const auto end = first_ + static_cast<int64_t>(keys_.size());
  if (since < first_ || since > end) since = first_;
  return {end, {keys_.begin() + (since - first_), keys_.end()}};
}

void HeardDeliveries::Add(DeliveryPage page) {
  next_ = page.next;
  for (std::string& key : page.keys) {
    if (!keys_.insert(key).second) continue;
    order_.push_back(std::move(key));
    if (order_.size() <= kMaxKept) continue;
    keys_.erase(order_.front());
    order_.pop_front();
  }
}

std::string EncodeDeliveries(const DeliveryPage& page) {
  std::string out = fmt::format("{{\"next\":{},\"keys\":[", page.next);
  for (const std::string& key : page.keys) {
    if (out.back() != '[') out += ',';
    AppendJsonString(key, out);
  }
  return out + "]}";
}

absl::StatusOr<DeliveryPage> DecodeDeliveries(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element data;
  simdjson::dom::array keys;
  DeliveryPage page;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      root["data"].get(data) != simdjson::SUCCESS ||
      data["next"].get(page.next) != simdjson::SUCCESS ||
      data["keys"].get(keys) != simdjson::SUCCESS) {
    return InvalidArgument("not a list of deliveries");
  }
  for (const simdjson::dom::element key : keys) {
    std::string_view text;
    if (key.get(text) != simdjson::SUCCESS) return InvalidArgument("a delivery's key is no text");
    page.keys.emplace_back(text);
  }
  return page;
}

}  // namespace synoptic::alerting
