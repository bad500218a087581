// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// synoptic cache stat|purge: what a running server keeps, and making it forget.
#pragma once

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "app/commands.h"

namespace synoptic::app {

struct CacheArguments {
  std::string server = "http://127.0.0.1:9099";
  OutputForm output = OutputForm::kTable;
  // Of a purge; empty: any.
  std::string region;
  std::string selector;
  std::string start;
  std::string end;
  bool all = false;
};

// Lives as long as `root` is used.
class CacheCli {
 public:
  explicit CacheCli(CLI::App& root);
  // The exit code of the command that was given; nothing when it is none of these.
  std::optional<int> Run() const;

 private:
  CLI::App& root_;
  CacheArguments arguments_;
};

}  // namespace synoptic::app
