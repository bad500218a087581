// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_reader.h"

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic {

void YamlContext::Error(YamlPosition position, std::string_view path, std::string_view message) {
  std::string text = fmt::format("{}:{}:{}: ", file_, position.line, position.column);
  if (!path.empty()) text += fmt::format("{}: ", path);
  text += message;
  errors_.emplace(std::pair(position.line, position.column), std::move(text));
}

absl::Status YamlContext::status() const {
  if (errors_.empty()) return absl::OkStatus();
  std::vector<std::string> lines;
  for (const auto& [place, text] : errors_) lines.push_back(text);
  return InvalidArgument("{}", Join(lines, "\n"));
}

std::string YamlContext::Resolve(std::string_view path) const {
  const size_t slash = file_.rfind('/');
  if (path.empty() || path.front() == '/' || slash == std::string::npos) return std::string(path);
  return file_.substr(0, slash + 1) + std::string(path);
}

std::optional<YamlValue> YamlMap::Find(std::string_view key) {
  known_.emplace(key);
  for (YamlNode::Entry& entry : node_->entries) {
    if (entry.key != key) continue;
    return YamlValue(context_, entry.value.get(),
                     path_.empty() ? entry.key : fmt::format("{}.{}", path_, key));
  }
  return std::nullopt;
}

std::optional<YamlValue> YamlMap::Require(std::string_view key, std::string_view expected) {
  auto value = Find(key);
  if (value.has_value() && !value->is_null()) return value;
  context_->Error(value.has_value() ? value->position() : node_->position, path_,
                  fmt::format("expected `{}`, {}, got nothing", key, expected));
  return std::nullopt;
}

namespace {
template <class T>
void Assign(std::optional<T> value, T* out) {
  if (value.has_value()) *out = *std::move(value);
}
}  // namespace

void YamlMap::String(std::string_view key, std::string* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadString(), out);
}
void YamlMap::Bool(std::string_view key, bool* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadBool(), out);
}
void YamlMap::Int(std::string_view key, int64_t min, int64_t max, int64_t* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadInt(min, max), out);
}
void YamlMap::Number(std::string_view key, double* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadNumber(), out);
}
void YamlMap::DurationMillis(std::string_view key, int64_t* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadDurationMillis(), out);
}
void YamlMap::Bytes(std::string_view key, int64_t* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadBytes(), out);
}
void YamlMap::Percent(std::string_view key, double* out) {
  if (auto value = Find(key); value && !value->is_null()) Assign(value->ReadPercent(), out);
}
void YamlMap::Strings(std::string_view key, std::vector<std::string>* out) {
  if (auto value = Find(key); value && !value->is_null()) *out = value->ReadStrings();
}

void YamlMap::Secret(std::string_view key, std::string* out) {
  constexpr size_t kMaxSecretBytes = 64 << 10;
  auto direct = Find(key);
  auto file = Find(fmt::format("{}_file", key));
  if (direct && direct->is_null()) direct.reset();
  if (file && file->is_null()) file.reset();
  if (direct && file) {
    file->Fail(fmt::format("expected one of `{0}` and `{0}_file`, got both", key));
    return;
  }
  if (direct) Assign(direct->ReadSecret(), out);
  if (!file) return;
  const auto path = file->ReadString();
  if (!path || context_->fs() == nullptr) return;
  auto content = context_->fs()->ReadFile(context_->Resolve(*path), kMaxSecretBytes);
  if (!content.ok()) return file->Fail(MessageOf(content.status()));
  *out = std::string(Trim(*content));
  if (out->empty()) file->Fail("expected a file with a secret in it, got an empty one");
}

void YamlMap::Finish() {
  for (const YamlNode::Entry& entry : node_->entries) {
    if (known_.contains(entry.key)) continue;
    const std::vector<std::string> names(known_.begin(), known_.end());
    context_->Error(entry.position, path_.empty() ? entry.key : path_ + "." + entry.key,
                    fmt::format("unknown key; expected one of {}", Join(names, ", ")));
  }
}

}  // namespace synoptic
