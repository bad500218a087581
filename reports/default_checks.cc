// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The checks that ship: one list. Those about replication, queues and clocks read what the rule
// packs record. What no exporter tells (is a commander named, is the writer fenced, is the routing
// control within reach) reads `readiness_evidence{check, region}`: 1 passes, 0 fails; a probe, a
// script or a person's form writes it.
#include "reports/readiness_spec.h"

namespace synoptic::reports {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 3600;
constexpr double kDay = 86'400;

Check BuiltIn(std::string id, CheckKind kind, bool blocking, double max_age_s, std::string question,
              std::string remedy) {
  Check check;
  check.id = std::move(id);
  check.kind = kind;
  check.blocking = blocking;
  check.max_age_s = max_age_s;
  check.question = std::move(question);
  check.remedy = std::move(remedy);
  return check;
}

Check Asked(std::string id, bool blocking, double max_age_s, std::string question,
            std::string query, Op op, double value, std::string unit, std::string remedy,
            NoSeries none = NoSeries::kUnknown) {
  Check check = BuiltIn(std::move(id), CheckKind::kQuery, blocking, max_age_s, std::move(question),
                        std::move(remedy));
  check.query = std::move(query);
  check.op = op;
  check.value = value;
  check.unit = std::move(unit);
  check.none = none;
  return check;
}

Check Evidence(const std::string& id, bool blocking, double max_age_s, std::string question,
               std::string remedy) {
  return Asked(id, blocking, max_age_s, std::move(question),
               "min(readiness_evidence{check=\"" + id + "\", region=~\"$to|\"})", Op::kGte, 1, "",
               std::move(remedy));
}

}  // namespace

std::vector<Check> DefaultChecks() {
  return {
      BuiltIn("cap.static", CheckKind::kStaticCapacity, true, 2 * kMinute,
              "Do the survivors fit with what serves now?",
              "Add capacity first, or shed the lowest tier."),
      BuiltIn("cap.elastic", CheckKind::kElasticCapacity, false, 5 * kMinute,
              "Do they fit within limits and quotas?", "Raise the limit or the quota."),
      Asked("cap.ice", false, 5 * kMinute, "Was the provider out of instances in the last day?",
            "sum(increase(karpenter_cloudprovider_errors_total{region=\"$to\", "
            "error=~\"InsufficientCapacity.*\"}[1d]))",
            Op::kLte, 0, "errors", "Use other instance types or zones.", NoSeries::kPass),
      Asked("cap.hpa_max", true, 2 * kMinute, "Is an autoscaler at its maximum?",
            "count(kube_horizontalpodautoscaler_status_current_replicas{region=\"$to\"} >= "
            "kube_horizontalpodautoscaler_spec_max_replicas{region=\"$to\"})",
            Op::kLte, 0, "autoscalers", "Raise maxReplicas before the shift.", NoSeries::kPass),
      Asked("cap.quota_parity", false, kDay, "Are quotas within 10 % of each other?",
            "max by (quota_code) ({__name__=~\"aws_quota_.+\", type=\"quota\", "
            "region=\"$from\"}) / on (quota_code) max by (quota_code) "
            "({__name__=~\"aws_quota_.+\", type=\"quota\", region=\"$to\"})",
            Op::kLte, 1.1, "ratio", "Ask for the same quotas."),
      Evidence("cap.shed", true, 7 * kDay,
               "Is a maximum traffic level set, at most what was measured?",
               "Set the proxy's admission level."),
      Asked("data.lag", true, 30, "Has everything arrived that may not be lost?",
            "max by (tech, resource) (replication:lag_seconds{src=~\"$from|\", dst=~\"$to|\"})",
            Op::kLte, -1, "seconds", "Wait for the drain, or accept the loss by name."),
      Asked("data.pnr", true, kMinute, "Will the follower keep its way back?",
            "min by (tech, resource) (replication:no_return_seconds)", Op::kGt, 3600, "seconds",
            "Repair replication first: a full copy would be needed."),
      Asked("data.failed", false, 15 * kMinute, "Are failed replications drained or listed?",
            "sum(aws_s3_operations_failed_replication_sum{region=\"$from\"})", Op::kLte, 0,
            "operations", "Retry or list what failed.", NoSeries::kPass),
      Evidence("data.truth_only", false, 30 * kDay,
               "Is every replicated store marked truth or projection?", "Mark them."),
      Asked("data.canary", true, kMinute, "Do canary writes arrive in time?",
            "time() - max(canary_written_timestamp_seconds{region=\"$to\"})", Op::kLte, -1,
            "seconds", "Look at the flow's runbook."),
      Evidence("data.writer", true, kMinute, "Is the old writer fenced or proven dead?",
               "Fence it, or override on record."),
      Evidence("data.promote_fit", true, 5 * kMinute,
               "Does the replica to be promoted carry the writer's load?", "Resize it first."),
      BuiltIn("data.target", CheckKind::kTarget, false, 30, "Is this the best target?",
              "Take the one named."),
      Evidence("cache.warm", true, kHour, "Does the origin bear cold caches?",
               "Warm the caches, or admit slowly."),
      Asked("cache.backlog", false, kMinute, "Are cache invalidations fresher than their entries?",
            "max(aws_sqs_approximate_age_of_oldest_message_maximum{region=\"$to\"})", Op::kLte, 300,
            "seconds", "Drain the invalidations.", NoSeries::kPass),
      Evidence("net.routing", true, 5 * kMinute, "Is the routing control's data plane in reach?",
               "Use the second path."),
      Evidence("net.dns", false, kDay, "Are TTLs as planned?", "Lower them."),
      Evidence("net.links", true, kMinute, "Do the survivors reach each other?",
               "Repair the link first."),
      Evidence("cfg.parity", true, 15 * kMinute, "Are versions, flags, secrets and schema equal?",
               "Roll out what is missing."),
      Asked("time.bound", true, kMinute, "Are clocks close enough for the order of writes?",
            "max(instance:clock_error_bound:seconds{region=\"$from\"}) + "
            "max(instance:clock_error_bound:seconds{region=\"$to\"})",
            Op::kLte, 0.05, "seconds", "Repair time synchronisation."),
      Evidence("slo.budget", false, 5 * kMinute, "Is there budget for the cost of a drill?",
               "Wait for the next period; never in an emergency."),
      Evidence("obs.alerting", true, 2 * kMinute, "Can the survivors page without the lost region?",
               "Repair the dead man's switch."),
      BuiltIn("obs.visible", CheckKind::kVisibility, false, 0, "Does every flow stay visible?",
              "Add a canary write measured at the reader's end."),
      BuiltIn("drill.fresh", CheckKind::kDrillFresh, false, 0,
              "Was the last drill within its cadence?", "Drill."),
      BuiltIn("drill.rto", CheckKind::kDrillRto, false, 0, "Do past drills support the target?",
              "Shorten the longest phase."),
      Evidence("people.ic", false, 12 * kHour, "Are a commander and a second named?", "Name them."),
  };
}

ReadinessSpec DefaultReadiness() {
  ReadinessSpec spec;
  spec.checks = DefaultChecks();
  return spec;
}

}  // namespace synoptic::reports
