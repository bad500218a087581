// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "base/status.h"

namespace synoptic {
namespace {

constexpr int kMostTargets = 256;

using Ranked = std::tuple<int, std::string, uint16_t>;  // priority, host, port

struct Query {
  DnsType type;
  bool done = false;
  absl::StatusOr<std::vector<Ranked>> found = absl::UnavailableError("no answer");
};

absl::Status Failure(int code) {
  return MakeStatus(absl::StatusCode::kUnavailable, "{}", ares_strerror(code));
}

absl::StatusOr<std::vector<Ranked>> ReadServices(const unsigned char* bytes, int size) {
  ares_srv_reply* first = nullptr;
  const int code = ares_parse_srv_reply(bytes, size, &first);
  const std::unique_ptr<ares_srv_reply, decltype(&ares_free_data)> owner(first, &ares_free_data);
  if (code != ARES_SUCCESS) return Failure(code);
  std::vector<Ranked> out;
  for (const ares_srv_reply* one = first; one != nullptr; one = one->next) {
    std::string host = one->host;
    while (host.ends_with('.')) host.pop_back();
    if (!host.empty()) out.emplace_back(one->priority, std::move(host), one->port);
  }
  return out;
}

absl::StatusOr<std::vector<Ranked>> ReadAddresses(DnsType type, const unsigned char* bytes,
                                                  int size) {
  std::vector<Ranked> out;
  int count = kMostTargets;
  char text[INET6_ADDRSTRLEN];
  if (type == DnsType::kA) {
    std::vector<ares_addrttl> found(kMostTargets);
    const int code = ares_parse_a_reply(bytes, size, nullptr, found.data(), &count);
    if (code != ARES_SUCCESS) return Failure(code);
    for (int i = 0; i < count; ++i) {
      out.emplace_back(
          0, ::inet_ntop(AF_INET, &found[static_cast<size_t>(i)].ipaddr, text, sizeof text), 0);
    }
  } else {
    std::vector<ares_addr6ttl> found(kMostTargets);
    const int code = ares_parse_aaaa_reply(bytes, size, nullptr, found.data(), &count);
    if (code != ARES_SUCCESS) return Failure(code);
    for (int i = 0; i < count; ++i) {
      out.emplace_back(
          0, ::inet_ntop(AF_INET6, &found[static_cast<size_t>(i)].ip6addr, text, sizeof text), 0);
    }
  }
  return out;
}

void OnAnswer(void* to, int code, int /*timeouts*/, unsigned char* bytes, int size) {
  auto& query = *static_cast<Query*>(to);
  query.done = true;
  if (code != ARES_SUCCESS) {
    query.found = Failure(code);
  } else if (query.type == DnsType::kSrv) {
    query.found = ReadServices(bytes, size);
  } else {
    query.found = ReadAddresses(query.type, bytes, size);
  }
}

int RecordType(DnsType type) {
  switch (type) {
    case DnsType::kSrv:
      return ns_t_srv;
    case DnsType::kA:
      return ns_t_a;
    case DnsType::kAaaa:
      return ns_t_aaaa;
  }
  return ns_t_srv;
}

// Turns the channel until the answer is there or every try timed out.
void Wait(ares_channel channel, const Query& query) {
  while (!query.done) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    const int wanted = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
    if (wanted == 0) return;
    std::vector<pollfd> polled;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      const auto events = static_cast<short>((ARES_GETSOCK_READABLE(wanted, i) != 0 ? POLLIN : 0) |
                                             (ARES_GETSOCK_WRITABLE(wanted, i) != 0 ? POLLOUT : 0));
      if (events != 0) polled.push_back({sockets[i], events, 0});
    }
    timeval most{1, 0};
    timeval until{};
    const timeval* wait = ares_timeout(channel, &most, &until);
    (void)::poll(polled.data(), polled.size(),
                 static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000) + 1);
    for (const pollfd& one : polled) {
      const bool in = (one.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool out = (one.revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
      if (in || out) {
        ares_process_fd(channel, in ? one.fd : ARES_SOCKET_BAD, out ? one.fd : ARES_SOCKET_BAD);
      }
    }
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // its timeouts
  }
}

}  // namespace

absl::StatusOr<std::vector<DnsTarget>> LookUpDns(const std::string& name, DnsType type,
                                                 const DnsOptions& options) {
  static const int initialized = ares_library_init(ARES_LIB_INIT_ALL);
  if (initialized != ARES_SUCCESS) return Failure(initialized);
  ares_options wanted{};
  wanted.timeout = options.timeout_ms;
  wanted.tries = options.tries;
  ares_channel channel = nullptr;
  int code = ares_init_options(&channel, &wanted, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (code != ARES_SUCCESS) return Failure(code);
  Query query{type};  // outlives the channel, which calls back when it goes away
  {
    const std::unique_ptr<ares_channeldata, decltype(&ares_destroy)> owner(channel, &ares_destroy);
    if (!options.servers.empty()) {
      code = ares_set_servers_ports_csv(channel, options.servers.c_str());
      if (code != ARES_SUCCESS) return Failure(code);
    }
    ares_search(channel, name.c_str(), ns_c_in, RecordType(type), OnAnswer, &query);
    Wait(channel, query);
  }
  if (!query.found.ok()) {
    return Annotate(query.found.status(), fmt::format("look up \"{}\"", name));
  }
  std::vector<Ranked>& found = *query.found;
  std::sort(found.begin(), found.end());
  std::vector<DnsTarget> out;
  for (auto& [priority, host, port] : found) {
    DnsTarget target{std::move(host), port};
    if (std::find(out.begin(), out.end(), target) == out.end()) out.push_back(std::move(target));
  }
  if (out.empty()) return MakeStatus(absl::StatusCode::kUnavailable, "look up \"{}\": empty", name);
  return out;
}

}  // namespace synoptic
