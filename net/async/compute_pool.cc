// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/compute_pool.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace synoptic {

ComputePool::ComputePool(int threads)
    : threads_(std::max(threads, 1)), pool_(static_cast<size_t>(threads_)) {}

ComputePool::~ComputePool() { pool_.join(); }

void ComputePool::Post(std::function<void()> work) { boost::asio::post(pool_, std::move(work)); }

}  // namespace synoptic
