// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/notifier.h"

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "alerting/notify/outbox_record.h"
#include "net/async/fan_out.h"

namespace synoptic::alerting {
namespace {

// A disk that is slower than this makes a page wait no longer.
constexpr MonoDuration kDiskPatience = std::chrono::seconds(1);
constexpr std::string_view kWatchdog = "SynopticWatchdog";

}  // namespace

// What is between the rules and the outboxes. Shared, since it outlives whoever waits for it, and
// outboxes outlive their notifier while a request of theirs is under way.
struct Notifier::UnderWay {
  explicit UnderWay(Notifier* notifier) : owner(notifier) {}

  Notifier* owner;  // null: it is gone, and what is accepted now is sent again by the next process
  std::set<const Handover*> handovers;
  absl::flat_hash_map<std::string, int> keys;  // of records that outboxes do not know of yet
};

struct Notifier::Running {
  Running(const boost::asio::any_io_executor& executor, Route route, const Clock& clock, Rng& rng,
          OutboxOptions options, Outbox::Listener listener)
      : tiers(route.tiers),
        standby(route.standby),
        watchdog(route.watchdog),
        outbox(executor, std::move(route.receiver), clock, rng, options, std::move(listener)) {}
  std::array<bool, 3> tiers;
  int standby;
  bool watchdog;
  Outbox outbox;
  TaskHandle task;
};

// Alerts on their way through the disk into outboxes. They arrive there even when whoever hands
// them over is cancelled while the disk is at work: the state already says that they are sent.
struct Notifier::Handover {
  struct Item {
    std::shared_ptr<Running> to;
    SharedAlert alert;
    bool durable;
    std::string key;  // of its record; empty unless durable
  };
  explicit Handover(std::shared_ptr<UnderWay> under_way) : all(std::move(under_way)) {
    all->handovers.insert(this);
  }
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;
  ~Handover() {
    all->handovers.erase(this);
    for (Item& item : items) {
      item.to->outbox.Add(std::move(item.alert), item.durable);
      const auto it = all->keys.find(item.key);
      if (it != all->keys.end() && --it->second == 0) all->keys.erase(it);
    }
  }
  void Add(const std::shared_ptr<Running>& to, const SharedAlert& alert, std::string key) {
    if (!key.empty()) ++all->keys[key];
    items.push_back({to, alert, !key.empty(), std::move(key)});
  }

  const std::shared_ptr<UnderWay> all;
  std::vector<Item> items;
};

Notifier::Notifier(const boost::asio::any_io_executor& executor, TaskGroup& tasks,
                   const Clock& clock, Rng& rng, OutboxOptions options, OnProblem on_problem)
    : executor_(executor),
      tasks_(tasks),
      clock_(clock),
      rng_(rng),
      options_(options),
      on_problem_(std::move(on_problem)),
      under_way_(std::make_shared<UnderWay>(this)) {}

Notifier::~Notifier() { under_way_->owner = nullptr; }

void Notifier::SetStore(StateStore* store, const Records& records) {
  store_ = store;
  for (const Record& record : records) {
    if (record.kind != RecordKind::kOutbox) continue;
    if (auto waiting = ReadWaiting(record); waiting.ok()) restored_.push_back(*std::move(waiting));
  }
}

Task<> Notifier::Loop(std::shared_ptr<Running> running) {
  co_return co_await running->outbox.Run();
}

std::shared_ptr<Notifier::Running> Notifier::Start(Route route) {
  const std::string name = route.receiver->name();
  auto slot = std::make_shared<std::weak_ptr<Running>>();
  Outbox::Listener listener;
  listener.on_problem = on_problem_;
  listener.on_done = [shared = under_way_, name](const promql::Labels& labels, bool firing) {
    if (shared->owner == nullptr || shared->owner->store_ == nullptr) return;
    Record accepted = AcceptedRecord(name, labels, firing);
    // The record is already that of a newer one, which is not in the outbox yet.
    if (shared->keys.contains(accepted.key)) return;
    shared->owner->store_->Write({std::move(accepted)});
  };
  listener.on_broken = [shared = under_way_, slot] {
    const auto broken = slot->lock();
    if (shared->owner != nullptr && broken != nullptr) shared->owner->PassOn(*broken);
  };
  auto running = std::make_shared<Running>(executor_, std::move(route), clock_, rng_, options_,
                                           std::move(listener));
  *slot = running;
  Coordinate(*running);
  running->task = tasks_.Spawn(executor_, "outbox " + name, Loop(running));
  return running;
}

void Notifier::Coordinate(Running& running) {
  const bool once = !running.outbox.wants_repetitions() && !running.watchdog;
  running.outbox.SetTurns(once ? turns_ : nullptr);
}

void Notifier::SetRoutes(std::vector<Route> routes) {
  std::vector<std::shared_ptr<Running>> old = std::move(running_);
  running_.clear();
  for (Route& route : routes) {
    const auto same = [&route](const std::shared_ptr<Running>& candidate) {
      return candidate != nullptr && candidate->outbox.receiver() == route.receiver->name();
    };
    const auto it = std::find_if(old.begin(), old.end(), same);
    if (it == old.end()) {
      running_.push_back(Start(std::move(route)));
      continue;
    }
    (*it)->outbox.SetReceiver(std::move(route.receiver));
    (*it)->tiers = route.tiers;
    (*it)->standby = route.standby;
    (*it)->watchdog = route.watchdog;
    Coordinate(**it);
    running_.push_back(std::move(*it));
  }
  for (const auto& gone : old) {
    if (gone == nullptr) continue;
    gone->task.Cancel();
    if (store_ == nullptr) continue;
    for (const auto& [alert, durable] : gone->outbox.Waiting()) {
      if (durable)
        store_->Write({AcceptedRecord(gone->outbox.receiver(), alert->labels, alert->firing())});
    }
  }
  AddRestored();
}

void Notifier::AddRestored() {
  // In the order in which they happened: of one alert the last one counts.
  std::sort(restored_.begin(), restored_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.starts_at_ms, !a.second.firing()) <
           std::pair(b.second.starts_at_ms, !b.second.firing());
  });
  for (auto& [receiver, alert] : std::exchange(restored_, {})) {
    const auto it = std::find_if(
        running_.begin(), running_.end(),
        [&name = receiver](const auto& running) { return running->outbox.receiver() == name; });
    if (it != running_.end()) {
      (*it)->outbox.Add(std::make_shared<const OutgoingAlert>(std::move(alert)), true);
    } else {
      // Its receiver is configured no more.
      store_->Write({AcceptedRecord(receiver, alert.labels, alert.firing())});
      if (on_problem_) on_problem_(receiver, "is gone, and with it " + alert.labels.ToString());
    }
  }
}

