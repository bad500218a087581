// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector whose copies share their elements until one is changed. The samples of a chunk have one
// layout of buckets in common: copying it, or seeing that it is the same, costs nothing.
//
// Reads as a std::vector; changed through Mutable() only, so that no read makes a copy. Copies may
// be used in different threads, one object in one.
#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace synoptic::promql {

template <class T>
class SharedVector {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;
  using iterator = const_iterator;

  SharedVector() = default;
  SharedVector(std::vector<T> values) {  // NOLINT(google-explicit-constructor)
    if (!values.empty()) values_ = std::make_shared<std::vector<T>>(std::move(values));
  }
  SharedVector(std::initializer_list<T> values) : SharedVector(std::vector<T>(values)) {}

  operator const std::vector<T>&() const { return get(); }  // NOLINT(google-explicit-constructor)
  const std::vector<T>& get() const {
    static const std::vector<T> empty;
    return values_ == nullptr ? empty : *values_;
  }
  size_t size() const { return get().size(); }
  bool empty() const { return values_ == nullptr || values_->empty(); }
  const T* data() const { return get().data(); }
  const T& operator[](size_t i) const { return get()[i]; }
  const T& front() const { return get().front(); }
  const T& back() const { return get().back(); }
  const_iterator begin() const { return get().begin(); }
  const_iterator end() const { return get().end(); }

  // Elements that no other object sees. Valid until this object is copied or assigned to.
  std::vector<T>& Mutable() {
    if (values_ == nullptr) {
      values_ = std::make_shared<std::vector<T>>();
    } else if (values_.use_count() > 1) {
      values_ = std::make_shared<std::vector<T>>(*values_);
    } else {
      // What another thread read before it let go must not see what is written now.
      std::atomic_thread_fence(std::memory_order_acquire);
    }
    return *values_;
  }
  void push_back(T value) { Mutable().push_back(std::move(value)); }
  void clear() { values_.reset(); }

  // The very same elements in memory, or none in either.
  bool SharesWith(const SharedVector& other) const { return values_ == other.values_; }

  friend bool operator==(const SharedVector& a, const SharedVector& b) {
    return a.values_ == b.values_ || a.get() == b.get();
  }

 private:
  std::shared_ptr<std::vector<T>> values_;
};

}  // namespace synoptic::promql
