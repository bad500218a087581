// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/parser.h"

#include <charconv>

#include "alerting/template/functions.h"
#include "alerting/template/lexer.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

// Words of one action, read front to back.
class Words {
 public:
  explicit Words(std::vector<Word> words) : words_(std::move(words)) {}
  bool done() const { return i_ == words_.size(); }
  const Word* peek(size_t ahead = 0) const {
    return i_ + ahead < words_.size() ? &words_[i_ + ahead] : nullptr;
  }
  bool next_is(Word::Kind kind, size_t ahead = 0) const {
    const Word* word = peek(ahead);
    return word != nullptr && word->kind == kind;
  }
  Word& take() { return words_[i_++]; }
  bool take_identifier(std::string_view name) {
    if (!next_is(Word::Kind::kIdentifier) || peek()->text != name) return false;
    ++i_;
    return true;
  }

 private:
  std::vector<Word> words_;
  size_t i_ = 0;
};

absl::StatusOr<Value> ParseNumber(const std::string& text) {
  const char* first = text.data() + (text[0] == '+' ? 1 : 0);
  const char* last = text.data() + text.size();
  int64_t integer = 0;
  if (auto [end, error] = std::from_chars(first, last, integer);
      error == std::errc() && end == last) {
    return Value(integer);
  }
  double number = 0;
  if (auto [end, error] = std::from_chars(first, last, number);
      error == std::errc() && end == last) {
    return Value(number);
  }
  return InvalidArgument("bad number syntax: {:?}", text);
}

class Parser {
 public:
  Parser(std::vector<Segment> segments, const TemplateLimits& limits)
      : segments_(std::move(segments)), limits_(limits) {}

  absl::StatusOr<ParsedTemplate> Run() {
    std::string stop;
    RETURN_IF_ERROR(ParseBlock(result_.root, {}, &stop, 0));
    return std::move(result_);
  }

 private:
  absl::Status Error(std::string_view what) const {
    const int line = i_ == 0 ? 1 : segments_[std::min(i_, segments_.size()) - 1].line;
    return InvalidArgument("line {}: {}", line, what);
  }

  // Reads nodes until an action that starts with one of `stops`; what follows the stop word stays
  // in pending_. No stops: until the end.
  absl::Status ParseBlock(std::vector<Node>& out, std::vector<std::string_view> stops,
                          std::string* stop, int depth) {
    if (depth > limits_.max_depth) return Error("blocks nested too deeply");
    while (i_ < segments_.size()) {
      const Segment segment = segments_[i_++];
      if (!segment.action) {
        Node& node = out.emplace_back();
        node.text = std::string(segment.text);
        continue;
      }
      auto words = SplitAction(segment.text);
      if (!words.ok()) return Error(MessageOf(words.status()));
      Words action(std::move(*words));
      if (action.done()) return Error("missing value for command");
      for (const std::string_view candidate : stops) {
        if (action.take_identifier(candidate)) {
          *stop = std::string(candidate);
          pending_.emplace(std::move(action));
          return absl::OkStatus();
        }
      }
      RETURN_IF_ERROR(ParseAction(action, out, depth));
      if (!action.done())
        return Error(fmt::format("unexpected {:?} in action", action.peek()->text));
    }
    if (!stops.empty()) return Error("unexpected EOF");
    return absl::OkStatus();
  }

  absl::Status ParseAction(Words& action, std::vector<Node>& out, int depth) {
    if (action.take_identifier("if")) return Control(Node::Kind::kIf, action, out, depth);
    if (action.take_identifier("range")) return Control(Node::Kind::kRange, action, out, depth);
    if (action.take_identifier("with")) return Control(Node::Kind::kWith, action, out, depth);
    if (action.take_identifier("define")) return Define(action, nullptr, depth);
    if (action.take_identifier("block")) return Define(action, &out, depth);
    if (action.take_identifier("template")) return Include(action, out, depth);
    if (action.take_identifier("end")) return Error("unexpected {{end}}");
    if (action.take_identifier("else")) return Error("unexpected {{else}}");
    Node& node = out.emplace_back();
    if (action.take_identifier("break")) {
      node.kind = Node::Kind::kBreak;
      return absl::OkStatus();
    }
    if (action.take_identifier("continue")) {
      node.kind = Node::Kind::kContinue;
      return absl::OkStatus();
    }
    node.kind = Node::Kind::kAction;
    return ParsePipeline(action, node.pipeline, depth);
  }

  absl::Status Control(Node::Kind kind, Words& action, std::vector<Node>& out, int depth) {
    Node node;
    node.kind = kind;
    RETURN_IF_ERROR(ParsePipeline(action, node.pipeline, depth));
    if (!action.done()) return Error(fmt::format("unexpected {:?} in action", action.peek()->text));
    std::string stop;
    RETURN_IF_ERROR(ParseBlock(node.body, {"else", "end"}, &stop, depth + 1));
    Words rest = std::move(*pending_);
    pending_.reset();
    if (stop == "else") {
      // {{else if X}} and {{else with X}} are an else that holds one more block.
      const bool chained = rest.next_is(Word::Kind::kIdentifier) &&
                           (rest.peek()->text == "if" || rest.peek()->text == "with");
      if (chained) {
        const bool is_if = rest.take().text == "if";
        RETURN_IF_ERROR(
            Control(is_if ? Node::Kind::kIf : Node::Kind::kWith, rest, node.otherwise, depth + 1));
      } else {
        if (!rest.done()) return Error("unexpected words after else");
        RETURN_IF_ERROR(ParseBlock(node.otherwise, {"end"}, &stop, depth + 1));
        pending_.reset();
      }
    }
    out.push_back(std::move(node));
    return absl::OkStatus();
  }

