// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/rule_service.h"

#include <algorithm>
#include <chrono>

#include "aggregator/api/times.h"
#include "alerting/receivers/alertmanager.h"
#include "alerting/receivers/webhook.h"
#include "base/log.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

using alerting::AlertStatus;

aggregator::AlertInfo InfoOf(const alerting::Alert& alert) {
  aggregator::AlertInfo info;
  info.labels = alert.labels;
  info.annotations = {alert.annotations.begin(), alert.annotations.end()};
  info.state = alert.status == AlertStatus::kFiring ? "firing" : "pending";
  info.active_at_ns = alert.active_at_ms * 1'000'000;
  if (alert.keep_firing_since_ms != 0) {
    info.keep_firing_since_ns = alert.keep_firing_since_ms * 1'000'000;
  }
  info.value = aggregator::FormatAlertValue(alert.value);
  return info;
}

const char* HealthName(alerting::RuleHealth health) {
  switch (health) {
    case alerting::RuleHealth::kOk:
      return "ok";
    case alerting::RuleHealth::kError:
      return "err";
    case alerting::RuleHealth::kUnknown:
      break;
  }
  return "unknown";
}

aggregator::RuleInfo InfoOf(const alerting::RunningRule& running) {
  aggregator::RuleInfo info;
  info.alerting = running.rule.alerting();
  info.name = running.rule.name();
  info.query = running.rule.expr;
  info.duration_s = static_cast<double>(running.rule.for_ms) / 1000;
  info.keep_firing_for_s = static_cast<double>(running.rule.keep_firing_for_ms) / 1000;
  info.labels = running.rule.labels;
  info.annotations = running.rule.annotations;
  info.state = running.health == alerting::RuleHealth::kUnknown ? "unknown" : "inactive";
  for (const auto& [labels, alert] : running.state.alerts) {
    if (alert.status == AlertStatus::kInactive) continue;
    info.alerts.push_back(InfoOf(alert));
    if (info.state != "firing") info.state = info.alerts.back().state;
  }
  info.health = HealthName(running.health);
  info.last_error = running.last_error;
  info.evaluation_s = running.evaluation_seconds;
  if (running.last_evaluation_ms != 0) {
    info.last_evaluation_ns = running.last_evaluation_ms * 1'000'000;
  }
  return info;
}

// What an evaluation can come to.
constexpr const char* kSeen = "ok";
constexpr const char* kPartial = "partial";
constexpr const char* kFailed = "error";
constexpr char kDrop[] = "synoptic_region_series_drop_ratio";

void RaiseTo(Counter counter, int64_t total) {
  counter.Increment(std::max(0.0, static_cast<double>(total) - counter.value()));
}

}  // namespace

RuleService::RuleService(const boost::asio::any_io_executor& executor, TaskGroup& tasks,
                         const Clock& clock, Rng& rng, Metrics& metrics,
                         const UpstreamMetrics& upstreams, Recorder& records)
    : metrics_(metrics),
      records_(records),
      querier_(clock, metrics),
      careful_(querier_, [this] { return watch_.Doubtful(); }),
      notifier_(executor, tasks, clock, rng, {},
                [](std::string_view receiver, std::string_view what) {
                  log::Warn("cannot deliver alerts", {{"receiver", receiver}, {"why", what}});
                }),
      manager_(
          executor, tasks, careful_, notifier_, clock,
          [this](const alerting::GroupEvaluation& e) { OnEvaluation(e); }, &records),
      watch_(executor, tasks, clock, upstreams, querier_,
             [this](alerting::Conditions& now) { FillConditions(now); }),
      turns_(watch_.peers(), clock),
      clock_(clock) {
  notifier_.SetTurns(&turns_);
  metrics_.OnCollect([this] { Collect(); });
}

void RuleService::SetStore(alerting::OpenedStore opened) {
  store_ = std::move(opened.store);
  if (!store_->damage().empty()) log::Error("alert state is damaged", {{"why", store_->damage()}});
  notifier_.SetStore(store_.get(), opened.records);
  manager_.Restore(opened.records);
  store_->SetSnapshot([this] {
    alerting::Records records = manager_.Snapshot();
    notifier_.Snapshot(records);
    return records;
  });
}

