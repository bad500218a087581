// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One node of an evaluation: labels of all its output series first, then one column per series.
//
// Building an operator fixes its series; then Next is called once for each of them, in order, and
// Finish once at the end. A column has one value per step of the operator's grid, Absent() where
// the series has no float; native histograms, which few columns have, lie beside it. Operators own
// their children. Not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/eval/native_column.h"
#include "promql/model/histogram.h"
#include "promql/model/histogram_pool.h"
#include "promql/model/labels.h"

namespace synoptic::promql::internal {

struct SeriesInfo {
  Labels labels;
  // With delayed name removal: __name__ and its kin go at the end of the query.
  bool drop_name = false;
  // Known to have no native histograms; false where nobody looked.
  bool floats_only = false;
};

class Operator;
using OperatorPtr = std::unique_ptr<Operator>;

class Operator {
 public:
  explicit Operator(const Scope& scope) : scope_(scope) {}
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  const std::vector<SeriesInfo>& series() const { return series_; }
  // REQUIRES: done() is false; out.size() is the number of steps.
  absl::Status Next(std::span<double> out) {
    ++pulled_;
    native_.clear();
    return DoNext(out);
  }
  // Of the column that Next filled last: empty when it has no histogram; otherwise one entry a
  // step, null where there is none, and where there is one the float is Absent() unless KeepBoth
  // was called. An operator that does nothing about them drops them. The caller may move them away.
  std::vector<HistogramPtr>& histograms() {
    if (!native_.dense.empty()) MakeObjects();
    return histograms_;
  }
  // The same as rows, where they were computed so, for who can do with them: then histograms() is
  // not called, and the float of every step is Absent(). Null: they are not, or there are none.
  DenseColumn* dense_histograms() { return native_.dense.empty() ? nullptr : &native_.dense; }
  bool has_histograms() const { return !native_.empty(); }
  // The labels of a series, for whoever asks last: after Finish.
  Labels TakeLabels(size_t i) { return std::move(series_[i].labels); }
  bool done() const { return pulled_ == series_.size(); }
  // Puts series() into the order in which Prometheus has those that have a sample at all, where
  // that is not known before the columns are: for whoever adds up floats in that order. Called
  // before series() is used.
  virtual absl::Status SettleOrder() { return absl::OkStatus(); }
  // Some operators merge a float and a histogram of one step. Who can handle that calls this before
  // the first Next; for others, as for Prometheus' operators, that float hides the histogram and
  // all later ones of the series.
  virtual void KeepBoth() {}
  // Pulls what nobody asked for (its errors and notes count) and reports errors that are known
  // only at the end.
  virtual absl::Status Finish();
  // The step that the error of Finish is about, where that is known: of errors at different steps
  // the earlier one's is told.
  virtual size_t FailedStep() const { return 0; }

 protected:
  virtual absl::Status DoNext(std::span<double> out) = 0;
  Operator& AddChild(OperatorPtr child) {
    children_.push_back(std::move(child));
    return *children_.back();
  }
  size_t index() const { return pulled_ - 1; }  // of the series DoNext is about
  // For DoNext: the column has a histogram at this step, where its float is to be Absent().
  void PutHistogram(size_t step, HistogramPtr histogram) {
    if (histograms_.empty()) histograms_.resize(scope_.steps());
    histograms_[step] = std::move(histogram);
  }
  EvalContext& eval() const { return scope_.eval; }
  const Scope& scope() const { return scope_; }

  std::vector<SeriesInfo> series_;
  NativeColumn native_;  // of the current column; empty when DoNext begins
  std::vector<HistogramPtr>& histograms_ = native_.objects;

 private:
  void MakeObjects();

  const Scope scope_;
  size_t pulled_ = 0;
  absl::InlinedVector<OperatorPtr, 2> children_;
  std::unique_ptr<HistogramPool> pool_;  // of MakeObjects
};

}  // namespace synoptic::promql::internal
