// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/names.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "base/status.h"
#include "net/async/event.h"

namespace synoptic {

namespace asio = boost::asio;

namespace {

constexpr size_t kMaxAddresses = 64;
constexpr MonoDuration kKeep = std::chrono::hours(24);
// Known so lately that nobody is asked.
constexpr MonoDuration kFresh = std::chrono::seconds(5);
// With addresses in hand, the name service is waited for no longer.
constexpr MonoDuration kPatience = std::chrono::milliseconds(250);
// A name that hangs shall not hold up the others.
constexpr int kThreads = 4;

}  // namespace

absl::StatusOr<Addresses> SystemLookUp(const std::string& host) {
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  boost::system::error_code error;
  const auto results = resolver.resolve(host, "", error);
  if (error) return MakeStatus(absl::StatusCode::kUnavailable, "{}", error.message());
  Addresses addresses;
  for (const auto& entry : results) addresses.push_back(entry.endpoint().address());
  return addresses;
}

struct Names::Asked {
  explicit Asked(const asio::any_io_executor& executor) : done(executor) {}
  Event done;
  absl::Status error;
};

Names::~Names() {
  *self_ = nullptr;
  if (threads_.has_value()) threads_->stop();
}

std::shared_ptr<Names::Asked> Names::Ask(const std::string& host) {
  std::shared_ptr<Asked>& asked = asked_[host];
  if (asked != nullptr) return asked;
  asked = std::make_shared<Asked>(executor_);
  if (!threads_.has_value()) threads_.emplace(kThreads);
  const auto tell = [self = self_, asked, host](absl::StatusOr<Addresses> found) {
    if (*self == nullptr) return;
    Names& names = **self;
    if (found.ok() && found->empty()) found = absl::UnavailableError("no address");
    if (found.ok()) {
      Addresses unique;
      for (const auto& address : *found) {
        if (unique.size() == kMaxAddresses) break;
        if (std::find(unique.begin(), unique.end(), address) == unique.end()) {
          unique.push_back(address);
        }
      }
      names.known_[host] = Known{std::move(unique), names.clock_.Mono()};
    }
    asked->error = found.status();
    names.asked_.erase(host);
    asked->done.Set();
  };
  asio::post(*threads_, [tell, host, look_up = look_up_, executor = executor_] {
    asio::post(executor, [tell, found = look_up(host)]() mutable { tell(std::move(found)); });
  });
  return asked;
}

Addresses Names::InOrder(const std::string& host) const {
  const Addresses& all = known_.at(host).addresses;
  // A family that swallows packets must not be tried many times before the other.
  Addresses first;
  Addresses second;
  for (const auto& address : all) {
    (address.is_v6() == all.front().is_v6() ? first : second).push_back(address);
  }
  Addresses ordered;
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) ordered.push_back(first[i]);
    if (i < second.size()) ordered.push_back(second[i]);
  }
  const auto preferred = preferred_.find(host);
  if (preferred == preferred_.end()) return ordered;
  const auto it = std::find(ordered.begin(), ordered.end(), preferred->second);
  if (it != ordered.end()) std::rotate(ordered.begin(), it, it + 1);
  return ordered;
}

Task<Addresses> Names::Resolve(std::string host, Deadline deadline) {
  const auto known = known_.find(host);
  const MonoTime now = clock_.Mono();
  const bool usable = known != known_.end() && now - known->second.at < kKeep;
  if (usable && now - known->second.at < kFresh) co_return InOrder(host);
  const std::shared_ptr<Asked> asked = Ask(host);
  const Deadline patience =
      usable ? deadline.Earlier(Deadline::After(clock_, kPatience)) : deadline;
  const absl::Status waited = co_await asked->done.WaitUntil(clock_, patience.at());
  if (absl::IsCancelled(waited)) co_return waited;
  if (usable || (waited.ok() && asked->error.ok())) co_return InOrder(host);
  co_return MakeStatus(absl::StatusCode::kUnavailable, "look up \"{}\": {}", host,
                       waited.ok() ? MessageOf(asked->error) : "timed out");
}

void Names::Prefer(const std::string& host, const asio::ip::address& address) {
  preferred_[host] = address;
}

}  // namespace synoptic
