// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/value.h"

#include "base/go_format.h"

namespace synoptic::alerting {

bool Value::Truth() const {
  if (const auto* b = As<bool>()) return *b;
  if (const auto* i = As<int64_t>()) return *i != 0;
  if (const auto* d = As<double>()) return *d != 0;
  if (const auto* s = As<std::string>()) return !s->empty();
  if (const auto* l = list()) return !l->empty();
  if (const auto* m = map()) return m->is_struct || !m->entries.empty();
  return false;
}

std::string Value::Print() const {
  if (const auto* b = As<bool>()) return *b ? "true" : "false";
  if (const auto* i = As<int64_t>()) return std::to_string(*i);
  if (const auto* d = As<double>()) return GoFloatG(*d);
  if (const auto* s = As<std::string>()) return *s;
  if (const auto* l = list()) {
    std::string out = "[";
    for (size_t i = 0; i < l->size(); ++i) {
      if (i > 0) out += ' ';
      out += (*l)[i].Print();
    }
    return out + "]";
  }
  if (const auto* m = map()) {
    std::string out = m->is_struct ? "{" : "map[";
    bool first = true;
    for (const auto& [key, value] : m->entries) {
      if (!first) out += ' ';
      first = false;
      if (!m->is_struct) out += key + ":";
      out += value.Print();
    }
    return out + (m->is_struct ? "}" : "]");
  }
  return "<no value>";
}

std::string Value::TypeName() const {
  if (As<bool>() != nullptr) return "bool";
  if (As<int64_t>() != nullptr) return "int";
  if (As<double>() != nullptr) return "float64";
  if (As<std::string>() != nullptr) return "string";
  if (list() != nullptr) return "[]interface {}";
  if (const auto* m = map()) return m->is_struct ? "struct" : "map[string]string";
  return "nil";
}

}  // namespace synoptic::alerting
