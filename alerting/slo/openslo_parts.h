// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Parts of OpenSLO documents. Mistakes are reported through the values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "alerting/slo/slo.h"
#include "base/yaml_reader.h"

namespace synoptic::alerting {

// One number and one of m h d w M Q Y, in seconds; m is minutes and M months.
std::optional<int64_t> ReadOpenSloDuration(const YamlValue& value);

// Calls `body` with what `ref` names, if `ref` is there; reports a name that is not known.
void ResolveOpenSlo(YamlMap& map, const char* ref, const std::map<std::string, YamlValue>& known,
                    const std::function<void(const YamlValue&)>& body);

// An AlertPolicy's spec as windows of the objective, which has its budget already.
void ReadOpenSloPolicy(const YamlValue& spec, const std::map<std::string, YamlValue>& conditions,
                       Slo* slo);

}  // namespace synoptic::alerting
