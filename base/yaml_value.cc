// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include "base/duration.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/yaml_reader.h"

namespace synoptic {
namespace {

bool IsNameChar(char c, bool first) {
  return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (!first && c >= '0' && c <= '9');
}

// The NAME of a `${NAME}` at the start of `s`; empty when it is none (as `${1}` of relabelling).
std::string_view ReferenceAt(std::string_view s) {
  if (!s.starts_with("${")) return {};
  size_t end = 2;
  while (end < s.size() && IsNameChar(s[end], end == 2)) ++end;
  if (end == 2 || end >= s.size() || s[end] != '}') return {};
  return s.substr(2, end - 2);
}

template <class T>
std::optional<T> FromText(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A number and the unit after it, e.g. {1.5, "GiB"}.
std::optional<std::pair<double, std::string_view>> NumberAndUnit(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() &&
         ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.')) {
    ++digits;
  }
  const auto number = FromText<double>(text.substr(0, digits));
  if (!number) return std::nullopt;
  return std::pair(*number, text.substr(digits));
}

}  // namespace

bool YamlValue::IsEmpty() const {
  switch (node_->kind) {
    case YamlNode::Kind::kNull:
      return true;
    case YamlNode::Kind::kScalar:
      return false;
    case YamlNode::Kind::kSequence:
      return node_->items.empty();
    case YamlNode::Kind::kMap:
      return node_->entries.empty();
  }
  return false;
}

void YamlValue::Expected(std::string_view expected) const {
  std::string got;
  switch (node_->kind) {
    case YamlNode::Kind::kNull:
      got = "nothing";
      break;
    case YamlNode::Kind::kScalar:
      got = node_->secret             ? "<secret>"
            : node_->text.size() > 80 ? GoQuote(node_->text.substr(0, 80)) + "..."
                                      : GoQuote(node_->text);
      break;
    case YamlNode::Kind::kSequence:
      got = "a list";
      break;
    case YamlNode::Kind::kMap:
      got = "a map";
      break;
  }
  Fail(fmt::format("expected {}, got {}", expected, got));
}

void YamlValue::Fail(std::string_view message) const {
  context_->Error(node_->position, path_, message);
}

std::optional<std::string> YamlValue::Expanded(std::string_view expected) const {
  if (node_->kind != YamlNode::Kind::kScalar) {
    Expected(expected);
    return std::nullopt;
  }
  const std::string_view text = node_->text;
  if (!context_->environment() || text.find('$') == std::string_view::npos) {
    return node_->text;
  }
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("$$")) {
      result += '$';
      ++i;
      continue;
    }
    const std::string_view name = ReferenceAt(text.substr(i));
    if (name.empty()) {
      result += text[i];
      continue;
    }
    const auto value = context_->environment()(std::string(name));
    if (!value) {
      Fail(fmt::format("expected the environment to have ${{{}}}, got nothing", name));
      return std::nullopt;
    }
    result += *value;
    i += name.size() + 2;
  }
  return result;
}

std::optional<std::string> YamlValue::ReadString() const { return Expanded("a string"); }

std::optional<std::string> YamlValue::ReadSecret() const {
  node_->secret = true;
  return Expanded("a secret");
}

std::optional<bool> YamlValue::ReadBool() const {
  const auto text = Expanded("true or false");
  if (!text) return std::nullopt;
  if (!node_->quoted && (*text == "true" || *text == "false")) return *text == "true";
  Expected("true or false");
  return std::nullopt;
}

std::optional<int64_t> YamlValue::ReadInt(int64_t min, int64_t max) const {
  const std::string expected = fmt::format("an integer from {} to {}", min, max);
  const auto text = Expanded(expected);
  if (!text) return std::nullopt;
  const auto value = FromText<int64_t>(*text);
  if (value && *value >= min && *value <= max) return value;
  Expected(expected);
  return std::nullopt;
}

std::optional<double> YamlValue::ReadNumber() const {
  const auto text = Expanded("a number");
  if (!text) return std::nullopt;
  const auto value = FromText<double>(*text);
  if (value && std::isfinite(*value)) return value;
  Expected("a number");
  return std::nullopt;
}

