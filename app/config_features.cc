// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// global.query.enable_features: a list of Prometheus' names, as --enable-feature takes them there.
#include "app/config_sections.h"
#include "base/go_format.h"
#include "base/strings.h"
#include "fmt/format.h"

namespace synoptic::app {
namespace {

struct Feature {
  std::string_view name;
  void (*enable)(FeatureConfig&);
};

constexpr Feature kFeatures[] = {
    {"promql-experimental-functions",
     [](FeatureConfig& to) { to.language.experimental_functions = true; }},
    {"promql-extended-range-selectors",
     [](FeatureConfig& to) { to.language.extended_range_selectors = true; }},
    {"promql-binop-fill-modifiers",
     [](FeatureConfig& to) { to.language.binop_fill_modifiers = true; }},
    {"promql-delayed-name-removal", [](FeatureConfig& to) { to.delayed_name_removal = true; }},
    {"use-start-timestamps", [](FeatureConfig& to) { to.use_start_timestamps = true; }},
    {"type-and-unit-labels", [](FeatureConfig& to) { to.type_and_unit_labels = true; }},
    // Always on, here as in Prometheus, which still takes the names.
    {"promql-duration-expr", [](FeatureConfig&) {}},
    {"native-histograms", [](FeatureConfig&) {}},
};

}  // namespace

void ReadFeatures(const YamlValue& value, FeatureConfig* out) {
  for (const YamlValue& item : value.ReadList()) {
    const std::string name = item.ReadString().value_or("");
    bool known = false;
    for (const Feature& feature : kFeatures) {
      if (feature.name != name) continue;
      feature.enable(*out);
      known = true;
    }
    if (known) continue;
    std::vector<std::string> names;
    for (const Feature& feature : kFeatures) names.emplace_back(feature.name);
    item.Fail(
        fmt::format("unknown feature {}: expected one of {}", GoQuote(name), Join(names, ", ")));
  }
}

}  // namespace synoptic::app
