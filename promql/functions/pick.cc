// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions that count samples or pick one of them.
#include <algorithm>
#include <cmath>
#include <vector>

#include "promql/functions/kernels.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

// How many neighbouring samples of each window satisfy event(previous, current).
template <class Event>
void CountEvents(const RangeInput& in, std::span<double> out, Event event) {
  WindowList windows(in);
  StepVector<uint32_t>& until = windows.set().scratch().counts;  // up to and with each sample
  until.resize(in.v.size());
  uint32_t count = 0;
  for (size_t i = 0; i < in.v.size(); ++i) {
    count += i > 0 && event(in.v[i - 1], in.v[i]) ? 1 : 0;
    until[i] = count;
  }
  for (size_t i = 0; i < out.size(); ++i) {
    const Window w = windows[i];
    out[i] = w.empty() ? Absent() : static_cast<double>(until[w.hi - 1] - until[w.lo]);
  }
}

}  // namespace

void CountOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [](const Window& w, size_t) { return static_cast<double>(w.size()); });
}

void PresentOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [](const Window&, size_t) { return 1.0; });
}

void FirstOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [&](const Window& w, size_t) { return in.v[w.lo]; });
}

void LastOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [&](const Window& w, size_t) { return in.v[w.hi - 1]; });
}

void TsOfFirstOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out,
                [&](const Window& w, size_t) { return static_cast<double>(in.t[w.lo]) / 1000; });
}

// Never before 1970: Prometheus takes the time of the histograms that are not there for 0.
void TsOfLastOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    return static_cast<double>(std::max<int64_t>(in.t[w.hi - 1], 0)) / 1000;
  });
}

void ChangesKernel(const RangeInput& in, std::span<double> out) {
  CountEvents(in, out, [](double previous, double current) {
    return current != previous && !(std::isnan(current) && std::isnan(previous));
  });
}

void ResetsKernel(const RangeInput& in, std::span<double> out) {
  CountEvents(in, out, [](double previous, double current) { return current < previous; });
}

}  // namespace synoptic::promql
