// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// KahanSum under its old name: histograms of promql/model sum that way too.
#pragma once

#include "promql/model/kahan.h"  // IWYU pragma: export
