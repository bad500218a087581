// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/relabel.h"

#include <openssl/evp.h>

#include "base/status.h"
#include "base/strings.h"
#include "promql/model/regexp_template.h"
#include "re2/re2.h"

namespace synoptic::aggregator {
namespace {

using Action = RelabelAction;

constexpr std::string_view kNames[] = {"replace",   "keep",      "drop",     "keepequal",
                                       "dropequal", "hashmod",   "labelmap", "labeldrop",
                                       "labelkeep", "lowercase", "uppercase"};

std::string_view NameOf(Action action) { return kNames[static_cast<size_t>(action)]; }

bool IsValidName(std::string_view name) { return !name.empty() && IsValidUtf8(name); }

bool IsEqualAction(Action action) {
  return action == Action::kKeepEqual || action == Action::kDropEqual;
}
bool IsCaseAction(Action action) {
  return action == Action::kLowercase || action == Action::kUppercase;
}

std::string WithCase(std::string text, bool upper) {
  const char first = upper ? 'a' : 'A';
  for (char& c : text) {
    if (c >= first && c < first + 26) c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

// The last eight bytes of the MD5, as a number.
uint64_t HashOf(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_md5(), nullptr);
  uint64_t hash = 0;
  for (size_t i = 8; i < 16; ++i) hash = hash << 8 | digest[i];
  return hash;
}

re2::RE2::Options Options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}

class Rule {
 public:
  explicit Rule(const RelabelRule& rule)
      : rule_(rule),
        regex_("^(?s:" + rule.regex + ")$", Options()),
        target_(rule.target_label, &regex_),
        replacement_(rule.replacement, &regex_) {}

  // False: dropped.
  bool Apply(promql::LabelsBuilder& labels) const {
    std::string value;
    for (size_t i = 0; i < rule_.source_labels.size(); ++i) {
      if (i > 0) value += rule_.separator;
      value += labels.Get(rule_.source_labels[i]);
    }
    switch (rule_.action) {
      case Action::kKeep:
        return Matches(value);
      case Action::kDrop:
        return !Matches(value);
      case Action::kKeepEqual:
        return labels.Get(rule_.target_label) == value;
      case Action::kDropEqual:
        return labels.Get(rule_.target_label) != value;
      case Action::kReplace:
        Replace(value, labels);
        return true;
      case Action::kHashMod:
        labels.Set(rule_.target_label,
                   std::to_string(HashOf(value) % static_cast<uint64_t>(rule_.modulus)));
        return true;
      case Action::kLowercase:
      case Action::kUppercase:
        labels.Set(rule_.target_label, WithCase(value, rule_.action == Action::kUppercase));
        return true;
      case Action::kLabelMap:
      case Action::kLabelDrop:
      case Action::kLabelKeep:
        ChangeNames(labels);
        return true;
    }
    return true;
  }

 private:
  using Groups = std::vector<re2::StringPiece>;

  bool Matches(std::string_view text) const { return Find(text, nullptr); }
  bool Find(std::string_view text, Groups* groups) const {
    const re2::StringPiece piece(text.data() == nullptr ? "" : text.data(), text.size());
    if (groups != nullptr)
      groups->resize(static_cast<size_t>(regex_.NumberOfCapturingGroups()) + 1);
    return regex_.Match(piece, 0, piece.size(), re2::RE2::UNANCHORED,
                        groups == nullptr ? nullptr : groups->data(),
                        groups == nullptr ? 0 : static_cast<int>(groups->size()));
  }

  void Replace(std::string_view value, promql::LabelsBuilder& labels) const {
    Groups groups;
    if (!Find(value, &groups)) return;
    const std::string target = target_.Expand(groups);
    if (IsValidName(target)) labels.Set(target, replacement_.Expand(groups));
  }

