// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Flights: of those who need the same thing at once, one makes it and the others wait. Whoever
// waited looks again for what they need; when the leader failed or left, one of them leads next.
//
// Not thread-safe: all calls run on the same serial executor.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "net/async/event.h"

namespace synoptic {

// `T`: what a leader may hand to those who wait.
template <class T>
class Flights {
 public:
  struct Flight {
    explicit Flight(const boost::asio::any_io_executor& executor) : done(executor) {}
    Event done;
    std::shared_ptr<const T> result;  // set before `done`, or never
  };

  // Held by the leader: ends the flight, however the leader ends. The flights outlive it.
  class Landing {
   public:
    Landing(Flights& flights, std::string key, std::shared_ptr<Flight> flight)
        : flights_(flights), key_(std::move(key)), flight_(std::move(flight)) {}
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;
    ~Landing() {
      flights_.under_way_.erase(key_);
      flight_->done.Set();
    }
    void Share(T result) { flight_->result = std::make_shared<const T>(std::move(result)); }

   private:
    Flights& flights_;
    const std::string key_;
    const std::shared_ptr<Flight> flight_;
  };

  // Null when nobody makes it.
  std::shared_ptr<Flight> Find(const std::string& key) const {
    const auto found = under_way_.find(key);
    return found == under_way_.end() ? nullptr : found->second;
  }

  // REQUIRES: nobody makes it.
  Landing Lead(const std::string& key, const boost::asio::any_io_executor& executor) {
    auto flight = std::make_shared<Flight>(executor);
    under_way_.emplace(key, flight);
    return Landing(*this, key, std::move(flight));
  }

 private:
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> under_way_;
};

}  // namespace synoptic
