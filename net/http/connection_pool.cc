// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/connection_pool.h"

namespace synoptic::net::internal {

std::unique_ptr<ByteStream> ConnectionPool::Take(const std::string& origin) {
  const auto it = idle_.find(origin);
  if (it == idle_.end()) return nullptr;
  std::unique_ptr<ByteStream> found;
  const MonoTime now = clock_.Mono();
  while (found == nullptr && !it->second.empty()) {
    Idle idle = std::move(it->second.back());
    it->second.pop_back();
    if (now - idle.since < idle_time_ && idle.stream->Look() == ByteStream::Sight::kQuiet) {
      found = std::move(idle.stream);
    }
  }
  if (it->second.empty()) idle_.erase(it);
  return found;
}

void ConnectionPool::Put(const std::string& origin, std::unique_ptr<ByteStream> stream) {
  if (max_idle_ == 0) return;
  std::deque<Idle>& idle = idle_[origin];
  if (idle.size() >= max_idle_) idle.pop_front();
  idle.push_back({std::move(stream), clock_.Mono()});
  if (cleaning_) return;
  cleaning_ = true;
  janitor_.Start(clock_.Mono() + idle_time_, [this] { Clean(); });
}

void ConnectionPool::Clean() {
  const MonoTime now = clock_.Mono();
  for (auto it = idle_.begin(); it != idle_.end();) {
    std::deque<Idle>& idle = it->second;
    std::erase_if(idle, [&](const Idle& entry) {
      return now - entry.since >= idle_time_ || entry.stream->Look() != ByteStream::Sight::kQuiet;
    });
    it = idle.empty() ? idle_.erase(it) : std::next(it);
  }
  cleaning_ = !idle_.empty();
  if (cleaning_) janitor_.Start(now + idle_time_ / 4, [this] { Clean(); });
}

size_t ConnectionPool::size() const {
  size_t n = 0;
  for (const auto& [origin, idle] : idle_) n += idle.size();
  return n;
}

}  // namespace synoptic::net::internal