absl::StatusOr<std::vector<alerting::Route>> RuleService::MakeRoutes(
    const Config& config, const std::string& external_url, HttpClients& clients) {
  std::vector<alerting::Route> routes;
  for (const AlertmanagerConfig& entry : config.alertmanagers) {
    ASSIGN_OR_RETURN(net::HttpClient * client, clients.Get(entry.tls, entry.auth));
    for (size_t i = 0; i < entry.origins.size(); ++i) {
      // One address may be named by several tiers: it has one queue all the same.
      const auto known = std::find_if(
          routes.begin(), routes.end(),
          [&](const alerting::Route& route) { return route.receiver->name() == entry.urls[i]; });
      if (known != routes.end()) {
        for (size_t tier = 0; tier < 3; ++tier) {
          known->tiers[tier] = known->tiers[tier] || entry.tiers[tier];
        }
        continue;
      }
      routes.push_back({alerting::NewAlertmanager(
                            {entry.urls[i], entry.origins[i], AuthHeaders(entry.auth)}, *client),
                        entry.tiers, static_cast<int>(entry.standby), false});
    }
  }
  for (const PeerConfig& peer : config.observers.peers) {
    RETURN_IF_ERROR(clients.Get(peer.tls, peer.auth).status());
  }
  for (const WebhookConfig& entry : config.webhooks) {
    ASSIGN_OR_RETURN(net::HttpClient * client, clients.Get(entry.tls, entry.auth));
    alerting::WebhookOptions options = {entry.name, entry.origin, entry.target,
                                        AuthHeaders(entry.auth), external_url};
    routes.push_back(
        {alerting::NewWebhook(std::move(options), *client), entry.tiers, 0, entry.watchdog});
  }
  return routes;
}

void RuleService::Apply(const Config& config, std::string external_url,
                        std::vector<alerting::Route> routes,
                        std::vector<alerting::RuleGroup> groups, HttpClients& clients) {
  // First: whoever is told something knows whose turn it is.
  watch_.Apply(config, clients);
  turns_.Set(watch_.config().name, std::chrono::milliseconds(watch_.config().interval_ms));
  notifier_.SetRoutes(std::move(routes));
  groups.push_back(watch_.Group(notifier_.has_watchdog_route()));
  applied_at_ms_ = clock_.WallMillis();
  region_labels_.clear();
  for (const aggregator::Region& region : config.inventory.regions) {
    region_labels_.emplace(region.name, region.labels);
  }
  alerting::GroupOptions options;
  options.external_labels = config.global.external_labels;
  options.external_url = std::move(external_url);
  manager_.Apply(std::move(groups), options);
}

const alerting::RuleGroup* RuleService::FindGroup(const std::string& file,
                                                  const std::string& name) const {
  for (const alerting::GroupRunner* runner : manager_.groups()) {
    if (runner->group().file == file && runner->group().name == name) return &runner->group();
  }
  return nullptr;
}

absl::StatusOr<aggregator::BackfillInfo> RuleService::Backfill(int64_t start_ms, int64_t end_ms,
                                                               std::string_view group) const {
  ASSIGN_OR_RETURN(const int64_t oldest, records_.Oldest());
  if (start_ms < oldest) {
    return InvalidArgument("start: expected a time from {} on, which is what is kept, got {}",
                           aggregator::FormatRfc3339(oldest * 1'000'000),
                           aggregator::FormatRfc3339(start_ms * 1'000'000));
  }
  // What is not over yet is not missed.
  end_ms = std::min(end_ms, clock_.WallMillis());
  aggregator::BackfillInfo info;
  for (const alerting::GroupRunner* runner : manager_.groups()) {
    const alerting::RuleGroup& one = runner->group();
    if (!group.empty() && one.name != group) continue;
    // Slots are told from the clock's time, samples have the offset's.
    MissedSlots::Span span;
    span.from = runner->NextSlot(start_ms + one.query_offset_ms - 1) - one.query_offset_ms;
    span.interval_ms = one.interval_ms;
    for (const alerting::Rule& rule : one.rules) {
      if (rule.alerting()) continue;
      ++info.rules;
      if (span.from > end_ms) continue;
      span.to = span.from + (end_ms - span.from) / span.interval_ms * span.interval_ms;
      info.slots += span.count();
      records_.missed()->AddSpan({one.file, one.name, rule.record, one.interval_ms}, span);
    }
  }
  if (info.rules == 0) {
    return MakeStatus(absl::StatusCode::kNotFound, "no recording rules{}",
                      group.empty() ? "" : fmt::format(" in a group \"{}\"", group));
  }
  return info;
}

std::vector<aggregator::RuleGroupInfo> RuleService::Groups() const {
  std::vector<aggregator::RuleGroupInfo> groups;
  for (const alerting::GroupRunner* runner : manager_.groups()) {
    aggregator::RuleGroupInfo& info = groups.emplace_back();
    info.name = runner->group().name;
    info.file = runner->group().file;
    info.interval_s = static_cast<double>(runner->group().interval_ms) / 1000;
    info.limit = runner->group().limit;
    info.evaluation_s = runner->evaluation_seconds();
    if (runner->last_evaluation_ms() != 0) {
      info.last_evaluation_ns = runner->last_evaluation_ms() * 1'000'000;
    }
    for (const alerting::RunningRule& rule : runner->rules()) info.rules.push_back(InfoOf(rule));
  }
  return groups;
}

