// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/text_functions.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "alerting/template/compare.h"
#include "alerting/template/printf.h"
#include "base/duration.h"
#include "base/go_format.h"
#include "base/percent.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

using Result = absl::StatusOr<Value>;

absl::StatusOr<std::string> Text(const TemplateArgs& args, size_t i) {
  const auto* s = args[i].As<std::string>();
  if (s == nullptr) {
    return InvalidArgument("wrong type for value; expected string; got {}", args[i].TypeName());
  }
  return *s;
}

Result Link(const TemplateArgs& args, int tab) {
  ASSIGN_OR_RETURN(const std::string text, Text(args, 0));
  return Value(GraphPath(text, tab));
}

template <class Map>
Result MapBytes(const TemplateArgs& args, Map map) {
  ASSIGN_OR_RETURN(std::string text, Text(args, 0));
  for (char& c : text) c = static_cast<char>(map(static_cast<unsigned char>(c)));
  return Value(std::move(text));
}

absl::Status Compile(const std::string& pattern, std::unique_ptr<RE2>* out) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  *out = std::make_unique<RE2>(pattern, options);
  if (!(*out)->ok()) return InvalidArgument("error parsing regexp: {}", (*out)->error());
  return absl::OkStatus();
}

// Go's replacement syntax ($1, ${1}) in RE2's (\1).
std::string ToRe2Rewrite(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      out += "\\\\";
    } else if (text[i] == '$' && i + 1 < text.size() &&
               std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0) {
      out += '\\';
      out += text[++i];
    } else if (text[i] == '$' && i + 3 < text.size() + 1 && text.substr(i + 1, 1) == "{" &&
               text.substr(i + 3, 1) == "}" &&
               std::isdigit(static_cast<unsigned char>(text[i + 2])) != 0) {
      out += '\\';
      out += text[i + 2];
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// host of host:port, [v6]:port; the text unchanged when it has no port.
std::string_view HostOf(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return text;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    return close == std::string_view::npos || close + 1 != colon ? text : text.substr(1, close - 1);
  }
  return text.find(':') == colon ? text.substr(0, colon) : text;
}

}  // namespace

std::string GraphPath(std::string_view expression, int tab) {
  return fmt::format("/graph?g0.expr={}&g0.tab={}", PercentEncode(expression, SpaceAs::kPlus), tab);
}

Result GraphLink(const TemplateArgs& args, const TemplateData&) { return Link(args, 0); }
Result TableLink(const TemplateArgs& args, const TemplateData&) { return Link(args, 1); }
Result SafeHtml(const TemplateArgs& args, const TemplateData&) { return args[0]; }

Result Html(const TemplateArgs& args, const TemplateData&) {
  std::string out;
  for (const char c : args[0].Print()) {
    constexpr std::string_view kSpecial = "&<>\"'";
    constexpr std::string_view kEscapes[] = {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
    const size_t at = kSpecial.find(c);
    if (at == std::string_view::npos) {
      out += c;
    } else {
      out += kEscapes[at];
    }
  }
  return Value(std::move(out));
}

Result Match(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string pattern, Text(args, 0));
  ASSIGN_OR_RETURN(const std::string text, Text(args, 1));
  std::unique_ptr<RE2> regex;
  RETURN_IF_ERROR(Compile(pattern, &regex));
  return Value(RE2::PartialMatch(text, *regex));
}

Result ReplaceAll(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string pattern, Text(args, 0));
  ASSIGN_OR_RETURN(const std::string replacement, Text(args, 1));
  ASSIGN_OR_RETURN(std::string text, Text(args, 2));
  std::unique_ptr<RE2> regex;
  RETURN_IF_ERROR(Compile(pattern, &regex));
  RE2::GlobalReplace(&text, *regex, ToRe2Rewrite(replacement));
  return Value(std::move(text));
}

Result ParseDurationText(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string text, Text(args, 0));
  const bool negative = text.starts_with('-');
  ASSIGN_OR_RETURN(const int64_t ms, ParseDurationMillis(std::string_view(text).substr(negative)));
  return Value(static_cast<double>(negative ? -ms : ms) / 1000);
}

Result PathPrefix(const TemplateArgs&, const TemplateData& data) {
  const size_t scheme = data.external_url.find("://");
  const size_t path = data.external_url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return Value(path == std::string::npos ? std::string() : data.external_url.substr(path));
}

Result PrintAll(const TemplateArgs& args, const TemplateData&) {
  std::string out;
  for (size_t i = 0; i < args.size(); ++i) {
    // Go's Sprint puts a space between operands when neither is a string.
    const bool strings =
        args[i].As<std::string>() != nullptr || (i > 0 && args[i - 1].As<std::string>() != nullptr);
    if (i > 0 && !strings) out += ' ';
    out += args[i].Print();
  }
  return Value(std::move(out));
}

Result PrintLine(const TemplateArgs& args, const TemplateData&) {
  std::string out;
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out += ' ';
    out += args[i].Print();
  }
  return Value(out + "\n");
}

Result Printf(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string format, Text(args, 0));
  return Value(GoSprintf(format, {args.begin() + 1, args.end()}));
}

Result SortByLabel(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string name, Text(args, 0));
  const ValueList* list = args[1].list();
  if (list == nullptr) return InvalidArgument("expected a list, got {}", args[1].TypeName());
  const auto key = [&name](const Value& sample) -> std::string {
    const ValueMap* fields = sample.map();
    if (fields == nullptr) return {};
    const auto labels = fields->entries.find("Labels");
    if (labels == fields->entries.end() || labels->second.map() == nullptr) return {};
    const auto& entries = labels->second.map()->entries;
    const auto it = entries.find(name);
    return it == entries.end() ? std::string() : it->second.Print();
  };
  // Equal keys keep their order: the position is part of what is sorted.
  std::vector<std::pair<std::string, size_t>> order;
  for (size_t i = 0; i < list->size(); ++i) order.emplace_back(key((*list)[i]), i);
  std::sort(order.begin(), order.end());
  ValueList sorted;
  for (const auto& [text, i] : order) sorted.push_back((*list)[i]);
  return Value(std::move(sorted));
}

Result StripPort(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string text, Text(args, 0));
  return Value(std::string(HostOf(text)));
}

Result StripDomain(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const std::string text, Text(args, 0));
  const std::string_view host = HostOf(text);
  const bool address = host.find_first_not_of("0123456789.") == std::string_view::npos ||
                       host.find(':') != std::string_view::npos || text.starts_with('[');
  if (address) return Value(text);
  return Value(std::string(host.substr(0, host.find('.'))) +
               (host.size() < text.size() ? text.substr(host.size()) : std::string()));
}

Result Title(const TemplateArgs& args, const TemplateData&) {
  ASSIGN_OR_RETURN(std::string text, Text(args, 0));
  bool start = true;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (start) c = static_cast<char>(std::toupper(byte));
    start = std::isalnum(byte) == 0 && c != '_' && c != '\'' && byte < 0x80;
  }
  return Value(std::move(text));
}

Result ToLower(const TemplateArgs& args, const TemplateData&) {
  return MapBytes(args, [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
}
Result ToUpper(const TemplateArgs& args, const TemplateData&) {
  return MapBytes(args, [](unsigned char c) { return c < 0x80 ? std::toupper(c) : c; });
}

Result UrlQueryEscape(const TemplateArgs& args, const TemplateData&) {
  return Value(PercentEncode(args[0].Print(), SpaceAs::kPlus));
}

}  // namespace synoptic::alerting
