// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One YAML document as a tree of positioned nodes, read within limits.
//
// Parsing accepts what Prometheus' files contain: one document, anchors and aliases, duplicate keys
// refused. Immutable after parsing but for the `secret` marks that readers set. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic {

// Lines and columns count from 1.
struct YamlPosition {
  int line = 1;
  int column = 1;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  struct Entry {
    std::string key;
    YamlPosition position;
    std::shared_ptr<YamlNode> value;
  };

  Kind kind = Kind::kNull;
  YamlPosition position;
  std::string text;                              // kScalar: as written, without quotes
  bool quoted = false;                           // kScalar: "5" is a string, 5 may be a number
  std::vector<std::shared_ptr<YamlNode>> items;  // kSequence; aliases share nodes
  std::vector<Entry> entries;                    // kMap, in order of writing
  bool secret = false;  // its text is never shown: set by YamlValue::ReadSecret
};

struct YamlLimits {
  size_t max_bytes = 4 << 20;
  size_t max_nodes = 200'000;       // counting what aliases repeat
  size_t max_alias_nodes = 10'000;  // nodes that aliases add
  int max_depth = 100;
};

struct YamlDocument {
  std::string file;                // for messages
  std::shared_ptr<YamlNode> root;  // kNull for an empty file
  bool more_documents = false;     // a second document was there, and ignored
};

// InvalidArgument `file:line:column: ...` for broken YAML or a limit.
absl::StatusOr<YamlDocument> ParseYaml(std::string file, std::string_view text,
                                       const YamlLimits& limits = {});

// The document as YAML again, block style, with "<secret>" in place of secrets. Comments and
// anchors are gone.
std::string EmitYaml(const YamlNode& node);

}  // namespace synoptic