bool Notifier::StandsBy(const Running& running) const {
  if (running.standby == 0) return false;
  return std::any_of(running_.begin(), running_.end(), [&running](const auto& other) {
    return !other->watchdog && other->outbox.wants_repetitions() &&
           other->standby < running.standby && !other->outbox.broken();
  });
}

bool Notifier::Takes(const Running& running, const OutgoingAlert& alert) const {
  if (!alert.transition && !running.outbox.wants_repetitions()) {
    if (!running.watchdog) return false;  // a switch lives of being told
  }
  // Another alert stands for it: who remembers states may know, who rings bells need not.
  if (alert.firing() && !alert.suppressed_by.empty() && !running.outbox.wants_repetitions()) {
    return false;
  }
  if (running.watchdog) return alert.labels.Get("alertname") == kWatchdog;
  if (alert.labels.Get("alertname") == kWatchdog && has_watchdog_route()) return false;
  return running.tiers[static_cast<size_t>(alert.tier)];
}

void Notifier::PassOn(const Running& broken) {
  const auto waiting = broken.outbox.Waiting();
  for (const auto& other : running_) {
    if (other->standby <= broken.standby || StandsBy(*other)) continue;
    for (const auto& [alert, durable] : waiting) {
      if (Takes(*other, *alert)) other->outbox.Add(alert);
    }
  }
}

void Notifier::Keep(Records state) {
  if (store_ != nullptr) store_->Write(std::move(state));
}

Task<> Notifier::Deliver(std::vector<OutgoingAlert> alerts, Records state) {
  Handover handover(under_way_);
  bool transition = false;
  for (OutgoingAlert& made : alerts) {
    const auto alert = std::make_shared<const OutgoingAlert>(std::move(made));
    for (const auto& running : running_) {
      if (!Takes(*running, *alert) || StandsBy(*running)) continue;
      const bool durable = alert->transition && store_ != nullptr && !running->watchdog;
      std::string key;
      if (durable) {
        state.push_back(WaitingRecord(running->outbox.receiver(), *alert));
        key = state.back().key;
      }
      transition = transition || durable;
      handover.Add(running, alert, std::move(key));
    }
  }
  alerts.clear();
  if (store_ == nullptr) co_return absl::OkStatus();
  store_->Write(std::move(state));
  if (!transition) co_return absl::OkStatus();
  const absl::Status kept = co_await store_->Flush(Deadline::After(clock_, kDiskPatience));
  co_return absl::IsCancelled(kept) ? kept : absl::OkStatus();
}

Task<> Notifier::DrainOne(std::shared_ptr<Running> running, Deadline deadline) {
  co_return co_await running->outbox.Drain(deadline);
}

Task<> Notifier::Drain(Deadline deadline) {
  std::vector<Leg<void>> legs;
  for (const auto& running : running_) {
    // The loop would send the same batch beside us.
    running->task.Cancel();
    legs.push_back({DrainOne(running, deadline), deadline});
  }
  TaskGroup group;  // not `tasks_`: that one may have been stopped already
  absl::Status worst = absl::OkStatus();
  const std::vector<absl::Status> drained = co_await FanOut(group, clock_, std::move(legs));
  for (const absl::Status& status : drained) worst.Update(status);
  if (store_ != nullptr) {
    (void)co_await store_->Flush(Deadline::After(clock_, kDiskPatience));
  }
  co_return worst;
}

void Notifier::Snapshot(Records& records) const {
  for (const auto& running : running_) {
    for (const auto& [alert, durable] : running->outbox.Waiting()) {
      if (durable) records.push_back(WaitingRecord(running->outbox.receiver(), *alert));
    }
  }
  // Later records replace earlier ones of one key, and these are the newer alerts.
  for (const Handover* handover : under_way_->handovers) {
    for (const Handover::Item& item : handover->items) {
      if (!item.durable) continue;
      records.push_back(WaitingRecord(item.to->outbox.receiver(), *item.alert));
    }
  }
}

std::vector<const Outbox*> Notifier::outboxes() const {
  std::vector<const Outbox*> result;
  for (const auto& running : running_) result.push_back(&running->outbox);
  return result;
}

bool Notifier::has_watchdog_route() const {
  return std::any_of(running_.begin(), running_.end(),
                     [](const auto& running) { return running->watchdog; });
}

}  // namespace synoptic::alerting
