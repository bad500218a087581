// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/go_format.h"
#include "base/yaml_node.h"

namespace synoptic {
namespace {

// Plain text that reads back as the same scalar; everything else is quoted.
bool IsPlain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  if (text.find_first_of("\n\t\"'\\#{}[],&*!|>%@`") != std::string_view::npos) return false;
  if (text.find(": ") != std::string_view::npos || text.back() == ':') return false;
  return text.front() != '-' && text.front() != '?' && text.front() != ':' && text != "~" &&
         text != "null";
}

void AppendText(const YamlNode& node, std::string& out) {
  if (node.secret) {
    out += "<secret>";
  } else if (node.quoted || !IsPlain(node.text)) {
    out += GoQuote(node.text);
  } else {
    out += node.text;
  }
}

void Append(const YamlNode& node, int indent, std::string& out);

// After `key:` or `-`: scalars and empty collections on the same line, others below.
void AppendValue(const YamlNode& node, int indent, std::string& out) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      out += " null\n";
      return;
    case YamlNode::Kind::kScalar:
      out += ' ';
      AppendText(node, out);
      out += '\n';
      return;
    case YamlNode::Kind::kSequence:
      if (node.items.empty()) {
        out += " []\n";
        return;
      }
      break;
    case YamlNode::Kind::kMap:
      if (node.entries.empty()) {
        out += " {}\n";
        return;
      }
      break;
  }
  if (node.secret) {
    out += " <secret>\n";
    return;
  }
  out += '\n';
  Append(node, indent, out);
}

void Append(const YamlNode& node, int indent, std::string& out) {
  const std::string pad(static_cast<size_t>(indent), ' ');
  for (const auto& item : node.items) {
    out += pad + '-';
    AppendValue(*item, indent + 2, out);
  }
  for (const YamlNode::Entry& entry : node.entries) {
    out += pad + (IsPlain(entry.key) ? entry.key : GoQuote(entry.key)) + ':';
    AppendValue(*entry.value, indent + 2, out);
  }
}

}  // namespace

std::string EmitYaml(const YamlNode& node) {
  std::string out;
  if (node.kind == YamlNode::Kind::kMap || node.kind == YamlNode::Kind::kSequence) {
    Append(node, 0, out);
  } else if (node.kind == YamlNode::Kind::kScalar) {
    AppendText(node, out);
    out += '\n';
  }
  return out;
}

}  // namespace synoptic
