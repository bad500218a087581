// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/template.h"

#include "alerting/template/functions.h"
#include "alerting/template/parser.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

Value LabelMap(const promql::Labels& labels) {
  ValueMap map;
  for (const promql::Label label : labels) {
    map.entries.emplace(std::string(label.name), Value(std::string(label.value)));
  }
  return Value(std::move(map));
}

// How the walk of a block ended.
enum class Flow { kNormal, kBreak, kContinue };

class Execution {
 public:
  Execution(const ParsedTemplate& parsed, const TemplateData& data, const TemplateLimits& limits)
      : parsed_(parsed), data_(data), limits_(limits) {
    ValueMap root;
    root.is_struct = true;
    root.entries = {{"Labels", LabelMap(data.labels)},
                    {"ExternalLabels", LabelMap(data.external_labels)},
                    {"ExternalURL", Value(data.external_url)},
                    {"Value", data.histogram.empty() ? Value(data.value) : Value(data.histogram)}};
    variables_ = {{"$labels", root.entries["Labels"]},
                  {"$externalLabels", root.entries["ExternalLabels"]},
                  {"$externalURL", root.entries["ExternalURL"]},
                  {"$value", root.entries["Value"]},
                  {"$low", Value(data.low)},
                  {"$high", Value(data.high)},
                  {"$coverage", Value(data.coverage)},
                  {"$assumes", Value(data.assumes)}};
    const Value dot(std::move(root));
    variables_.emplace_back("$", dot);
    dot_ = dot;
  }

  absl::StatusOr<std::string> Run() {
    ASSIGN_OR_RETURN(Flow flow, Walk(parsed_.root, dot_, 0));
    static_cast<void>(flow);
    return std::move(out_);
  }

 private:
  absl::StatusOr<Flow> Walk(const std::vector<Node>& nodes, const Value& dot, int depth) {
    if (depth > limits_.max_depth) return InvalidArgument("exceeded maximum template depth");
    const size_t scope = variables_.size();
    for (const Node& node : nodes) {
      if (++steps_ > limits_.max_steps)
        return InvalidArgument("more than {} steps", limits_.max_steps);
      ASSIGN_OR_RETURN(const Flow flow, One(node, dot, depth));
      if (flow != Flow::kNormal) {
        variables_.resize(scope);
        return flow;
      }
      if (full_) break;
    }
    variables_.resize(scope);
    return Flow::kNormal;
  }

  absl::StatusOr<Flow> One(const Node& node, const Value& dot, int depth) {
    switch (node.kind) {
      case Node::Kind::kText:
        Emit(node.text);
        return Flow::kNormal;
      case Node::Kind::kBreak:
        return Flow::kBreak;
      case Node::Kind::kContinue:
        return Flow::kContinue;
      case Node::Kind::kAction: {
        ASSIGN_OR_RETURN(const Value value, Evaluate(*node.pipeline, dot, depth));
        if (node.pipeline->variables.empty()) Emit(value.Print());
        return Flow::kNormal;
      }
      case Node::Kind::kIf:
      case Node::Kind::kWith: {
        const size_t scope = variables_.size();
        ASSIGN_OR_RETURN(const Value value, Evaluate(*node.pipeline, dot, depth));
        const bool truth = value.Truth();
        const Value& inner = truth && node.kind == Node::Kind::kWith ? value : dot;
        auto flow = Walk(truth ? node.body : node.otherwise, inner, depth + 1);
        variables_.resize(scope);
        return flow;
      }
      case Node::Kind::kRange:
        return Range(node, dot, depth);
      case Node::Kind::kTemplate: {
        const auto it = parsed_.defined.find(node.text);
        if (it == parsed_.defined.end()) {
          return InvalidArgument("template {:?} not defined", node.text);
        }
        Value inner;
        if (node.pipeline != nullptr) {
          ASSIGN_OR_RETURN(inner, Evaluate(*node.pipeline, dot, depth));
        }
        return Walk(it->second, inner, depth + 1);
      }
    }
    return Flow::kNormal;
  }

  absl::StatusOr<Flow> Range(const Node& node, const Value& dot, int depth) {
    const size_t scope = variables_.size();
    ASSIGN_OR_RETURN(const Value over, Evaluate(*node.pipeline, dot, depth));
    variables_.resize(scope);
    std::vector<std::pair<Value, Value>> items;  // key or index, element
    if (const ValueList* list = over.list()) {
      for (size_t i = 0; i < list->size(); ++i) {
        items.emplace_back(Value(static_cast<int64_t>(i)), (*list)[i]);
      }
    } else if (const ValueMap* map = over.map(); map != nullptr && !map->is_struct) {
      for (const auto& [key, value] : map->entries) items.emplace_back(Value(key), value);
    } else if (over.As<std::monostate>() == nullptr) {
      return InvalidArgument("range can't iterate over {}", over.Print());
    }
    if (items.empty()) return Walk(node.otherwise, dot, depth + 1);
    for (const auto& [key, element] : items) {
      const auto& names = node.pipeline->variables;
      if (names.size() == 1) variables_.emplace_back(names[0], element);
      if (names.size() == 2) {
        variables_.emplace_back(names[0], key);
        variables_.emplace_back(names[1], element);
      }
      auto flow = Walk(node.body, element, depth + 1);
      variables_.resize(scope);
      if (!flow.ok()) return flow;
      if (*flow == Flow::kBreak || full_) break;
    }
    return Flow::kNormal;
  }

