// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A text that many alerts have in common: a pointer, which copies share; an empty one costs no
// allocation.
// Thread-safe as any const value is.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace synoptic::alerting {

class SharedText {
 public:
  SharedText() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): stands in for a string
  SharedText(std::string text) : text_(text.empty() ? nullptr : new Shared(std::move(text))) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  SharedText(const char* text) : SharedText(std::string(text)) {}

  std::string_view view() const {
    return text_ == nullptr ? std::string_view() : std::string_view(text_->text);
  }
  bool empty() const { return text_ == nullptr; }
  size_t size() const { return view().size(); }
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator std::string_view() const { return view(); }

  friend bool operator==(const SharedText& a, std::string_view b) { return a.view() == b; }

 private:
  struct Shared : boost::intrusive_ref_counter<Shared> {
    explicit Shared(std::string of) : text(std::move(of)) {}
    const std::string text;
  };
  boost::intrusive_ptr<const Shared> text_;
};

}  // namespace synoptic::alerting
