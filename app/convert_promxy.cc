// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/convert_promxy.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/duration.h"
#include "base/status.h"
#include "base/yaml_reader.h"

namespace synoptic::app {
namespace {

using NodePtr = std::shared_ptr<YamlNode>;

NodePtr Scalar(std::string text, bool quoted = false) {
  auto node = std::make_shared<YamlNode>();
  node->kind = YamlNode::Kind::kScalar;
  // A dollar before a brace names a variable of the environment in our files, and not in Promxy's.
  for (size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3)
    text.insert(at, "$");
  node->text = std::move(text);
  node->quoted = quoted;
  return node;
}

NodePtr List(std::vector<NodePtr> items) {
  auto node = std::make_shared<YamlNode>();
  node->kind = YamlNode::Kind::kSequence;
  node->items = std::move(items);
  return node;
}

// A map being written.
class MapNode {
 public:
  MapNode() : node_(std::make_shared<YamlNode>()) { node_->kind = YamlNode::Kind::kMap; }
  void Set(std::string key, NodePtr value) {
    node_->entries.push_back({std::move(key), {}, std::move(value)});
  }
  bool empty() const { return node_->entries.empty(); }
  NodePtr node() const { return node_; }

 private:
  NodePtr node_;
};

// What the reader saw, to be written again: sections that are Prometheus' own in both programs.
NodePtr Copy(const YamlValue& value) {
  switch (value.kind()) {
    case YamlNode::Kind::kSequence: {
      std::vector<NodePtr> items;
      for (const YamlValue& item : value.ReadList()) items.push_back(Copy(item));
      return List(std::move(items));
    }
    case YamlNode::Kind::kMap: {
      MapNode map;
      for (const auto& [key, item] : value.ReadEntries()) map.Set(key, Copy(item));
      return map.node();
    }
    case YamlNode::Kind::kScalar:
      return Scalar(value.ReadString().value_or(""), /*quoted=*/false);
    case YamlNode::Kind::kNull:
      break;
  }
  return std::make_shared<YamlNode>();
}

using LabelPairs = std::vector<std::pair<std::string, std::string>>;

struct Group {
  YamlPosition position;
  LabelPairs labels;
  std::vector<std::string> targets;  // host:port
  std::vector<std::pair<std::string, NodePtr>> discovery;
  std::string scheme = "http";
  std::string path_prefix;
  bool ignore_error = false;
  MapNode http;
  int64_t min_age_ms = 0;
  int64_t max_age_ms = 0;
};

class Converter {
 public:
  Converter(std::string file, YamlContext* context) : file_(std::move(file)), context_(context) {}

  void Run(const YamlValue& root) {
    YamlMap map = root.ReadMap();
    if (auto v = map.Find("global")) ReadGlobal(*v);
    if (auto v = map.Require("promxy", "promxy's own section, with server_groups")) ReadPromxy(*v);
    if (auto v = map.Find("rule_files")) out_.Set("rule_files", Copy(*v));
    if (auto v = map.Find("alerting")) out_.Set("alerting", Copy(*v));
    if (auto v = map.Find("remote_write"); v && !v->IsEmpty()) {
      out_.Set("remote_write", Copy(*v));
    }
    for (const char* key :
         {"scrape_configs", "remote_read", "storage", "tracing", "tls_server_config"}) {
      if (auto v = map.Find(key); v && !v->IsEmpty()) {
        Note(*v, "left out: it has no meaning for Synoptic");
      }
    }
    map.Finish();
  }

  Converted Take() {
    std::vector<std::string> notes;
    for (auto& [position, text] : notes_) notes.push_back(std::move(text));
    return {EmitYaml(*out_.node()), std::move(notes)};
  }

 private:
  void NoteAt(YamlPosition position, std::string_view path, std::string_view text) {
    notes_.emplace(
        std::pair(position.line, position.column),
        fmt::format("{}:{}:{}: {}: {}", file_, position.line, position.column, path, text));
  }
  void Note(const YamlValue& value, std::string_view text) {
    NoteAt(value.position(), value.path(), text);
  }

