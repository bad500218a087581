// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sections that tune speed or storage and whose absence changes no answer: they are
// checked and accepted, with a warning in the log while this version does without them.
#include "app/config_sections.h"

namespace synoptic::app {

void ReadStore(const YamlValue& value, Config* out) {
  YamlMap map = value.ReadMap();
  int64_t ms = 0;
  int64_t bytes = 0;
  map.DurationMillis("retention", &ms);
  map.Bytes("max_size", &bytes);
  map.Finish();
  if (!value.IsEmpty()) {
    out->warnings.push_back("store has no effect yet: recorded series are not kept");
  }
}

}  // namespace synoptic::app