  void ChangeNames(promql::LabelsBuilder& labels) const {
    const promql::Labels before = labels.Build();
    for (const promql::Label label : before) {
      Groups groups;
      const bool matches = Find(label.name, &groups);
      if (rule_.action == Action::kLabelMap) {
        const std::string name = matches ? replacement_.Expand(groups) : "";
        if (IsValidName(name)) labels.Set(name, label.value);
      } else if (matches == (rule_.action == Action::kLabelDrop)) {
        labels.Delete(label.name);
      }
    }
  }

  const RelabelRule rule_;
  const re2::RE2 regex_;
  const promql::RegexpTemplate target_;
  const promql::RegexpTemplate replacement_;
};

class Rules final : public Relabeller {
 public:
  explicit Rules(const std::vector<RelabelRule>& rules) {
    for (const RelabelRule& rule : rules) rules_.push_back(std::make_unique<Rule>(rule));
  }
  std::optional<promql::Labels> Apply(const promql::Labels& labels) const override {
    promql::LabelsBuilder builder(labels);
    for (const auto& rule : rules_) {
      if (!rule->Apply(builder)) return std::nullopt;
    }
    promql::Labels result = builder.Build();
    if (result.empty()) return std::nullopt;
    return result;
  }

 private:
  std::vector<std::unique_ptr<Rule>> rules_;
};

// What only has a meaning for other actions.
absl::Status CheckNothingElse(const RelabelRule& rule) {
  const RelabelRule plain;
  const bool common = rule.modulus == 0 && rule.separator == plain.separator &&
                      rule.replacement == plain.replacement;
  if (IsEqualAction(rule.action) && !(common && rule.regex == plain.regex)) {
    return InvalidArgument(
        "{} action requires only 'source_labels' and `target_label`, and no other fields",
        NameOf(rule.action));
  }
  const bool names = rule.action == Action::kLabelDrop || rule.action == Action::kLabelKeep;
  if (names && !(common && rule.source_labels.empty() && rule.target_label.empty())) {
    return InvalidArgument("{} action requires only 'regex', and no other fields",
                           NameOf(rule.action));
  }
  return absl::OkStatus();
}

}  // namespace

std::span<const std::string_view> RelabelActionNames() { return kNames; }

absl::Status CheckRelabelRule(const RelabelRule& rule) {
  const Action action = rule.action;
  if (const re2::RE2 regex("^(?s:" + rule.regex + ")$", Options()); !regex.ok()) {
    return InvalidArgument("invalid regex \"{}\": {}", rule.regex, regex.error());
  }
  if (rule.modulus == 0 && action == Action::kHashMod) {
    return InvalidArgument("relabel configuration for hashmod requires non-zero modulus");
  }
  const bool has_target = action == Action::kReplace || action == Action::kHashMod ||
                          IsCaseAction(action) || IsEqualAction(action);
  if (has_target && rule.target_label.empty()) {
    return InvalidArgument("relabel configuration for {} action requires 'target_label' value",
                           NameOf(action));
  }
  if (has_target && !IsValidName(rule.target_label)) {
    return InvalidArgument("\"{}\" is invalid 'target_label' for {} action", rule.target_label,
                           NameOf(action));
  }
  if ((IsCaseAction(action) || IsEqualAction(action)) &&
      rule.replacement != RelabelRule().replacement) {
    return InvalidArgument("'replacement' can not be set for {} action", NameOf(action));
  }
  if (action == Action::kLabelMap && !IsValidName(rule.replacement)) {
    return InvalidArgument("\"{}\" is invalid 'replacement' for {} action", rule.replacement,
                           NameOf(action));
  }
  return CheckNothingElse(rule);
}

absl::StatusOr<std::shared_ptr<const Relabeller>> NewRelabeller(
    const std::vector<RelabelRule>& rules) {
  for (const RelabelRule& rule : rules) RETURN_IF_ERROR(CheckRelabelRule(rule));
  return std::make_shared<const Rules>(rules);
}

}  // namespace synoptic::aggregator
