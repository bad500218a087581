// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/external_labels.h"

#include <string>

#include "aggregator/upstream/json_stream.h"
#include "base/status.h"
#include "base/yaml_node.h"

namespace synoptic::aggregator {
namespace {

using Event = JsonStream::Event;

// Configurations are long and hardly change; a string of the stream's limit holds most.
absl::StatusOr<std::string> YamlOf(std::string_view data) {
  JsonStream stream;
  stream.Feed(data);
  stream.Finish();
  if (stream.Next() == Event::kObject) {
    while (stream.Next() == Event::kKey) {
      const bool found = stream.text() == "yaml";
      const Event value = stream.Next();
      if (found && value == Event::kString) return std::string(stream.text());
      if (value != Event::kString) break;
    }
  }
  return MakeStatus(absl::StatusCode::kDataLoss, "status/config: expected {{\"yaml\": \"...\"}}");
}

// The top-level mapping `key:` and what is indented under it.
std::string TopLevelBlock(std::string_view yaml, std::string_view key) {
  std::string block;
  bool inside = false;
  while (!yaml.empty()) {
    const size_t end = yaml.find('\n');
    const std::string_view line = yaml.substr(0, end);
    yaml.remove_prefix(end == std::string_view::npos ? yaml.size() : end + 1);
    if (!line.empty() && line[0] != ' ' && line[0] != '#') {
      if (inside) break;
      inside = line.starts_with(key) && line.substr(key.size()).starts_with(':');
    }
    if (inside) block.append(line).append("\n");
  }
  return block;
}

const YamlNode* Find(const YamlNode* map, std::string_view key) {
  if (map == nullptr) return nullptr;
  for (const YamlNode::Entry& entry : map->entries) {
    if (entry.key == key) return entry.value.get();
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<promql::Labels> ParseExternalLabels(std::string_view data) {
  ASSIGN_OR_RETURN(const std::string yaml, YamlOf(data));
  constexpr YamlLimits kLimits = {
      .max_bytes = 64 << 10, .max_nodes = 2000, .max_alias_nodes = 0, .max_depth = 10};
  ASSIGN_OR_RETURN(const YamlDocument document,
                   ParseYaml("status/config", TopLevelBlock(yaml, "global"), kLimits));
  const YamlNode* labels = Find(Find(document.root.get(), "global"), "external_labels");
  std::vector<std::pair<std::string, std::string>> pairs;
  if (labels != nullptr) {
    for (const YamlNode::Entry& entry : labels->entries) {
      pairs.emplace_back(entry.key, entry.value->text);
    }
  }
  return promql::Labels::From(std::move(pairs));
}

}  // namespace synoptic::aggregator
