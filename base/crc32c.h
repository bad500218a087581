// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// CRC-32C (Castagnoli): the checksum of Prometheus' remote-read frames and of what is kept on disk.
#pragma once

#include <cstdint>
#include <string_view>

namespace synoptic {

// Of `data` that follows bytes with checksum `crc` (0: none).
uint32_t Crc32c(std::string_view data, uint32_t crc = 0);

}  // namespace synoptic
