// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An alert's annotations: by name, empty values kept, as in Prometheus. The state of an alert and
// what of it waits for receivers share them until one of them changes its own: copies are cheap,
// and an alert without annotations pays for a pointer. Not thread-safe.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace synoptic::alerting {

// What an alert says of what nobody sees.
inline constexpr std::string_view kCoverageAnnotation = "synoptic_coverage";

class Annotations {
 public:
  using Map = std::map<std::string, std::string>;

  Annotations() = default;
  Annotations(std::initializer_list<Map::value_type> pairs) {
    if (pairs.size() > 0) own_ = new Shared(pairs);
  }

  bool empty() const { return map().empty(); }
  Map::const_iterator begin() const { return map().begin(); }
  Map::const_iterator end() const { return map().end(); }
  const std::string& at(const std::string& name) const { return map().at(name); }

  void Set(std::string name, std::string value) {
    if (own_ == nullptr) {
      own_ = new Shared({});
    } else if (own_->use_count() > 1) {
      own_ = new Shared(own_->map);
    }
    own_->map[std::move(name)] = std::move(value);
  }

 private:
  const Map& map() const {
    static const Map kNone;
    return own_ == nullptr ? kNone : own_->map;
  }
  struct Shared : boost::intrusive_ref_counter<Shared> {
    explicit Shared(Map of) : map(std::move(of)) {}
    Map map;
  };
  boost::intrusive_ptr<Shared> own_;
};

}  // namespace synoptic::alerting
