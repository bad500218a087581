// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Percent escapes of URLs: letters, digits and -_.~ stay, every other byte becomes %XX.
#pragma once

#include <string>
#include <string_view>

namespace synoptic {

enum class SpaceAs { kPercent, kPlus };  // kPlus: as Go's url.QueryEscape
std::string PercentEncode(std::string_view text, SpaceAs space = SpaceAs::kPercent);

}  // namespace synoptic
