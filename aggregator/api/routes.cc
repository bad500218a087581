// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/routes.h"

namespace synoptic::aggregator {
namespace {

constexpr Route kRoutes[] = {
    {"GET POST", "/api/v1/query", QueryEndpoint, nullptr, KeepQuery},
    {"GET POST", "/api/v1/query_range", QueryRangeEndpoint, nullptr, KeepQueryRange},
    {"GET POST", "/api/v1/query_exemplars", QueryExemplarsEndpoint},
    {"GET POST", "/api/v1/series", SeriesEndpoint},
    {"GET POST", "/api/v1/labels", LabelsEndpoint},
    {"GET", "/api/v1/label/{name}/values", LabelValuesEndpoint},
    {"GET", "/api/v1/metadata", MetadataEndpoint},
    {"GET", "/api/v1/rules", RulesEndpoint},
    {"GET", "/api/v1/alerts", AlertsEndpoint},
    {"GET", "/api/v1/alertmanagers", AlertmanagersEndpoint},
    {"GET", "/api/v1/targets", TargetsEndpoint},
    {"GET POST", "/api/v1/format_query", FormatQueryEndpoint},
    {"GET POST", "/api/v1/parse_query", ParseQueryEndpoint},
    {"GET", "/api/v1/features", FeaturesEndpoint},
    {"GET POST", "/api/v1/search/metric_names", nullptr, SearchMetricNamesEndpoint},
    {"GET POST", "/api/v1/search/label_names", nullptr, SearchLabelNamesEndpoint},
    {"GET POST", "/api/v1/search/label_values", nullptr, SearchLabelValuesEndpoint},
    {"POST", "/api/v1/read", nullptr, ReadEndpoint},
    {"GET", "/federate", nullptr, FederateEndpoint},
    {"GET", "/api/v1/status/buildinfo", BuildInfoEndpoint},
    {"GET", "/api/v1/status/runtimeinfo", RuntimeInfoEndpoint},
    {"GET", "/api/v1/status/config", ConfigEndpoint},
    {"GET", "/api/v1/status/flags", FlagsEndpoint},
    {"GET POST", "/api/v1/synoptic/whatif", nullptr, PlanningEndpoint},
    {"GET", "/api/v1/synoptic/deliveries", DeliveriesEndpoint},
    {"GET", "/api/v1/synoptic/observers", ObserversEndpoint},
    {"GET", "/api/v1/synoptic/cache", CacheEndpoint},
    {"DELETE", "/api/v1/synoptic/cache", DropCacheEndpoint},
    {"POST", "/api/v1/synoptic/backfill", BackfillEndpoint},
    {"GET POST", "/api/v1/synoptic/capacity", nullptr, PlanningEndpoint},
    {"GET POST", "/api/v1/synoptic/readiness", nullptr, PlanningEndpoint},
    {"GET POST", "/api/v1/synoptic/failover", nullptr, PlanningEndpoint},
    {"GET POST", "/api/v1/synoptic/drills", nullptr, PlanningEndpoint},
    {"GET POST", "/api/v1/synoptic/slos", nullptr, PlanningEndpoint},
    {"GET POST", "/api/v1/synoptic/reports", nullptr, PlanningEndpoint},
    {"POST", "/api/v1/write", nullptr, WriteEndpoint},
    {"GET", "/metrics", nullptr, MetricsEndpoint},
    {"GET HEAD", "/-/healthy", nullptr, HealthyEndpoint},
    {"GET HEAD", "/-/ready", nullptr, ReadyEndpoint},
    {"GET HEAD POST PUT", "/-/reload", nullptr, ReloadEndpoint},
};

constexpr Route kAdminRoutes[] = {
    {"GET", "/metrics", nullptr, MetricsEndpoint},
    {"GET HEAD", "/-/healthy", nullptr, HealthyEndpoint},
    {"GET HEAD", "/-/ready", nullptr, ReadyEndpoint},
    {"GET HEAD POST PUT", "/-/reload", nullptr, ReloadEndpoint},
};

}  // namespace

std::span<const Route> Routes() { return kRoutes; }
std::span<const Route> AdminRoutes() { return kAdminRoutes; }

}  // namespace synoptic::aggregator
