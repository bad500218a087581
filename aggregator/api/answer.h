// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What an endpoint answers, and its envelope: {"status":"success","data":...,"warnings":[...]}.
//
// The body is written once: an endpoint appends its data right after the envelope's beginning and
// the envelope's end follows, so that a large result is never copied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/merge/coverage.h"
#include "net/http/message.h"

namespace synoptic::aggregator {

struct Answer {
  std::string body = R"({"status":"success","data":)";  // append the data's JSON
  bool no_content = false;  // 204 without a body, as Prometheus answers without data
  std::vector<std::string> warnings;
  std::vector<std::string> infos;
  std::optional<Coverage> coverage;
  size_t regions = 0;           // configured; for the warning line
  bool coverage_block = false;  // coverage=1
  std::string explain;          // explain=1
  bool brief = false;           // may soon be otherwise, whatever times were asked for
};

net::HttpResponse Render(Answer answer);
// {"status":"error",...} with the status code of error_table.h.
net::HttpResponse RenderError(const absl::Status& status);
// Plain text, as Prometheus' router answers: 404, 405 and the /-/ endpoints.
net::HttpResponse PlainText(int status, std::string text);

// At most `max` texts, and a line that says how many more there were (`warning` or `info`).
void CapAnnotations(std::vector<std::string>* texts, size_t max, std::string_view kind);

// "a","b": strings escaped as encoding/json does.
void AppendStringList(const std::vector<std::string>& items, std::string& out);

}  // namespace synoptic::aggregator