void RuleService::OnEvaluation(const alerting::GroupEvaluation& evaluation) {
  if (evaluation.group.group().querier != nullptr) {
    notifier_.SetIsolated(watch_.LeavesPagingToOthers());
  }
  const std::string& group = evaluation.group.group().name;
  std::map<const char*, int> outcomes;
  for (const alerting::RunningRule& rule : evaluation.group.rules()) {
    ++outcomes[rule.health == alerting::RuleHealth::kError ? kFailed
               : rule.unseen.empty()                       ? kSeen
                                                           : kPartial];
    if (rule.health == alerting::RuleHealth::kError) {
      log::Warn("rule failed",
                {{"group", group}, {"rule", rule.rule.name()}, {"why", rule.last_error}});
    }
  }
  for (const auto& [outcome, count] : outcomes) {
    metrics_
        .Counter("synoptic_rule_evaluations_total",
                 "Evaluations of rules: ok, partial (a region was missing) or error.",
                 {{"group", group}, {"outcome", outcome}})
        .Increment(count);
  }
  metrics_
      .Histogram("synoptic_rule_evaluation_duration_seconds", "How long a group's evaluation took.",
                 {{"group", group}})
      .Observe(evaluation.seconds);
  metrics_
      .Gauge("synoptic_rule_lateness_seconds",
             "How long after its slot the group's last evaluation began.", {{"group", group}})
      .Set(evaluation.lateness_seconds);
  if (evaluation.group.group().freshness) {
    metrics_
        .Gauge("synoptic_rule_learned_offset_seconds",
               "By how much earlier a group asks because its inputs are late.", {{"group", group}})
        .Set(static_cast<double>(evaluation.group.learned_offset_ms()) / 1000);
  }
  metrics_
      .Counter("synoptic_rule_evaluations_missed_total",
               "Slots of a group that passed without an evaluation.", {{"group", group}})
      .Increment(static_cast<double>(evaluation.missed));
  if (evaluation.missed > 0) {
    log::Warn("rule group skipped evaluations", {{"group", group}, {"missed", evaluation.missed}});
  }
}

void RuleService::Collect() {
  std::map<std::pair<std::string, std::string>, double> alerts;
  for (const alerting::GroupRunner* runner : manager_.groups()) {
    for (const alerting::RunningRule& rule : runner->rules()) {
      const std::string tier(alerting::TierName(rule.tier));
      for (const char* state : {"pending", "firing", "held"}) alerts[{state, tier}] += 0;
      for (const auto& [labels, alert] : rule.state.alerts) {
        if (alert.status == AlertStatus::kInactive) continue;
        ++alerts[{alert.status == AlertStatus::kFiring ? "firing" : "pending", tier}];
        if (alert.held()) ++alerts[{"held", tier}];
      }
    }
  }
  for (const auto& [key, count] : alerts) {
    metrics_
        .Gauge("synoptic_alerts", "Active alerts; held ones fire without being seen.",
               {{"state", key.first}, {"tier", key.second}})
        .Set(count);
  }
  const std::map<std::string, double> drops = watch_.SeriesDrops();
  for (const auto& [region, drop] : shown_drops_) {
    if (!drops.contains(region)) metrics_.RemoveGauge(kDrop, {{"region", region}});
  }
  shown_drops_ = drops;
  for (const auto& [region, drop] : drops) {
    metrics_
        .Gauge(
            kDrop,
            "Which share of its targets a region has lost, against the most of the last minutes.",
            {{"region", region}})
        .Set(drop);
  }
  if (store_ != nullptr) {
    metrics_
        .Gauge("synoptic_state_durable",
               "Whether alert state is on disk; paging goes on from memory when it is not.")
        .Set(store_->durable() ? 1 : 0);
  }
  for (const alerting::Outbox* outbox : notifier_.outboxes()) {
    const Metrics::LabelMap labels = {{"receiver", outbox->receiver()}};
    RaiseTo(metrics_.Counter("synoptic_notifications_sent_total", "Alerts a receiver accepted.",
                             labels),
            outbox->stats().sent);
    RaiseTo(metrics_.Counter("synoptic_notifications_failed_total",
                             "Batches that failed and are sent again.", labels),
            outbox->stats().failed);
    RaiseTo(metrics_.Counter("synoptic_notifications_dropped_total",
                             "Alerts given up: refused by the receiver, or the queue was full.",
                             labels),
            outbox->stats().dropped);
    RaiseTo(metrics_.Counter("synoptic_notifications_by_replicas_total",
                             "Alerts that another replica has delivered.", labels),
            outbox->stats().by_others);
    metrics_.Gauge("synoptic_notifications_waiting", "Alerts that wait to be accepted.", labels)
        .Set(static_cast<double>(outbox->waiting()));
    metrics_
        .Gauge("synoptic_notification_oldest_unsent_seconds",
               "Age of the oldest alert that waits to be accepted.", labels)
        .Set(std::chrono::duration<double>(outbox->OldestWaiting()).count());
  }
}

}  // namespace synoptic::app
