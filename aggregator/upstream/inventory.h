// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The regions as configured: what `regions:` in the configuration says, parsed and validated by
// `app`, consumed by everything in `aggregator`. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/async/dns.h"
#include "net/http/client.h"
#include "net/http/oauth2.h"
#include "net/http/sigv4.h"
#include "promql/model/topology.h"

namespace synoptic::aggregator {

enum class RegionPolicy { kRequire, kDegrade, kOptional };
enum class Flavor { kPrometheus, kThanos, kMimir, kVictoriaMetrics, kSynoptic };
enum class ReadForm { kAuto, kQuery, kRemoteRead };

// A string that no log, error or page shows.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

struct HttpAuth {
  std::string username;  // basic auth
  Secret password;
  std::string authorization_type;  // "Bearer"
  Secret authorization_credentials;
  std::vector<std::pair<std::string, Secret>> headers;
  // At most one of them, and none of the above but headers: the HTTP client sees to it.
  std::optional<net::OAuth2Options> oauth2;
  std::optional<net::SigV4Options> sigv4;
};

struct Replica {
  std::string url;  // as configured, without credentials
  net::Origin origin;
};

// Names whose servers are replicas, and stay so while nobody can look the name up.
struct DnsNames {
  std::vector<std::string> names;
  DnsType type = DnsType::kSrv;
  uint16_t port = 0;  // of addresses
  int64_t refresh_ms = 30'000;
};

struct Shard {
  std::string name = "main";
  promql::Labels labels;  // the shard's own, without the region's
  Flavor flavor = Flavor::kPrometheus;
  ReadForm read = ReadForm::kAuto;
  std::vector<Replica> replicas;
  std::vector<DnsNames> dns;    // more replicas
  std::string scheme = "http";  // of those that are found by files and names
  std::string path_prefix;
  HttpAuth auth;
  net::TlsOptions tls;
  int64_t timeout_ms = 30'000;
  int64_t min_age_ms = 0;  // part of history held; 0: no bound
  int64_t max_age_ms = 0;
  bool has_ages() const { return min_age_ms != 0 || max_age_ms != 0; }
  int max_concurrency = 20;
  int64_t max_response_bytes = int64_t{1} << 30;
};

// What discovery found for a shard: host:port, or a whole URL. InvalidArgument names it.
absl::StatusOr<Replica> FoundReplica(const Shard& shard, const std::string& target);

struct Region {
  std::string name;
  promql::Labels labels;  // default: region="<name>"
  RegionPolicy policy = RegionPolicy::kDegrade;
  std::vector<std::string> replica_labels;  // sorted; dropped before replicas are compared
  // Series that tell which replica was whole when (a selector); empty: replicas always are.
  std::string canary = "up";
  double weight = 1;
  std::vector<Shard> shards;
};

// The labels on every series of a shard: its region's and its own.
promql::Labels LabelsOf(const Region& region, const Shard& shard);

struct Inventory {
  std::vector<Region> regions;
  // What the planner sees: one entry per shard, region by region. Shards of a region with equal
  // labels hold the same series at different ages: they are stores of one place, which has one
  // entry, named by the first.
  promql::Topology MakeTopology() const;
};

// InvalidArgument naming region, shard and the value: duplicate names, regions with equal labels,
// shards with equal labels that their ages do not tell apart or between whose ages there is a hole,
// no replicas, a replica listed twice.
absl::Status Validate(const Inventory& inventory);

}  // namespace synoptic::aggregator
