// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/timer.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "base/status.h"
#include "net/async/event.h"

namespace synoptic {

namespace asio = boost::asio;

struct Timer::State : std::enable_shared_from_this<Timer::State> {
  State(const asio::any_io_executor& executor, const Clock& c) : clock(c), timer(executor) {}

  void Fire(uint64_t of) {
    if (of != generation) return;
    ++generation;
    wake_id = 0;
    std::function<void()> call = std::exchange(fire, nullptr);
    if (call) call();
  }

  const Clock& clock;
  asio::steady_timer timer;
  uint64_t generation = 0;  // a start or cancel makes earlier firings void
  uint64_t wake_id = 0;
  std::function<void()> fire;
};

Timer::Timer(const asio::any_io_executor& executor, const Clock& clock)
    : state_(std::make_shared<State>(executor, clock)) {}

Timer::~Timer() { Cancel(); }

void Timer::Cancel() {
  ++state_->generation;
  state_->fire = nullptr;
  if (state_->wake_id != 0) {
    state_->clock.CancelWake(std::exchange(state_->wake_id, 0));
  } else {
    state_->timer.cancel();
  }
}

void Timer::Start(MonoTime at, std::function<void()> fire) {
  Cancel();
  state_->fire = std::move(fire);
  const uint64_t generation = state_->generation;
  if (at == MonoTime::max()) return;
  state_->wake_id = state_->clock.WakeAt(
      at, [weak = std::weak_ptr(state_), generation, executor = state_->timer.get_executor()] {
        asio::post(executor, [weak, generation] {
          if (auto state = weak.lock()) state->Fire(generation);
        });
      });
  if (state_->wake_id != 0) return;
  state_->timer.expires_at(at);
  state_->timer.async_wait([weak = std::weak_ptr(state_), generation](const auto& error) {
    if (error) return;
    if (auto state = weak.lock()) state->Fire(generation);
  });
}

Task<> SleepUntil(const Clock& clock, MonoTime at) {
  Event never(co_await asio::this_coro::executor);
  absl::Status status = co_await never.WaitUntil(clock, at);
  co_return absl::IsDeadlineExceeded(status) ? absl::OkStatus() : status;
}

Task<> SleepFor(const Clock& clock, MonoDuration duration) {
  if (duration >= MonoTime::max() - clock.Mono()) return SleepUntil(clock, MonoTime::max());
  return SleepUntil(clock, clock.Mono() + duration);
}

Task<int64_t> PeriodicTimer::Next() {
  int64_t missed = 0;
  const MonoTime now = clock_.Mono();
  if (next_ + interval_ <= now) {
    missed = (now - next_) / interval_;
    next_ += missed * interval_;
  }
  MonoTime at = next_;
  if (rng_ != nullptr && jitter_ > 0) {
    const double offset =
        (rng_->Uniform() * 2 - 1) * jitter_ * static_cast<double>(interval_.count());
    at += MonoDuration(static_cast<MonoDuration::rep>(offset));
  }
  next_ += interval_;
  CO_RETURN_IF_ERROR(co_await SleepUntil(clock_, at));
  co_return missed;
}

}  // namespace synoptic
