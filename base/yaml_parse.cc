// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// yaml-cpp's events into our own tree. Its node API is not used: lookups there are linear and its
// tree has no limits.
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "base/status.h"
#include "base/strings.h"
#include "base/yaml_node.h"
#include "yaml-cpp/depthguard.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace synoptic {
namespace {

using NodePtr = std::shared_ptr<YamlNode>;

YamlPosition PositionOf(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Builds the tree. The parser cannot be stopped from here without an exception, so after the first
// failure events are let go by; that costs time in proportion to the file and no memory.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const YamlLimits& limits) : limits_(limits) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Place(NewNode(YamlNode::Kind::kNull, mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckTag(mark, tag);
    // In key position nothing but the text matters.
    NodePtr node = NewNode(YamlNode::Kind::kScalar, mark);
    node->text = value;
    node->quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!node->quoted &&
        (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL")) {
      node->kind = YamlNode::Kind::kNull;
    }
    Place(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (failed()) return;
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) {
      return Fail(PositionOf(mark), "an alias to a value that contains it");
    }
    const size_t size = sizes_[it->second.get()];
    alias_nodes_ += size;
    nodes_ += size;
    if (alias_nodes_ > limits_.max_alias_nodes) {
      return Fail(PositionOf(mark),
                  fmt::format("aliases expand to more than {} values", limits_.max_alias_nodes));
    }
    Place(it->second, YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    CheckTag(mark, tag);
    Open(NewNode(YamlNode::Kind::kSequence, mark), anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    CheckTag(mark, tag);
    Open(NewNode(YamlNode::Kind::kMap, mark), anchor);
  }
  void OnMapEnd() override { Close(); }

  bool failed() const { return !message_.empty(); }
  const std::string& message() const { return message_; }
  YamlPosition position() const { return position_; }
  NodePtr root() const { return root_ != nullptr ? root_ : std::make_shared<YamlNode>(); }

 private:
  // A map or sequence that is being filled.
  struct Frame {
    NodePtr node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    size_t nodes_before = 0;
    bool has_key = false;
    std::string key;
    YamlPosition key_position;
    std::unordered_set<std::string> keys;
  };

  NodePtr NewNode(YamlNode::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->position = PositionOf(mark);
    return node;
  }

  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str" ||
        tag == "tag:yaml.org,2002:map" || tag == "tag:yaml.org,2002:seq") {
      return;
    }
    Fail(PositionOf(mark), fmt::format("the tag \"{}\" is not supported", tag));
  }

  void Fail(YamlPosition position, std::string message) {
    if (failed()) return;
    message_ = std::move(message);
    position_ = position;
    stack_.clear();
  }

  void Open(NodePtr node, YAML::anchor_t anchor) {
    if (failed()) return;
    if (static_cast<int>(stack_.size()) >= limits_.max_depth) {
      return Fail(node->position, fmt::format("nested deeper than {} levels", limits_.max_depth));
    }
    if (!stack_.empty() && stack_.back().node->kind == YamlNode::Kind::kMap &&
        !stack_.back().has_key) {
      return Fail(node->position, "expected a scalar as key, got a map or a list");
    }
    Frame frame;
    frame.node = std::move(node);
    frame.anchor = anchor;
    frame.nodes_before = nodes_;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    if (failed()) return;
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    sizes_[frame.node.get()] = nodes_ - frame.nodes_before + 1;
    Place(std::move(frame.node), frame.anchor);
  }

  void Place(NodePtr node, YAML::anchor_t anchor) {
    if (failed()) return;
    if (++nodes_ > limits_.max_nodes) {
      return Fail(node->position, fmt::format("more than {} values", limits_.max_nodes));
    }
    sizes_.try_emplace(node.get(), 1);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    if (top.node->kind == YamlNode::Kind::kSequence) {
      top.node->items.push_back(std::move(node));
    } else if (top.has_key) {
      top.has_key = false;
      top.node->entries.push_back({std::move(top.key), top.key_position, std::move(node)});
    } else {
      PlaceKey(top, *node);
    }
  }

  void PlaceKey(Frame& top, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kScalar && node.kind != YamlNode::Kind::kNull) {
      return Fail(node.position, "expected a scalar as key, got a map or a list");
    }
    if (!top.keys.insert(node.text).second) {
      return Fail(node.position, fmt::format("the key \"{}\" is there twice", node.text));
    }
    top.has_key = true;
    top.key = node.text;
    top.key_position = node.position;
  }

  const YamlLimits& limits_;
  std::vector<Frame> stack_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  std::unordered_map<const YamlNode*, size_t> sizes_;
  NodePtr root_;
  size_t nodes_ = 0;
  size_t alias_nodes_ = 0;
  std::string message_;
  YamlPosition position_;
};

absl::Status At(const std::string& file, YamlPosition position, std::string_view message) {
  return InvalidArgument("{}:{}:{}: {}", file, position.line, position.column, message);
}

YamlPosition EndOf(std::string_view text) {
  YamlPosition position;
  for (const char c : text) {
    position = c == '\n' ? YamlPosition{position.line + 1, 1}
                         : YamlPosition{position.line, position.column + 1};
  }
  return position;
}

// Runs the parser over the first document. yaml-cpp reports by exception; they stop here.
absl::Status Run(const std::string& file, std::string_view text, Builder& builder, bool& more) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (builder.failed()) return At(file, builder.position(), builder.message());
    more = static_cast<bool>(parser);
    return absl::OkStatus();
  } catch (const YAML::DeepRecursion& e) {
    return At(file, PositionOf(e.mark), "nested too deep");
  } catch (const YAML::Exception& e) {
    // What is missing at the end of the file is reported without a place.
    const bool at_end = e.mark.line <= 0 && e.mark.column <= 0 && e.msg.starts_with("end of ");
    return At(file, at_end ? EndOf(text) : PositionOf(e.mark),
              fmt::format("broken YAML: {}", e.msg));
  }
}

}  // namespace

absl::StatusOr<YamlDocument> ParseYaml(std::string file, std::string_view text,
                                       const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return InvalidArgument("{}: {} bytes, at most {} are read", file, text.size(),
                           limits.max_bytes);
  }
  if (!IsValidUtf8(text)) return InvalidArgument("{}: expected UTF-8 text", file);
  Builder builder(limits);
  YamlDocument document;
  RETURN_IF_ERROR(Run(file, text, builder, document.more_documents));
  document.file = std::move(file);
  document.root = builder.root();
  return document;
}

}  // namespace synoptic