std::optional<int64_t> YamlValue::ReadDurationMillis() const {
  constexpr std::string_view kExpected = "a duration like 15s or 1h30m";
  const auto text = Expanded(kExpected);
  if (!text) return std::nullopt;
  if (const auto value = ParseDurationMillis(*text); value.ok()) return *value;
  Expected(kExpected);
  return std::nullopt;
}

std::optional<int64_t> YamlValue::ReadBytes() const {
  constexpr std::string_view kExpected = "a size like 512MiB";
  const auto text = Expanded(kExpected);
  if (!text) return std::nullopt;
  // Powers of 1024 throughout: Prometheus reads KB as KiB.
  constexpr std::pair<std::string_view, int> kUnits[] = {
      {"", 0},    {"B", 0},    {"KB", 10}, {"KiB", 10}, {"MB", 20}, {"MiB", 20},
      {"GB", 30}, {"GiB", 30}, {"TB", 40}, {"TiB", 40}, {"PB", 50}, {"PiB", 50}};
  if (const auto parts = NumberAndUnit(*text)) {
    for (const auto& [unit, shift] : kUnits) {
      const double bytes = std::ldexp(parts->first, shift);
      if (unit == parts->second && bytes < 0x1p62) return static_cast<int64_t>(bytes);
    }
  }
  Expected(kExpected);
  return std::nullopt;
}

std::optional<double> YamlValue::ReadPercent() const {
  constexpr std::string_view kExpected = "a share like 5%";
  const auto text = Expanded(kExpected);
  if (!text) return std::nullopt;
  const auto parts = NumberAndUnit(*text);
  if (parts && parts->second == "%" && parts->first <= 100) return parts->first / 100;
  Expected(kExpected);
  return std::nullopt;
}

std::optional<size_t> YamlValue::ReadChoice(std::initializer_list<std::string_view> names) const {
  std::vector<std::string> list(names.begin(), names.end());
  const std::string expected = "one of " + Join(list, ", ");
  const auto text = Expanded(expected);
  if (!text) return std::nullopt;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == *text) return i;
  }
  Expected(expected);
  return std::nullopt;
}

std::vector<std::string> YamlValue::ReadStrings() const {
  std::vector<std::string> result;
  for (const YamlValue& item : ReadList()) {
    if (auto text = item.ReadString()) result.push_back(*std::move(text));
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> YamlValue::ReadStringMap() const {
  std::vector<std::pair<std::string, std::string>> result;
  if (is_null()) return result;
  if (node_->kind != YamlNode::Kind::kMap) {
    Expected("a map of strings");
    return result;
  }
  for (const YamlNode::Entry& entry : node_->entries) {
    const YamlValue value(context_, entry.value.get(), path_ + "." + entry.key);
    if (auto text = value.ReadString()) result.emplace_back(entry.key, *std::move(text));
  }
  return result;
}

std::vector<std::pair<std::string, YamlValue>> YamlValue::ReadEntries() const {
  std::vector<std::pair<std::string, YamlValue>> result;
  if (is_null()) return result;
  if (node_->kind != YamlNode::Kind::kMap) {
    Expected("a map");
    return result;
  }
  for (const YamlNode::Entry& entry : node_->entries) {
    result.emplace_back(entry.key, YamlValue(context_, entry.value.get(), path_ + "." + entry.key));
  }
  return result;
}

std::vector<YamlValue> YamlValue::ReadList() const {
  std::vector<YamlValue> result;
  if (is_null()) return result;
  if (node_->kind != YamlNode::Kind::kSequence) {
    Expected("a list");
    return result;
  }
  for (size_t i = 0; i < node_->items.size(); ++i) {
    result.emplace_back(context_, node_->items[i].get(), fmt::format("{}[{}]", path_, i));
  }
  return result;
}

YamlMap YamlValue::ReadMap() const {
  // A node of another kind has no entries: it reads as an empty map.
  if (node_->kind != YamlNode::Kind::kMap && !is_null()) Expected("a map");
  return {context_, node_, path_};
}

}  // namespace synoptic
