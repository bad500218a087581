// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "app/app.h"
#include "app/commands.h"
#include "app/prepared.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

struct Address {
  std::string host;
  uint16_t port = 0;
};

// host:port, [v6]:port or :port.
std::optional<Address> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Address address;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host.empty() ? "0.0.0.0" : std::string(host);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  return address;
}

int BadAddress(std::string_view option, std::string_view text) {
  fmt::print(stderr, "synoptic serve: {}: expected ADDRESS:PORT, got \"{}\"\n", option, text);
  return 2;
}

std::vector<std::pair<std::string, std::string>> FlagsOf(const ServeArguments& a) {
  constexpr const char* kLevels[] = {"debug", "info", "warn", "error"};
  return {{"admin-listen", a.admin_listen},
          {"config", a.config},
          {"data-dir", a.data_dir},
          {"enable-lifecycle", a.lifecycle ? "true" : "false"},
          {"listen", a.listen},
          {"log-format", a.log_format == log::Format::kJson ? "json" : "text"},
          {"log-level", kLevels[static_cast<int>(a.log_level)]}};
}

// Blocked before any thread starts, so that every thread inherits it and only sigwait sees them.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return set;
}

void WaitForEnd(App& app, const sigset_t& signals) {
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      log::Info("asked to stop", {{"signal", signal}});
      return;
    }
    // Its outcome is in the log and the metrics.
    (void)app.ReloadConfig();
  }
}

}  // namespace

int Serve(const ServeArguments& arguments) {
  log::Configure(arguments.log_level, arguments.log_format);
  const auto listen = ParseAddress(arguments.listen);
  if (!listen) return BadAddress("--listen", arguments.listen);
  AppOptions options;
  options.config_file = arguments.config;
  options.listen_address = listen->host;
  options.listen_port = listen->port;
  options.admin = arguments.admin_listen != "off";
  if (options.admin) {
    const auto admin = ParseAddress(arguments.admin_listen);
    if (!admin) return BadAddress("--admin-listen", arguments.admin_listen);
    options.admin_address = admin->host;
    options.admin_port = admin->port;
    options.admin_required = arguments.admin_given;
  }
  options.data_dir = arguments.data_dir;
  options.lifecycle = arguments.lifecycle;
  options.flags = FlagsOf(arguments);

  const sigset_t signals = BlockSignals();
  const SystemClock clock;
  const std::unique_ptr<Fs> fs = NewRealFs();
  auto app = App::Start(options, clock, *fs, ProcessEnvironment);
  if (!app.ok()) {
    for (const std::string_view line : Split(MessageOf(app.status()), '\n')) {
      log::Error("cannot start", {{"why", line}});
    }
    return 1;
  }
  if (!arguments.port_file.empty()) {
    const absl::Status written =
        fs->WriteFileAtomically(arguments.port_file, fmt::format("{}\n", (*app)->port()));
    if (!written.ok()) log::Error("cannot write the port", {{"why", MessageOf(written)}});
  }
  WaitForEnd(**app, signals);
  if (const absl::Status stopped = (*app)->Stop(); !stopped.ok()) {
    log::Error("did not stop in time", {{"why", MessageOf(stopped)}});
    std::_Exit(1);
  }
  return 0;
}

}  // namespace synoptic::app
