// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/template/functions.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "alerting/template/compare.h"
#include "alerting/template/format.h"
#include "alerting/template/text_functions.h"
#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

using Args = std::vector<Value>;
using Result = absl::StatusOr<Value>;

Result And(const Args& args, const TemplateData&) {
  for (const Value& arg : args) {
    if (!arg.Truth()) return arg;
  }
  return args.back();
}

Result Or(const Args& args, const TemplateData&) {
  for (const Value& arg : args) {
    if (arg.Truth()) return arg;
  }
  return args.back();
}

Result Not(const Args& args, const TemplateData&) { return Value(!args[0].Truth()); }

Result Eq(const Args& args, const TemplateData&) {
  for (size_t i = 1; i < args.size(); ++i) {
    ASSIGN_OR_RETURN(const int order, CompareValues(args[0], args[i], true));
    if (order == 0) return Value(true);
  }
  return Value(false);
}

template <class Predicate>
Result Ordered(const Args& args, bool equality_only, Predicate predicate) {
  ASSIGN_OR_RETURN(const int order, CompareValues(args[0], args[1], equality_only));
  return Value(predicate(order));
}
Result Ne(const Args& args, const TemplateData&) {
  return Ordered(args, true, [](int order) { return order != 0; });
}
// An order of 2 says the two do not compare (NaN).
Result Lt(const Args& args, const TemplateData&) {
  return Ordered(args, false, [](int order) { return order == -1; });
}
Result Le(const Args& args, const TemplateData&) {
  return Ordered(args, false, [](int order) { return order == -1 || order == 0; });
}
Result Gt(const Args& args, const TemplateData&) {
  return Ordered(args, false, [](int order) { return order == 1; });
}
Result Ge(const Args& args, const TemplateData&) {
  return Ordered(args, false, [](int order) { return order == 1 || order == 0; });
}

Result Len(const Args& args, const TemplateData&) {
  if (const auto* s = args[0].As<std::string>()) return Value(static_cast<int64_t>(s->size()));
  if (const auto* list = args[0].list()) return Value(static_cast<int64_t>(list->size()));
  if (const auto* map = args[0].map()) return Value(static_cast<int64_t>(map->entries.size()));
  return InvalidArgument("len of type {}", args[0].TypeName());
}

Result Index(const Args& args, const TemplateData&) {
  Value current = args[0];
  for (size_t i = 1; i < args.size(); ++i) {
    if (const auto* map = current.map()) {
      const auto* key = args[i].As<std::string>();
      if (key == nullptr) return InvalidArgument("cannot index map with {}", args[i].TypeName());
      const auto it = map->entries.find(*key);
      current = it == map->entries.end() ? Value(std::string()) : Value(it->second);
    } else if (const auto* list = current.list()) {
      const auto* at = args[i].As<int64_t>();
      if (at == nullptr) return InvalidArgument("cannot index slice with {}", args[i].TypeName());
      if (*at < 0 || *at >= static_cast<int64_t>(list->size())) {
        return InvalidArgument("index out of range: {}", *at);
      }
      current = Value((*list)[static_cast<size_t>(*at)]);
    } else {
      return InvalidArgument("can't index item of type {}", current.TypeName());
    }
  }
  return current;
}

Result First(const Args& args, const TemplateData&) {
  const auto* list = args[0].list();
  if (list == nullptr || list->empty()) {
    return InvalidArgument("first() called on vector with no elements");
  }
  return list->front();
}

// A struct's entry, as `label`, `value` and `strvalue` read samples.
Result SampleEntry(const Value& sample, const std::string& name) {
  const auto* map = sample.map();
  const auto it = map == nullptr ? decltype(map->entries.end())() : map->entries.find(name);
  if (map == nullptr || it == map->entries.end()) {
    return InvalidArgument("expected a sample, got {}", sample.TypeName());
  }
  return it->second;
}

Result LabelOf(const Args& args, const TemplateData&) {
  ASSIGN_OR_RETURN(Value labels, SampleEntry(args[1], "Labels"));
  return Index({std::move(labels), args[0]}, {});
}
Result ValueOf(const Args& args, const TemplateData&) { return SampleEntry(args[0], "Value"); }
Result StrValueOf(const Args& args, const TemplateData&) {
  ASSIGN_OR_RETURN(Value labels, SampleEntry(args[0], "Labels"));
  return Index({std::move(labels), Value(std::string("__value__"))}, {});
}

Result ArgsOf(const Args& args, const TemplateData&) {
  ValueMap map;
  for (size_t i = 0; i < args.size(); ++i) map.entries["arg" + std::to_string(i)] = args[i];
  return Value(std::move(map));
}

template <std::string (*Format)(double)>
Result Formatted(const Args& args, const TemplateData&) {
  ASSIGN_OR_RETURN(const double v, ToFloat(args[0]));
  return Value(Format(v));
}

