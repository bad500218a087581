// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/cache_command.h"

#include <cstdio>
#include <map>

#include "app/http_get.h"
#include "app/result_table.h"
#include "base/status.h"
#include "reports/document.h"
#include "simdjson.h"

namespace synoptic::app {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

reports::Form FormOf(OutputForm output) {
  return output == OutputForm::kCsv ? reports::Form::kCsv : reports::Form::kText;
}

std::string TextOf(const element& value) {
  if (value.is_string()) return std::string(std::string_view(value));
  return simdjson::minify(value);
}

// A row of what `columns` name in `from`; what is not there stays empty.
reports::Row RowOf(const std::string& name, const std::vector<std::string>& columns,
                   const object& from) {
  reports::Row row;
  row.cells.push_back(name);
  for (size_t i = 1; i < columns.size(); ++i) {
    element value;
    row.cells.push_back(from[columns[i]].get(value) == simdjson::SUCCESS ? TextOf(value) : "");
  }
  return row;
}

reports::Table TableFor(std::string title, const std::vector<std::string>& columns) {
  reports::Table table;
  table.title = std::move(title);
  for (size_t i = 0; i < columns.size(); ++i) {
    table.columns.push_back(reports::Column(columns[i], "", i > 0));
  }
  return table;
}

// A row a tier, and a row a region.
absl::StatusOr<std::string> Describe(const std::string& json, OutputForm output) {
  simdjson::dom::parser parser;
  object data;
  if (parser.parse(simdjson::padded_string(json))["data"].get(data) != simdjson::SUCCESS) {
    return absl::InternalError("the answer is not one of /api/v1/synoptic/cache");
  }
  const std::vector<std::string> tier_columns = {"tier",     "bytes",  "limit_bytes", "fragments",
                                                 "hits",     "misses", "evictions",   "refused",
                                                 "failures", "damaged"};
  const std::vector<std::string> region_columns = {"region", "shard",  "fragments", "samples",
                                                   "bytes",  "oldest", "newest"};
  reports::Section section;
  section.tables.push_back(TableFor("Tiers", tier_columns));
  section.tables.push_back(TableFor("In memory", region_columns));
  for (const auto& [name, value] : data) {
    object tier;
    if (value.get(tier) == simdjson::SUCCESS) {
      section.tables[0].rows.push_back(RowOf(std::string(name), tier_columns, tier));
      continue;
    }
    for (const element entry : simdjson::dom::array(value)) {
      const object region(entry);
      section.tables[1].rows.push_back(RowOf(TextOf(region["region"]), region_columns, region));
    }
  }
  reports::Document document;
  document.kind = "cache";
  document.title = "Cache";
  document.sections.push_back(std::move(section));
  return reports::Render(document, FormOf(output));
}

int Send(const CacheArguments& arguments, std::string_view command, net::HttpRequest request) {
  const auto reply = Ask(arguments.server, std::move(request));
  absl::Status status = reply.status();
  if (reply.ok() && reply->status != 200) {
    status = Annotate(ParseResult(reply->body).status(), fmt::format("HTTP {}", reply->status));
  }
  absl::StatusOr<std::string> text =
      status.ok() ? reply->body : absl::StatusOr<std::string>(status);
  if (text.ok() && command == "stat" && arguments.output != OutputForm::kJson) {
    text = Describe(reply->body, arguments.output);
  }
  if (!text.ok()) {
    fmt::print(stderr, "synoptic cache {}: {}\n", command, MessageOf(text.status()));
    return 1;
  }
  fmt::print("{}{}", *text, text->ends_with('\n') ? "" : "\n");
  return 0;
}

int Stat(const CacheArguments& arguments) {
  net::HttpRequest request;
  request.target = "/api/v1/synoptic/cache";
  return Send(arguments, "stat", std::move(request));
}

int Purge(const CacheArguments& arguments) {
  net::Parameters form;
  for (const auto& [name, value] : {std::pair("region", &arguments.region),
                                    {"match[]", &arguments.selector},
                                    {"start", &arguments.start},
                                    {"end", &arguments.end}}) {
    if (!value->empty()) form.emplace_back(name, *value);
  }
  if (form.empty() != arguments.all) {
    fmt::print(stderr,
               "synoptic cache purge: say what: --all, or some of --region, --match, --start and "
               "--end\n");
    return 2;
  }
  net::HttpRequest request;
  request.method = "DELETE";
  request.target = "/api/v1/synoptic/cache?" + net::EncodeForm(form);
  return Send(arguments, "purge", std::move(request));
}

}  // namespace

CacheCli::CacheCli(CLI::App& root) : root_(root) {
  CLI::App* cache = root.add_subcommand("cache", "What a server keeps of answers.");
  cache->require_subcommand(1);
  CLI::App* stat = cache->add_subcommand("stat", "A line a tier, and a line a region.");
  CLI::App* purge = cache->add_subcommand("purge", "Forgets, in every tier.");
  for (CLI::App* command : {stat, purge}) {
    command->add_option("--server", arguments_.server, "The server")
        ->type_name("URL")
        ->capture_default_str();
  }
  static const std::map<std::string, OutputForm> kForms = {
      {"table", OutputForm::kTable}, {"json", OutputForm::kJson}, {"csv", OutputForm::kCsv}};
  stat->add_option("--output", arguments_.output, "table, json or csv")
      ->transform(CLI::CheckedTransformer(kForms).description("FORM"))
      ->default_str("table");
  purge->add_flag("--all", arguments_.all, "Everything");
  purge->add_option("--region", arguments_.region, "Of this region")->type_name("REGION");
  purge->add_option("--match", arguments_.selector, "What may hold series that this selects")
      ->type_name("SELECTOR");
  purge->add_option("--start", arguments_.start, "From this time on")->type_name("T");
  purge->add_option("--end", arguments_.end, "Until this time")->type_name("T");
}

std::optional<int> CacheCli::Run() const {
  if (!root_.got_subcommand("cache")) return std::nullopt;
  return root_.get_subcommand("cache")->got_subcommand("stat") ? Stat(arguments_)
                                                               : Purge(arguments_);
}

}  // namespace synoptic::app
