// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A real redis-server on loopback, for tests.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "aggregator/cache/backends/tier_testing.h"
#include "net/async/testing.h"
#include "net/http/tls_testing.h"

namespace synoptic::aggregator {

// Moves the fake clock, and gives a real server on a busy machine the time to answer.
inline void LetPass(AsyncTest& loop, std::chrono::milliseconds time) {
  loop.clock.AdvanceMillis(time.count());
  loop.context.restart();
  while (loop.context.run_one_for(std::chrono::milliseconds(30)) > 0) {
  }
}

class RedisServer {
 public:
  // More arguments as redis-server takes them: {"--requirepass", "x"}.
  // `identity`: it speaks TLS only, as this one, and to clients that this one has signed.
  explicit RedisServer(std::vector<std::string> more = {},
                       const net::net_testing::Identity* identity = nullptr)
      : more_(std::move(more)) {
    port_ = FreePort();
    if (identity != nullptr) SpeakTls(*identity);
    Start();
  }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer() { Stop(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  void Freeze() { ::kill(pid_, SIGSTOP); }
  void Thaw() { ::kill(pid_, SIGCONT); }
  void Stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void Start() {
    std::vector<std::string> words = {"redis-server",
                                      tls_ ? "--tls-port" : "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--save",
                                      "",
                                      "--appendonly",
                                      "no",
                                      "--dir",
                                      scratch_.path(),
                                      "--loglevel",
                                      "warning"};
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    if (::posix_spawnp(&pid_, "redis-server", &files, nullptr, arguments.data(), environ) != 0) {
      pid_ = 0;
    }
    ::posix_spawn_file_actions_destroy(&files);
  }

 private:
  void SpeakTls(const net::net_testing::Identity& identity) {
    tls_ = true;
    const auto file = [&](const std::string& name, const std::string& content) {
      const std::string path = (scratch_.path() / name).string();
      std::ofstream(path) << content;
      return path;
    };
    const std::string certificate = file("cert.pem", identity.certificate);
    const std::string key = file("key.pem", identity.key);
    for (std::string word :
         {std::string("--port"), std::string("0"), std::string("--tls-cert-file"), certificate,
          std::string("--tls-key-file"), key, std::string("--tls-ca-cert-file"), certificate}) {
      more_.push_back(std::move(word));
    }
  }

  // Below the ports that outgoing connections get, and its cluster port (10000 above) is one, too.
  static int FreePort() {
    static int next = 20'000 + static_cast<int>(::getpid()) % 500 * 4;
    while (true) {
      const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<uint16_t>(++next));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const int error = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
      ::close(socket);
      if (error == 0) return next;
    }
  }

  std::vector<std::string> more_;
  bool tls_ = false;
  ScratchDirectory scratch_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace synoptic::aggregator