Result Now(const Args&, const TemplateData& data) {
  return Value(static_cast<double>(data.now_ms) / 1000);
}
Result ExternalUrl(const Args&, const TemplateData& data) { return Value(data.external_url); }

// A sample as templates see it: a struct of Labels and Value.
Value SampleValue(const TemplateQueries::Sample& sample) {
  ValueMap labels;
  for (const promql::Label label : sample.labels) {
    labels.entries.emplace(std::string(label.name), Value(std::string(label.value)));
  }
  ValueMap out;
  out.is_struct = true;
  out.entries = {{"Labels", Value(std::move(labels))}, {"Value", Value(sample.value)}};
  return Value(std::move(out));
}

Result Query(const Args& args, const TemplateData& data) {
  if (data.queries == nullptr) return InvalidArgument("query is not possible here");
  const auto* text = args[0].As<std::string>();
  if (text == nullptr) return InvalidArgument("expected string; found {}", args[0].TypeName());
  const auto answer = data.queries->answers.find(*text);
  if (answer == data.queries->answers.end()) {
    data.queries->wanted.insert(*text);
    return InvalidArgument("not asked yet: {}", *text);
  }
  if (!answer->second.ok()) return answer->second.status();
  ValueList list;
  for (const TemplateQueries::Sample& sample : *answer->second) list.push_back(SampleValue(sample));
  return Value(std::move(list));
}

struct Entry {
  std::string_view name;
  int min_args;
  int max_args;  // -1: any number
  Result (*call)(const Args&, const TemplateData&);
};

constexpr Entry kFunctions[] = {
    {"and", 1, -1, And},
    {"args", 0, -1, ArgsOf},
    {"eq", 2, -1, Eq},
    {"externalURL", 0, 0, ExternalUrl},
    {"first", 1, 1, First},
    {"ge", 2, 2, Ge},
    {"graphLink", 1, 1, GraphLink},
    {"gt", 2, 2, Gt},
    {"html", 1, 1, Html},
    {"humanize", 1, 1, Formatted<Humanize>},
    {"humanize1024", 1, 1, Formatted<Humanize1024>},
    {"humanizeDuration", 1, 1, Formatted<HumanizeDuration>},
    {"humanizePercentage", 1, 1, Formatted<HumanizePercentage>},
    {"humanizeTimestamp", 1, 1, Formatted<HumanizeTimestamp>},
    {"index", 1, -1, Index},
    {"label", 2, 2, LabelOf},
    {"le", 2, 2, Le},
    {"len", 1, 1, Len},
    {"lt", 2, 2, Lt},
    {"match", 2, 2, Match},
    {"ne", 2, 2, Ne},
    {"not", 1, 1, Not},
    {"now", 0, 0, Now},
    {"or", 1, -1, Or},
    {"parseDuration", 1, 1, ParseDurationText},
    {"pathPrefix", 0, 0, PathPrefix},
    {"print", 0, -1, PrintAll},
    {"printf", 1, -1, Printf},
    {"println", 0, -1, PrintLine},
    {"query", 1, 1, Query},
    {"reReplaceAll", 3, 3, ReplaceAll},
    {"safeHtml", 1, 1, SafeHtml},
    {"sortByLabel", 2, 2, SortByLabel},
    {"stripDomain", 1, 1, StripDomain},
    {"stripPort", 1, 1, StripPort},
    {"strvalue", 1, 1, StrValueOf},
    {"tableLink", 1, 1, TableLink},
    {"title", 1, 1, Title},
    {"toLower", 1, 1, ToLower},
    {"toUpper", 1, 1, ToUpper},
    {"urlQueryEscape", 1, 1, UrlQueryEscape},
    {"urlquery", 1, 1, UrlQueryEscape},
    {"value", 1, 1, ValueOf},
};

const Entry* Find(std::string_view name) {
  const auto it = std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name,
                                   [](const Entry& e, std::string_view n) { return e.name < n; });
  return it != std::end(kFunctions) && it->name == name ? &*it : nullptr;
}

}  // namespace

bool IsTemplateFunction(std::string_view name) { return Find(name) != nullptr; }

absl::StatusOr<Value> CallTemplateFunction(std::string_view name, const std::vector<Value>& args,
                                           const TemplateData& data) {
  const Entry* entry = Find(name);
  const auto count = static_cast<int>(args.size());
  if (count < entry->min_args || (entry->max_args >= 0 && count > entry->max_args)) {
    return InvalidArgument("wrong number of args for {}: want {}{} got {}", name,
                           entry->max_args == entry->min_args ? "" : "at least ", entry->min_args,
                           count);
  }
  auto result = entry->call(args, data);
  if (!result.ok()) {
    return Annotate(result.status(), fmt::format("error calling {}", name));
  }
  return result;
}

}  // namespace synoptic::alerting
