// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The server: everything wired together, started, reloaded and stopped. The only place that knows
// all parts.
//
// New and Stop are called from the main thread; the rest happens on the event loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "app/config.h"
#include "base/clock.h"
#include "base/fs.h"
#include "net/async/dns.h"

namespace synoptic::app {

struct AppOptions {
  std::string config_file;
  std::string listen_address = "0.0.0.0";
  uint16_t listen_port = 9099;
  // Health, readiness and metrics, alive when the main listener is full.
  std::string admin_address = "127.0.0.1";
  uint16_t admin_port = 9098;
  bool admin_required = false;  // asked for by hand: failing to listen is an error
  bool admin = true;
  std::string data_dir = "data";
  DnsOptions dns;                                          // who is asked for names of replicas
  bool lifecycle = false;                                  // POST /-/reload
  std::vector<std::pair<std::string, std::string>> flags;  // to show
};

class App {
 public:
  virtual ~App() = default;

  // Loads the configuration and starts serving. Errors say why nothing was started. A region that
  // cannot be reached is none: it is logged, and queries go on without it.
  static absl::StatusOr<std::unique_ptr<App>> Start(AppOptions options, const Clock& clock, Fs& fs,
                                                    Environment environment);

  virtual uint16_t port() const = 0;
  virtual uint16_t admin_port() const = 0;  // 0: none
  // Loads the configuration anew; a bad one changes nothing. Reloads never overlap.
  virtual absl::Status ReloadConfig() = 0;
  // Not ready any more; running requests may end, waiting alerts go out, then everything stops. An
  // error names what did not end in time; then the process should exit without destroying this.
  virtual absl::Status Stop() = 0;
};

}  // namespace synoptic::app
