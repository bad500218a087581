// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/compare.h"

#include "base/go_number.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

template <class T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : a == b ? 0 : 2;
}

}  // namespace

absl::StatusOr<int> CompareValues(const Value& a, const Value& b, bool equality_only) {
  if (const auto *x = a.As<std::string>(), *y = b.As<std::string>(); x != nullptr && y != nullptr) {
    return Order(*x, *y);
  }
  if (const auto *x = a.As<int64_t>(), *y = b.As<int64_t>(); x != nullptr && y != nullptr) {
    return Order(*x, *y);
  }
  if (const auto *x = a.As<double>(), *y = b.As<double>(); x != nullptr && y != nullptr) {
    return Order(*x, *y);
  }
  if (const auto *x = a.As<bool>(), *y = b.As<bool>(); x != nullptr && y != nullptr) {
    if (!equality_only) return InvalidArgument("invalid type for comparison");
    return Order(static_cast<int>(*x), static_cast<int>(*y));
  }
  return InvalidArgument("incompatible types for comparison");
}

absl::StatusOr<double> ToFloat(const Value& value) {
  if (const auto* d = value.As<double>()) return *d;
  if (const auto* i = value.As<int64_t>()) return static_cast<double>(*i);
  if (const auto* s = value.As<std::string>()) return GoParseFloat(*s);
  return InvalidArgument("can't convert {} to float", value.TypeName());
}

}  // namespace synoptic::alerting
