// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/answer_memory.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// A node, its index, headers.
constexpr int64_t kEntryBytes = 512;

constexpr MonoDuration kBrief = std::chrono::seconds(1);

bool IsWhole(const net::HttpResponse& response) {
  return response.status == 200 && response.headers.Get("Synoptic-Coverage") == "complete";
}

}  // namespace

int64_t AnswerMemory::CostOf(const Entry& entry) {
  const net::SharedBody& body = *entry.response.shared;
  // The gzip form comes later, if at all: room for it is taken at once.
  return static_cast<int64_t>(body.plain.size() + body.plain.size() / 4 + 2 * entry.key.size()) +
         kEntryBytes;
}

void AnswerMemory::Erase(Order::iterator entry) {
  stats_.bytes -= CostOf(*entry);
  --stats_.answers;
  entries_.erase(entry->key);
  order_.erase(entry);
}

const net::HttpResponse* AnswerMemory::Find(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  const Order::iterator entry = found->second;
  if (entry->until <= clock_.Mono()) {
    Erase(entry);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, entry);
  return &entry->response;
}

void AnswerMemory::Store(const Keep& keep, MadeAnswer& made) {
  net::HttpResponse& response = made.response;
  response.shared = std::make_shared<net::SharedBody>();
  response.shared->plain = std::move(response.body);
  response.body.clear();
  const MonoDuration fresh = made.brief ? std::min(keep.fresh, kBrief) : keep.fresh;
  Entry entry{keep.key, response, clock_.Mono() + fresh};
  const int64_t cost = CostOf(entry);
  if (cost > max_bytes_ / 4) return;  // one answer does not push out all others
  if (const auto found = entries_.find(keep.key); found != entries_.end()) Erase(found->second);
  while (stats_.bytes + cost > max_bytes_) Erase(std::prev(order_.end()));
  order_.push_front(std::move(entry));
  entries_.emplace(order_.front().key, order_.begin());
  stats_.bytes += cost;
  ++stats_.answers;
}

Task<net::HttpResponse> AnswerMemory::Answer(Keep keep, Make make, Deadline deadline) {
  if (keep.key.empty()) {
    CO_ASSIGN_OR_RETURN(MadeAnswer made, co_await make());
    co_return std::move(made.response);
  }
  if (const net::HttpResponse* known = Find(keep.key)) {
    ++stats_.hits;
    co_return *known;
  }
  while (const auto flight = flights_.Find(keep.key)) {
    CO_RETURN_IF_ERROR(co_await flight->done.WaitUntil(clock_, deadline.at()));
    if (flight->result != nullptr) {
      ++stats_.waited;
      co_return *flight->result;
    }
  }
  auto landing = flights_.Lead(keep.key, co_await boost::asio::this_coro::executor);
  ++stats_.misses;
  CO_ASSIGN_OR_RETURN(MadeAnswer made, co_await make());
  if (!IsWhole(made.response)) co_return std::move(made.response);
  Store(keep, made);
  landing.Share(made.response);
  co_return std::move(made.response);
}

void AnswerMemory::Clear() {
  entries_.clear();
  order_.clear();
  stats_.bytes = 0;
  stats_.answers = 0;
}

}  // namespace synoptic::aggregator
