// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From host names to addresses, with a memory: a name service that is slow, gone or empty costs
// nothing while addresses of the last day are known, and no look-up holds up the event loop or the
// look-up of another name.
//
// Not thread-safe: used on the (serial) executor it was made with, which outlives it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic {

using Addresses = std::vector<boost::asio::ip::address>;
// Asks the name service; called on a thread of its own and may take long.
using LookUp = std::function<absl::StatusOr<Addresses>(const std::string& host)>;
// getaddrinfo.
absl::StatusOr<Addresses> SystemLookUp(const std::string& host);

class Names {
 public:
  Names(boost::asio::any_io_executor executor, const Clock& clock, LookUp look_up)
      : executor_(std::move(executor)), clock_(clock), look_up_(std::move(look_up)) {}
  ~Names();

  // At most 64 addresses, both families in turns, the one that answered last first. Unavailable
  // names the host and why there is none.
  Task<Addresses> Resolve(std::string host, Deadline deadline);
  // A connection to this address came about.
  void Prefer(const std::string& host, const boost::asio::ip::address& address);

 private:
  struct Known {
    Addresses addresses;
    MonoTime at;
  };
  struct Asked;  // a look-up under way

  std::shared_ptr<Asked> Ask(const std::string& host);
  Addresses InOrder(const std::string& host) const;

  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  const LookUp look_up_;
  std::map<std::string, Known> known_;
  std::map<std::string, boost::asio::ip::address> preferred_;
  std::map<std::string, std::shared_ptr<Asked>> asked_;
  std::shared_ptr<Names*> self_ = std::make_shared<Names*>(this);  // null inside: gone
  std::optional<boost::asio::thread_pool> threads_;                // from the first name on
};

}  // namespace synoptic