  absl::Status Define(Words& action, std::vector<Node>* include_in, int depth) {
    if (!action.next_is(Word::Kind::kString)) return Error("expected a quoted template name");
    const std::string name = action.take().text;
    Node include;
    include.kind = Node::Kind::kTemplate;
    include.text = name;
    if (include_in != nullptr) RETURN_IF_ERROR(ParsePipeline(action, include.pipeline, depth));
    std::string stop;
    std::vector<Node> body;
    RETURN_IF_ERROR(ParseBlock(body, {"end"}, &stop, depth + 1));
    pending_.reset();
    result_.defined[name] = std::move(body);
    if (include_in != nullptr) include_in->push_back(std::move(include));
    return absl::OkStatus();
  }

  absl::Status Include(Words& action, std::vector<Node>& out, int depth) {
    if (!action.next_is(Word::Kind::kString)) return Error("expected a quoted template name");
    Node& node = out.emplace_back();
    node.kind = Node::Kind::kTemplate;
    node.text = action.take().text;
    if (!action.done()) return ParsePipeline(action, node.pipeline, depth);
    return absl::OkStatus();
  }

  absl::Status ParsePipeline(Words& words, std::unique_ptr<Pipeline>& out, int depth) {
    if (depth > limits_.max_depth) return Error("parentheses nested too deeply");
    out = std::make_unique<Pipeline>();
    ParseVariables(words, *out);
    while (true) {
      Command& command = out->commands.emplace_back();
      while (!words.done() && !words.next_is(Word::Kind::kPipe) &&
             !words.next_is(Word::Kind::kClose)) {
        RETURN_IF_ERROR(ParseOperand(words, command, depth));
      }
      if (command.operands.empty()) return Error("missing value for command");
      if (!words.next_is(Word::Kind::kPipe)) return absl::OkStatus();
      words.take();
    }
  }

  static void ParseVariables(Words& words, Pipeline& out) {
    using Kind = Word::Kind;
    const bool two = words.next_is(Kind::kVariable) && words.next_is(Kind::kComma, 1) &&
                     words.next_is(Kind::kVariable, 2) && words.next_is(Kind::kDeclare, 3);
    const bool one = words.next_is(Kind::kVariable) &&
                     (words.next_is(Kind::kDeclare, 1) || words.next_is(Kind::kAssign, 1));
    if (!one && !two) return;
    out.variables.push_back(words.take().text);
    if (two) {
      words.take();
      out.variables.push_back(words.take().text);
    }
    out.declares = words.take().kind == Kind::kDeclare;
  }

  absl::Status ParseOperand(Words& words, Command& command, int depth) {
    Word& word = words.take();
    // `.Field` glued to a variable, a parenthesis or another field extends it.
    if (word.kind == Word::Kind::kField && word.glued && !command.operands.empty()) {
      command.operands.back().fields.push_back(std::move(word.text));
      return absl::OkStatus();
    }
    Operand& operand = command.operands.emplace_back();
    switch (word.kind) {
      case Word::Kind::kDot:
        return absl::OkStatus();
      case Word::Kind::kField:
        operand.kind = Operand::Kind::kField;
        operand.fields.push_back(std::move(word.text));
        return absl::OkStatus();
      case Word::Kind::kVariable:
        operand.kind = Operand::Kind::kVariable;
        operand.name = std::move(word.text);
        return absl::OkStatus();
      case Word::Kind::kString:
        operand.kind = Operand::Kind::kLiteral;
        operand.literal = Value(std::move(word.text));
        return absl::OkStatus();
      case Word::Kind::kChar:
        operand.kind = Operand::Kind::kLiteral;
        operand.literal = Value(static_cast<int64_t>(word.text.empty() ? 0 : word.text[0]));
        return absl::OkStatus();
      case Word::Kind::kNumber: {
        auto number = ParseNumber(word.text);
        if (!number.ok()) return Error(MessageOf(number.status()));
        operand.kind = Operand::Kind::kLiteral;
        operand.literal = std::move(*number);
        return absl::OkStatus();
      }
      case Word::Kind::kIdentifier:
        return ParseIdentifier(std::move(word.text), operand);
      case Word::Kind::kOpen:
        operand.kind = Operand::Kind::kParenthesis;
        RETURN_IF_ERROR(ParsePipeline(words, operand.pipeline, depth + 1));
        if (!words.next_is(Word::Kind::kClose)) return Error("unclosed left paren");
        words.take();
        return absl::OkStatus();
      default:
        return Error(fmt::format("unexpected {:?} in operand", word.text));
    }
  }

  absl::Status ParseIdentifier(std::string name, Operand& operand) const {
    operand.kind = Operand::Kind::kLiteral;
    if (name == "true" || name == "false") {
      operand.literal = Value(name == "true");
    } else if (name != "nil") {
      if (!IsTemplateFunction(name)) return Error(fmt::format("function {:?} not defined", name));
      operand.kind = Operand::Kind::kFunction;
      operand.name = std::move(name);
    }
    return absl::OkStatus();
  }

  const std::vector<Segment> segments_;
  const TemplateLimits limits_;
  size_t i_ = 0;
  std::optional<Words> pending_;
  ParsedTemplate result_;
};

}  // namespace

absl::StatusOr<ParsedTemplate> ParseTemplate(std::string_view text, const TemplateLimits& limits) {
  ASSIGN_OR_RETURN(std::vector<Segment> segments, SplitTemplate(text));
  return Parser(std::move(segments), limits).Run();
}

}  // namespace synoptic::alerting
