// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What tells one kind of upstream from another. The list is in registry.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aggregator/upstream/inventory.h"
#include "net/http/message.h"

namespace synoptic::aggregator {

struct FlavorTraits {
  Flavor flavor;
  std::string_view name;
  // Offers POST /api/v1/read (tried in form `auto`; `remote_read` tries it everywhere).
  bool remote_read;
  // Adds external labels to remote read and to nothing else: they are learned and taken off.
  bool adds_external_labels;
  // Its series may carry the topology's labels themselves: a label equal to ours is ours.
  bool trusts_equal_labels;
  // Its functions give what Prometheus' give: parts of a query may be pushed down to it.
  bool computes_exactly;
  // What its remote read wants in the URL: "?partial=policy".
  std::string_view read_parameters;
  // Adds what its query endpoints want besides Prometheus' parameters.
  void (*add_query_parameters)(const Region& region, net::Parameters& parameters);
};

const FlavorTraits& TraitsOf(Flavor flavor);
// All flavours, as the configuration names them.
const std::vector<FlavorTraits>& AllFlavors();

}  // namespace synoptic::aggregator
