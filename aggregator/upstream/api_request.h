// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Requests to an upstream's API.
#pragma once

#include <string>
#include <string_view>

#include "aggregator/upstream/inventory.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"
#include "net/http/message.h"

namespace synoptic::aggregator {

// GET <target>, which holds its parameters.
net::HttpRequest GetRequest(const HttpAuth& auth, std::string target);
// POST with the parameters as a form: expressions get longer than URLs may be.
net::HttpRequest FormRequest(const HttpAuth& auth, std::string target,
                             const net::Parameters& parameters);
// POST /api/v1/read with an encoded body.
net::HttpRequest ReadHttpRequest(const HttpAuth& auth, std::string body);

// Parameters of `query` or `query_range` (as `request.instant` says). `remaining`: what the caller
// still waits; the upstream stops then too.
net::Parameters StepParameters(const StepRequest& request, MonoDuration remaining);

// Parameters of a `query` for the original samples of a selector: {...}[<range>] at max_t.
net::Parameters RangeSelectorParameters(const RawRequest& request, MonoDuration remaining);

// match[], start, end and limit.
net::Parameters LabelsParameters(const LabelsRequest& request);

}  // namespace synoptic::aggregator
