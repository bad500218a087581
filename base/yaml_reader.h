// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Strict, typed reading of a YAML document. Everything wrong with it is collected and reported at
// once, each with its place:
//
//   synoptic.yaml:7:14: regions[0].shards[1].http.timeout: expected a duration, got "fast"
//
// A reader asks for the keys it knows; Finish() reports the others. Getters leave the target alone
// when the key is absent, null or wrong, so defaults live in the target.
//
// `${NAME}` in a scalar is replaced by the environment's value ("$$" is a dollar sign); messages
// show the text as written, never the value. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/fs.h"
#include "base/yaml_node.h"

namespace synoptic {

class YamlMap;

// What all values of one document share. Must outlive them.
class YamlContext {
 public:
  using Environment = std::function<std::optional<std::string>(const std::string&)>;

  // `fs` reads `*_file` secrets, relative to the document's folder. No environment: text stays.
  explicit YamlContext(std::string file, Environment environment = nullptr, const Fs* fs = nullptr)
      : file_(std::move(file)), environment_(std::move(environment)), fs_(fs) {}

  void Error(YamlPosition position, std::string_view path, std::string_view message);
  bool ok() const { return errors_.empty(); }
  // All errors, one a line, in order of position; OK when there are none.
  absl::Status status() const;

  // `path` as the document means it: relative paths start at the document's folder.
  std::string Resolve(std::string_view path) const;
  const Fs* fs() const { return fs_; }
  const Environment& environment() const { return environment_; }

 private:
  std::string file_;
  Environment environment_;
  const Fs* fs_;
  std::multimap<std::pair<int, int>, std::string> errors_;  // by line and column
};

// One value and where it is. Cheap to copy.
class YamlValue {
 public:
  YamlValue(YamlContext* context, YamlNode* node, std::string path)
      : context_(context), node_(node), path_(std::move(path)) {}

  YamlNode::Kind kind() const { return node_->kind; }
  bool is_null() const { return node_->kind == YamlNode::Kind::kNull; }
  // Null, an empty map or an empty list: says nothing.
  bool IsEmpty() const;
  const std::string& path() const { return path_; }
  YamlPosition position() const { return node_->position; }

  // Reports `expected <expected>, got <this>`.
  void Expected(std::string_view expected) const;
  // Reports `message` at this place.
  void Fail(std::string_view message) const;

  // Each returns nothing after reporting a wrong type or value.
  std::optional<std::string> ReadString() const;
  std::optional<std::string> ReadSecret() const;  // marks the node: never shown again
  std::optional<bool> ReadBool() const;
  std::optional<int64_t> ReadInt(int64_t min, int64_t max) const;
  std::optional<double> ReadNumber() const;
  std::optional<int64_t> ReadDurationMillis() const;  // 15s
  std::optional<int64_t> ReadBytes() const;           // 512MiB
  std::optional<double> ReadPercent() const;          // 5% -> 0.05
  // Index into `names`.
  std::optional<size_t> ReadChoice(std::initializer_list<std::string_view> names) const;
  std::vector<std::string> ReadStrings() const;
  std::vector<std::pair<std::string, std::string>> ReadStringMap() const;
  // A map whose keys are the writer's, in order of writing; null is an empty one.
  std::vector<std::pair<std::string, YamlValue>> ReadEntries() const;
  std::vector<YamlValue> ReadList() const;  // null is an empty list
  YamlMap ReadMap() const;                  // null is an empty map

 private:
  std::optional<std::string> Expanded(std::string_view expected) const;
  YamlContext* context_;
  YamlNode* node_;
  std::string path_;
};

// A map being read. Call Finish() once all known keys were asked for.
class YamlMap {
 public:
  YamlMap(YamlContext* context, YamlNode* node, std::string path)
      : context_(context), node_(node), path_(std::move(path)) {}

  // Nothing when absent; a null value is present.
  std::optional<YamlValue> Find(std::string_view key);
  // Reports when absent or null.
  std::optional<YamlValue> Require(std::string_view key, std::string_view expected);

  void String(std::string_view key, std::string* out);
  void Bool(std::string_view key, bool* out);
  void Int(std::string_view key, int64_t min, int64_t max, int64_t* out);
  void Number(std::string_view key, double* out);
  void DurationMillis(std::string_view key, int64_t* out);
  void Bytes(std::string_view key, int64_t* out);
  void Percent(std::string_view key, double* out);
  void Strings(std::string_view key, std::vector<std::string>* out);
  // `key`, or the content of the file that `<key>_file` names; both is an error.
  void Secret(std::string_view key, std::string* out);

  // Reports every key that nobody asked for.
  void Finish();
  YamlValue self() const { return {context_, node_, path_}; }

 private:
  YamlContext* context_;
  YamlNode* node_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace synoptic
