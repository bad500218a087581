// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A name service on loopback for tests: one answer to every question, changed at any time.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"
#include "net/async/dns.h"

namespace synoptic {

class FakeDns {
 public:
  static constexpr int kSilent = -1;
  struct Record {
    uint16_t type = 0;
    std::string data;
  };
  static Record A(const char* text) { return Address(1, AF_INET, 4, text); }
  static Record Aaaa(const char* text) { return Address(28, AF_INET6, 16, text); }
  static Record Srv(std::string_view host, uint16_t port, uint16_t priority) {
    std::string data = Short(priority) + Short(0) + Short(port);
    for (size_t at = 0; at < host.size();) {
      const size_t dot = std::min(host.find('.', at), host.size());
      data += static_cast<char>(dot - at);
      data += host.substr(at, dot - at);
      at = dot + 1;
    }
    return {33, data + '\0'};
  }

  FakeDns() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    socklen_t size = sizeof address;
    (void)::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    options_.servers = fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
    options_.timeout_ms = 200;
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeDns() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  FakeDns(const FakeDns&) = delete;
  FakeDns& operator=(const FakeDns&) = delete;

  const DnsOptions& options() const { return options_; }
  // `code`: 0 is success, 2 a failure, 3 no such name.
  void Set(std::vector<Record> records, int code = 0) {
    const std::lock_guard lock(mutex_);
    records_ = std::move(records);
    code_ = code;
  }

 private:
  static std::string Short(int value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  static Record Address(uint16_t type, int family, size_t size, const char* text) {
    std::string data(size, '\0');
    (void)::inet_pton(family, text, data.data());
    return {type, data};
  }

  void Serve() {
    char packet[512];
    sockaddr_in peer{};
    while (true) {
      socklen_t length = sizeof peer;
      const ssize_t n = ::recvfrom(socket_, packet, sizeof packet, 0,
                                   reinterpret_cast<sockaddr*>(&peer), &length);
      if (n <= 12) return;
      const std::string answer = AnswerTo({packet, static_cast<size_t>(n)});
      if (answer.empty()) continue;
      (void)::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&peer),
                     length);
    }
  }

  std::string AnswerTo(std::string_view query) {
    const std::lock_guard lock(mutex_);
    if (code_ == kSilent) return "";
    const size_t question_end = query.find('\0', 12) + 5;
    std::string out(query.substr(0, 2));
    out += Short(0x8580 | code_) + Short(1) + Short(static_cast<int>(records_.size())) + Short(0) +
           Short(0);
    out += query.substr(12, question_end - 12);
    for (const Record& record : records_) {
      out += "\xc0\x0c" + Short(record.type) + Short(1) + Short(0) + Short(0) +
             Short(static_cast<int>(record.data.size())) + record.data;
    }
    return out;
  }

  const int socket_;
  DnsOptions options_;
  std::mutex mutex_;
  std::vector<Record> records_;
  int code_ = 0;
  std::thread thread_;
};

}  // namespace synoptic
