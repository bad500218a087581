// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' value encoding of names that are not legacy identifiers: http.status travels in a URL
// as U__http_2e_status.
#pragma once

#include <string>
#include <string_view>

namespace synoptic::aggregator {

// The name that `escaped` stands for; `escaped` itself when it is not well formed.
std::string UnescapeLabelName(std::string_view escaped);

}  // namespace synoptic::aggregator
