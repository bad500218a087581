// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The syntax tree of a template.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alerting/template/value.h"

namespace synoptic::alerting {

struct Pipeline;

// One word of a command.
struct Operand {
  enum class Kind { kDot, kField, kVariable, kLiteral, kFunction, kParenthesis };
  Kind kind = Kind::kDot;
  std::string name;                 // variable (with $) or function
  std::vector<std::string> fields;  // .A.B after a dot, variable or parenthesis
  Value literal;
  std::unique_ptr<Pipeline> pipeline;  // kParenthesis
};

struct Command {
  std::vector<Operand> operands;
};

// [$a[, $b] :=|=] command | command ...
struct Pipeline {
  std::vector<std::string> variables;
  bool declares = false;
  std::vector<Command> commands;
};

struct Node {
  enum class Kind { kText, kAction, kIf, kRange, kWith, kTemplate, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;  // kText; kTemplate: its name
  std::unique_ptr<Pipeline> pipeline;
  std::vector<Node> body;
  std::vector<Node> otherwise;  // else
};

struct ParsedTemplate {
  std::vector<Node> root;
  std::map<std::string, std::vector<Node>> defined;
};

}  // namespace synoptic::alerting
