// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// `synoptic convert promxy FILE`: our configuration to stdout, what changed its meaning to stderr.
#include <cstdio>

#include "app/commands.h"
#include "app/convert_promxy.h"
#include "base/fs.h"
#include "base/status.h"
#include "base/yaml_node.h"

namespace synoptic::app {

int ConvertPromxyCommand(const std::string& file) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  const auto text = fs->ReadFile(file, YamlLimits().max_bytes);
  if (!text.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(text.status()));
    return 1;
  }
  const auto converted = ConvertPromxy(file, *text);
  if (!converted.ok()) {
    fmt::print(stderr, "{}\n", MessageOf(converted.status()));
    return 1;
  }
  for (const std::string& note : converted->notes) fmt::print(stderr, "{}\n", note);
  fmt::print("{}", converted->yaml);
  return 0;
}

}  // namespace synoptic::app