  absl::StatusOr<Value> Evaluate(const Pipeline& pipeline, const Value& dot, int depth) {
    std::optional<Value> previous;
    for (const Command& command : pipeline.commands) {
      ASSIGN_OR_RETURN(previous, RunCommand(command, dot, previous, depth));
    }
    if (pipeline.variables.size() == 1) {
      if (pipeline.declares) {
        variables_.emplace_back(pipeline.variables[0], *previous);
      } else {
        Value* variable = FindVariable(pipeline.variables[0]);
        if (variable == nullptr) {
          return InvalidArgument("undefined variable {:?}", pipeline.variables[0]);
        }
        *variable = *previous;
      }
    }
    return *previous;
  }

  absl::StatusOr<Value> RunCommand(const Command& command, const Value& dot,
                                   const std::optional<Value>& piped, int depth) {
    const Operand& head = command.operands.front();
    if (head.kind != Operand::Kind::kFunction) {
      if (command.operands.size() > 1 || piped.has_value()) {
        return InvalidArgument("can't give argument to non-function");
      }
      return Resolve(head, dot, depth);
    }
    std::vector<Value> args;
    for (size_t i = 1; i < command.operands.size(); ++i) {
      ASSIGN_OR_RETURN(args.emplace_back(), Resolve(command.operands[i], dot, depth));
    }
    if (piped.has_value()) args.push_back(*piped);
    ASSIGN_OR_RETURN(Value value, CallTemplateFunction(head.name, args, data_));
    return Fields(std::move(value), head.fields);
  }

  absl::StatusOr<Value> Resolve(const Operand& operand, const Value& dot, int depth) {
    if (++steps_ > limits_.max_steps)
      return InvalidArgument("more than {} steps", limits_.max_steps);
    switch (operand.kind) {
      case Operand::Kind::kDot:
      case Operand::Kind::kField:
        return Fields(dot, operand.fields);
      case Operand::Kind::kLiteral:
        return operand.literal;
      case Operand::Kind::kVariable: {
        const Value* variable = FindVariable(operand.name);
        if (variable == nullptr) return InvalidArgument("undefined variable {:?}", operand.name);
        return Fields(*variable, operand.fields);
      }
      case Operand::Kind::kFunction: {
        ASSIGN_OR_RETURN(Value value, CallTemplateFunction(operand.name, {}, data_));
        return Fields(std::move(value), operand.fields);
      }
      case Operand::Kind::kParenthesis: {
        ASSIGN_OR_RETURN(Value value, Evaluate(*operand.pipeline, dot, depth + 1));
        return Fields(std::move(value), operand.fields);
      }
    }
    return Value();
  }

  static absl::StatusOr<Value> Fields(Value value, const std::vector<std::string>& fields) {
    for (const std::string& field : fields) {
      const ValueMap* map = value.map();
      if (map == nullptr) {
        return InvalidArgument("can't evaluate field {} in type {}", field, value.TypeName());
      }
      const auto it = map->entries.find(field);
      if (it == map->entries.end()) {
        if (map->is_struct) return InvalidArgument("can't evaluate field {} in type struct", field);
        value = Value(std::string());  // missingkey=zero
      } else {
        value = Value(it->second);
      }
    }
    return value;
  }

  Value* FindVariable(const std::string& name) {
    for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
      if (it->first == name) return &it->second;
    }
    return nullptr;
  }

  void Emit(std::string_view text) {
    if (full_) return;
    if (out_.size() + text.size() > limits_.max_output_bytes) {
      out_ += text.substr(0, limits_.max_output_bytes - out_.size());
      out_ += "... (cut)";
      full_ = true;
      return;
    }
    out_ += text;
  }

  const ParsedTemplate& parsed_;
  const TemplateData& data_;
  const TemplateLimits& limits_;
  std::vector<std::pair<std::string, Value>> variables_;
  Value dot_;
  std::string out_;
  bool full_ = false;
  int steps_ = 0;
};

}  // namespace

absl::StatusOr<std::string> ExpandTemplate(std::string_view name, std::string_view text,
                                           const TemplateData& data, const TemplateLimits& limits) {
  // Most labels and many annotations are plain text.
  if (text.find("{{") == std::string_view::npos && text.size() <= limits.max_output_bytes) {
    return std::string(text);
  }
  auto parsed = ParseTemplate(text, limits);
  if (!parsed.ok()) {
    return Annotate(parsed.status(), fmt::format("error parsing template {}", name));
  }
  auto expanded = Execution(*parsed, data, limits).Run();
  if (!expanded.ok()) {
    return Annotate(expanded.status(), fmt::format("error executing template {}", name));
  }
  return expanded;
}

absl::Status CheckTemplate(std::string_view name, std::string_view text,
                           const TemplateLimits& limits) {
  return Annotate(ParseTemplate(text, limits).status(),
                  fmt::format("error parsing template {}", name));
}

}  // namespace synoptic::alerting
