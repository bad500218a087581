// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/domain/value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/go_format.h"
#include "fmt/format.h"

namespace synoptic::domain_vectors {
namespace {

namespace dom = simdjson::dom;

std::string Text(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value.v)) return *b ? "true" : "false";
  if (const auto* d = std::get_if<double>(&value.v)) return GoFloatG(*d);
  if (const auto* s = std::get_if<std::string>(&value.v)) return *s;
  return std::holds_alternative<Value::List>(value.v) ? "a list" : "a map";
}

bool SameNumber(double want, double have, double rel_tol) {
  if (rel_tol == 0) return std::memcmp(&want, &have, sizeof want) == 0;
  if (want == have) return true;
  if (!std::isfinite(want) || !std::isfinite(have)) return false;
  return std::abs(want - have) <= std::max(rel_tol * std::abs(want), 1e-12);
}

class Comparison {
 public:
  explicit Comparison(double rel_tol) : rel_tol_(rel_tol) {}

  Difference result;

  void Visit(dom::element want, const Value& have, const std::string& path) {
    if (!result.where.empty()) return;
    if (want.is_object()) return VisitMap(want.get_object().value_unsafe(), have, path);
    if (want.is_array()) return VisitList(want.get_array().value_unsafe(), have, path);
    ++result.leaves;
    if (!SameLeaf(want, have)) {
      result.where = fmt::format("{}: want {}, have {}", path, simdjson::minify(want), Text(have));
    }
  }

 private:
  bool SameLeaf(dom::element want, const Value& have) const {
    if (bool b = false; want.get(b) == simdjson::SUCCESS) {
      return std::holds_alternative<bool>(have.v) && std::get<bool>(have.v) == b;
    }
    const auto* number = std::get_if<double>(&have.v);
    if (double d = 0; want.get(d) == simdjson::SUCCESS) {
      return number != nullptr && SameNumber(d, *number, rel_tol_);
    }
    std::string_view text;
    if (want.get(text) != simdjson::SUCCESS) return false;
    if (number != nullptr) {
      return text == "inf" && *number == std::numeric_limits<double>::infinity();
    }
    const auto* s = std::get_if<std::string>(&have.v);
    return s != nullptr && *s == text;
  }

  void VisitMap(dom::object want, const Value& have, const std::string& path) {
    const auto* map = std::get_if<Value::Map>(&have.v);
    if (map == nullptr || map->size() != want.size()) {
      result.where = fmt::format("{}: want {} keys, have {}", path, want.size(),
                                 map == nullptr ? Text(have) : std::to_string(map->size()));
      return;
    }
    for (const auto [key, element] : want) {
      const auto it = map->find(std::string(key));
      if (it == map->end()) {
        result.where = fmt::format("{}.{}: missing", path, key);
        return;
      }
      Visit(element, it->second, fmt::format("{}.{}", path, key));
    }
  }

  void VisitList(dom::array want, const Value& have, const std::string& path) {
    const auto* list = std::get_if<Value::List>(&have.v);
    if (list == nullptr || list->size() != want.size()) {
      result.where = fmt::format("{}: want {} items, have {}", path, want.size(),
                                 list == nullptr ? Text(have) : std::to_string(list->size()));
      return;
    }
    size_t i = 0;
    for (const dom::element element : want) {
      Visit(element, (*list)[i], fmt::format("{}[{}]", path, i));
      ++i;
    }
  }

  double rel_tol_;
};

void Collect(Value& value, std::vector<Value*>& leaves) {
  if (auto* list = std::get_if<Value::List>(&value.v)) {
    for (Value& item : *list) Collect(item, leaves);
  } else if (auto* map = std::get_if<Value::Map>(&value.v)) {
    for (auto& [key, item] : *map) Collect(item, leaves);
  } else {
    leaves.push_back(&value);
  }
}

}  // namespace

Difference CompareValue(dom::element want, const Value& have, double rel_tol) {
  Comparison comparison(rel_tol);
  comparison.Visit(want, have, "outputs");
  return comparison.result;
}

std::vector<Value*> LeavesOf(Value& value) {
  std::vector<Value*> leaves;
  Collect(value, leaves);
  return leaves;
}

}  // namespace synoptic::domain_vectors
