// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Template functions over text, with the signatures of the function table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/template/template.h"
#include "alerting/template/value.h"

namespace synoptic::alerting {

using TemplateArgs = std::vector<Value>;

// The page of Prometheus' web interface that shows `expression`: /graph?g0.expr=up&g0.tab=1. Tab 0
// is the graph, 1 the table.
std::string GraphPath(std::string_view expression, int tab);

absl::StatusOr<Value> GraphLink(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> TableLink(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> Html(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> SafeHtml(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> Match(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> ReplaceAll(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> ParseDurationText(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> PathPrefix(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> PrintAll(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> PrintLine(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> Printf(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> SortByLabel(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> StripDomain(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> StripPort(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> Title(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> ToLower(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> ToUpper(const TemplateArgs& args, const TemplateData& data);
absl::StatusOr<Value> UrlQueryEscape(const TemplateArgs& args, const TemplateData& data);

}  // namespace synoptic::alerting