  void ReadGlobal(const YamlValue& value) {
    YamlMap map = value.ReadMap();
    MapNode global;
    for (const char* key : {"evaluation_interval", "external_labels"}) {
      if (auto v = map.Find(key); v && !v->is_null()) global.Set(key, Copy(*v));
    }
    for (const char* key : {"scrape_interval", "scrape_timeout", "query_log_file",
                            "rule_query_offset", "scrape_protocols"}) {
      if (auto v = map.Find(key); v && !v->is_null())
        Note(*v, "left out: it has no meaning for Synoptic");
    }
    map.Finish();
    if (!global.empty()) out_.Set("global", global.node());
  }

  void ReadPromxy(const YamlValue& value) {
    YamlMap map = value.ReadMap();
    std::vector<Group> groups;
    if (auto v = map.Require("server_groups", "the list of server groups")) {
      for (const YamlValue& item : v->ReadList()) groups.push_back(ReadGroup(item));
      if (groups.empty()) v->Fail("expected at least one server group, got none");
    }
    map.Finish();
    if (context_->ok()) WriteRegions(groups);
  }

  Group ReadGroup(const YamlValue& value) {
    Group group;
    group.position = value.position();
    YamlMap map = value.ReadMap();
    if (auto v = map.Find("static_configs")) ReadTargets(*v, &group);
    map.String("scheme", &group.scheme);
    if (auto v = map.Find("path_prefix"); v && !v->is_null()) {
      group.path_prefix = v->ReadString().value_or("");
      while (group.path_prefix.ends_with('/')) group.path_prefix.pop_back();
    }
    for (const char* key :
         {"file_sd_configs", "dns_sd_configs", "kubernetes_sd_configs", "consul_sd_configs",
          "ec2_sd_configs", "gce_sd_configs", "http_sd_configs", "azure_sd_configs",
          "openstack_sd_configs", "marathon_sd_configs", "nerve_sd_configs", "serverset_sd_configs",
          "triton_sd_configs"}) {
      if (auto v = map.Find(key)) {
        Note(*v, "left out: there is no discovery; name the servers under `replicas`");
      }
    }
    if (auto v = map.Find("labels")) group.labels = v->ReadStringMap();
    if (auto v = map.Find("anti_affinity"); v && !v->is_null()) {
      (void)v->ReadDurationMillis();
      Note(*v,
           "left out, and replicas are merged in another way: the interval between samples is "
           "learned, one replica is read and only its holes are filled from another");
    }
    if (auto v = map.Find("ignore_error"); v && !v->is_null()) {
      group.ignore_error = v->ReadBool().value_or(false);
    }
    if (auto v = map.Find("downgrade_error"); v && !v->is_null() && v->ReadBool().value_or(false)) {
      group.ignore_error = true;
      Note(*v, "became policy optional; `degrade` would answer with a warning instead");
    }
    ReadReading(&map);
    ReadTimes(&map, &group);
    if (auto v = map.Find("timeout"); v && !v->is_null()) group.http.Set("timeout", Copy(*v));
    if (auto v = map.Find("http_client")) ReadHttpClient(*v, &group);
    map.Finish();
    return group;
  }

  void ReadTargets(const YamlValue& value, Group* group) {
    for (const YamlValue& item : value.ReadList()) {
      YamlMap map = item.ReadMap();
      if (auto targets = map.Require("targets", "a list of host:port")) {
        for (std::string& target : targets->ReadStrings())
          group->targets.push_back(std::move(target));
      }
      if (auto labels = map.Find("labels"); labels && !labels->IsEmpty()) {
        Note(*labels,
             "left out: labels of single targets; put what all targets of the group share "
             "into the group's labels");
      }
      map.Finish();
    }
  }

