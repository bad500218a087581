// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An XOR chunk reader that takes its bits one field at a time, branch by branch, as the format is
// described: what promql/model's reader is measured against in the same run.
#pragma once

#include <string_view>

#include "promql/model/sample.h"

namespace synoptic::bench {

// False when the bytes end early. Appends to `out`.
bool PlainDecodeXor(std::string_view bytes, promql::SampleColumns& out);

}  // namespace synoptic::bench
