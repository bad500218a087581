// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs of integers in few bits: each as its distance from a base, all in the same width; the few
// that do not fit stand beside (frame of reference with patches, as in PFOR: Zukowski, Heman, Nes,
// Boncz, "Super-Scalar RAM-CPU Cache Compression", 2006). How many there are is not written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace synoptic::promql {

// Takes as they come, in the width that makes them shortest.
void PutPacked(std::string& out, std::span<const int64_t> values);
// Fills `values` off the front of `in`. False when it is cut short or not of our making.
bool TakePacked(std::string_view& in, std::span<int64_t> values);

// The same of the values or of their differences, whichever is shorter. Differences wrap around.
void PutInts(std::string& out, std::span<const int64_t> values);
bool TakeInts(std::string_view& in, std::span<int64_t> values);

}  // namespace synoptic::promql