  // How samples are asked for and changed on their way.
  void ReadReading(YamlMap* map) {
    if (auto v = map->Find("remote_read"); v && !v->is_null()) (void)v->ReadBool();
    if (auto v = map->Find("remote_read_path"); v && !v->is_null()) {
      Note(*v, "left out: remote read is asked for at <path_prefix>/api/v1/read");
    }
    if (auto v = map->Find("query_params"); v && !v->IsEmpty()) {
      bool victoria = false;
      for (const auto& [name, text] : v->ReadStringMap()) victoria = victoria || name == "nocache";
      Note(*v, victoria
                   ? "left out; if this is VictoriaMetrics, set `flavor: victoriametrics`, which "
                     "sends nocache=1 itself"
                   : "left out: parameters of one's own are not sent");
    }
    for (const char* key : {"relabel_configs", "metrics_relabel_configs"}) {
      if (auto v = map->Find(key); v && !v->IsEmpty()) {
        Note(*v,
             "left out: series keep the labels they have; labels that tell replicas apart belong "
             "into `replica_labels`, of other labels a topology label's name comes out as "
             "exported_<name>");
      }
    }
    if (auto v = map->Find("prefer_max"); v && v->ReadBool().value_or(false)) {
      Note(*v, "left out, and equal times are decided in another way: one replica's sample stays");
    }
    if (auto v = map->Find("label_filter"); v && !v->IsEmpty()) {
      Note(*v, "left out: which regions can hold a series follows from their labels and matchers");
    }
  }

  // start: -30d, end: -2h.
  void ReadTimes(YamlMap* map, Group* group) {
    if (auto v = map->Find("relative_time_range"); v && !v->is_null()) {
      YamlMap range = v->ReadMap();
      ReadAge(range.Find("start"), &group->max_age_ms);
      ReadAge(range.Find("end"), &group->min_age_ms);
      if (auto truncate = range.Find("truncate"); truncate && !truncate->is_null()) {
        (void)truncate->ReadBool();
        Note(*truncate,
             "left out: a query is cut where the ranges meet, with the lookback of each "
             "part taken from the store that has it");
      }
      range.Finish();
    }
    if (auto v = map->Find("absolute_time_range"); v && !v->is_null()) {
      Note(*v, "left out: shards hold ages (time_range: {min_age, max_age}), not dates");
    }
  }
  void ReadAge(const std::optional<YamlValue>& value, int64_t* age_ms) {
    if (!value || value->is_null()) return;
    std::string text = value->ReadString().value_or("");
    if (!text.starts_with('-')) return value->Expected("a negative duration like -3h");
    const auto duration = ParseDurationMillis(std::string_view(text).substr(1));
    if (!duration.ok()) return value->Expected("a negative duration like -3h");
    *age_ms = *duration;
  }

  void ReadHttpClient(const YamlValue& value, Group* group) {
    YamlMap map = value.ReadMap();
    for (const char* key : {"basic_auth", "authorization", "tls_config", "oauth2"}) {
      if (auto v = map.Find(key); v && !v->IsEmpty()) group->http.Set(key, Copy(*v));
    }
    for (const auto& [key, ours] :
         {std::pair("bearer_token", "credentials"), {"bearer_token_file", "credentials_file"}}) {
      if (auto v = map.Find(key); v && !v->is_null()) {
        MapNode authorization;
        authorization.Set(ours, Copy(*v));
        group->http.Set("authorization", authorization.node());
      }
    }
    if (auto v = map.Find("dial_timeout"); v && !v->is_null()) {
      Note(*v, "left out: connections are given up after 2 s, and a sibling is asked long before");
    }
    for (const char* key : {"proxy_url", "follow_redirects", "enable_http2", "max_idle_conns",
                            "idle_conn_timeout", "no_proxy"}) {
      if (auto v = map.Find(key); v && !v->is_null()) {
        Note(*v, "left out: requests go straight to the server, over HTTP/1.1, without redirects");
      }
    }
    map.Finish();
  }

  static std::string TextOf(const LabelPairs& labels) {
    std::string text;
    for (const auto& [name, value] : labels) text += (text.empty() ? "" : "-") + value;
    return text;
  }

  NodePtr ShardOf(const Group& group, std::string name) {
    MapNode shard;
    shard.Set("name", Scalar(std::move(name)));
    std::vector<NodePtr> replicas;
    for (const std::string& target : group.targets) {
      MapNode replica;
      replica.Set("url", Scalar(group.scheme + "://" + target + group.path_prefix, true));
      replicas.push_back(replica.node());
    }
    if (!replicas.empty()) shard.Set("replicas", List(std::move(replicas)));
    for (const auto& [key, node] : group.discovery) shard.Set(key, node);
    if (!group.http.empty()) shard.Set("http", group.http.node());
    if (group.min_age_ms != 0 || group.max_age_ms != 0) {
      MapNode range;
      if (group.min_age_ms != 0)
        range.Set("min_age", Scalar(FormatDurationMillis(group.min_age_ms)));
      if (group.max_age_ms != 0)
        range.Set("max_age", Scalar(FormatDurationMillis(group.max_age_ms)));
      shard.Set("time_range", range.node());
    }
    return shard.node();
  }

  void WriteRegions(std::vector<Group>& groups) {
    // Regions by labels, in order of appearance.
    std::vector<std::pair<LabelPairs, std::vector<const Group*>>> regions;
    for (size_t i = 0; i < groups.size(); ++i) {
      Group& group = groups[i];
      const std::string path = fmt::format("promxy.server_groups[{}]", i);
      if (group.targets.empty() && group.discovery.empty()) {
        NoteAt(group.position, path, "has no targets that can be carried over: add its replicas");
      }
      LabelPairs labels = group.labels;
      const bool by_time = group.min_age_ms != 0 || group.max_age_ms != 0;
      const auto same = [&](const auto& region) { return region.first == labels; };
      auto known = std::find_if(regions.begin(), regions.end(), same);
      const bool joins = known != regions.end() && by_time;
      if (labels.empty() || (known != regions.end() && !joins)) {
        labels.emplace_back("server_group", fmt::format("group-{}", i + 1));
        NoteAt(group.position, path,
               fmt::format(
                   "every series gets the label server_group=\"group-{}\": regions need labels "
                   "that tell them apart. If it holds the same data as another group, list "
                   "its targets there as replicas",
                   i + 1));
        known = regions.end();
      }
      if (known == regions.end()) {
        regions.push_back({std::move(labels), {}});
        known = std::prev(regions.end());
      }
      known->second.push_back(&group);
      NoteAt(group.position, path,
             group.ignore_error
                 ? "policy optional: missing without a warning, as ignore_error does"
                 : "policy require: without it a query fails, as in Promxy; `degrade` answers with "
                   "what there is and says what is missing");
    }
    std::vector<NodePtr> list;
    std::set<std::string> names;
    for (const auto& [labels, members] : regions) {
      std::string name = TextOf(labels);
      while (!names.insert(name).second) name += "-2";
      MapNode region, label_map;
      region.Set("name", Scalar(name));
      for (const auto& [label, value] : labels) label_map.Set(label, Scalar(value, true));
      region.Set("labels", label_map.node());
      const bool optional = std::all_of(members.begin(), members.end(),
                                        [](const Group* group) { return group->ignore_error; });
      region.Set("policy", Scalar(optional ? "optional" : "require"));
      std::vector<NodePtr> shards;
      for (const Group* group : members) {
        shards.push_back(ShardOf(
            *group, members.size() == 1 ? "main" : fmt::format("part-{}", shards.size() + 1)));
      }
      region.Set("shards", List(std::move(shards)));
      list.push_back(region.node());
    }
    out_.Set("regions", List(std::move(list)));
  }

  const std::string file_;
  YamlContext* const context_;
  MapNode out_;
  std::multimap<std::pair<int, int>, std::string> notes_;
};

}  // namespace

absl::StatusOr<Converted> ConvertPromxy(const std::string& file, std::string_view text) {
  ASSIGN_OR_RETURN(YamlDocument document, ParseYaml(file, text));
  YamlContext context(file);
  Converter converter(file, &context);
  converter.Run(YamlValue(&context, document.root.get(), ""));
  RETURN_IF_ERROR(context.status());
  return converter.Take();
}

}  // namespace synoptic::app
