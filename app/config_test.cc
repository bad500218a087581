// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::app {
namespace {

std::optional<std::string> TestEnvironment(const std::string& name) {
  if (name == "TOKEN") return "canary-env";
  return std::nullopt;
}

absl::StatusOr<Config> Parse(std::string_view text) {
  static const std::unique_ptr<Fs> fs = [] {
    auto created = NewMemoryFs();
    EXPECT_TRUE(created->WriteFileAtomically("etc/pw", "canary-file\n").ok());
    EXPECT_TRUE(created->WriteFileAtomically("etc/ca.pem", "PEM").ok());
    return created;
  }();
  return ParseConfig("etc/s.yaml", text, TestEnvironment, *fs);
}

std::string ErrorOf(std::string_view text) {
  const auto config = Parse(text);
  return config.ok() ? "ok" : std::string(MessageOf(config.status()));
}

// The example of the reference, whole. Receivers alone are left out: they are refused below.
constexpr std::string_view kExample = R"(
global:
  evaluation_interval: 15s
  external_labels: {observer: global-1}       # added to alerts and recorded series
  query: {timeout: 2m, lookback_delta: 5m, max_samples: 50000000, max_memory: 1GiB, max_concurrency: 0}
regions:
  - name: us-east-1
    labels: {region: us-east-1}
    policy: degrade
    replica_labels: [replica, prometheus_replica]
    canary: up{job="node"}
    weight: 1
    shards:
      - name: main
        labels: {}
        flavor: prometheus
        read: auto
        replicas: [{url: "http://10.0.0.1:9090"}, {url: "http://10.0.0.2:9090"}]
        http: {timeout: 30s, tls_config: {}, basic_auth: {}, authorization: {}, oauth2: {}, sigv4: {}, headers: {}}
        time_range: {min_age: 0s, max_age: 0s}
        limits: {max_concurrency: 20, max_response_bytes: 1GiB}
  - name: eu-west-1
    prometheus: ["http://10.1.0.1:9090"]
resilience:
  hedge: {after: p95, budget: 5%}
  breaker: {failures: 5, open_for: 10s}
  retries: {max: 2, budget: 10%}
cache:
  memory: 512MiB
  disk: {path: cache, size: 10GiB}
  shared: {redis: {endpoints: []}}
  recent: 2m
rule_files: [rules/*.yaml]
alerting:
  alertmanagers: [{static_configs: [{targets: ["127.0.0.1:9093"]}]}]
  receivers: []
  tiers: {local: {}, regional: {}, global: {}}
remote_write: []
store: {retention: 15d, max_size: 10GiB}
slo_files: []
capacity: {}
readiness: {}
web: {config_file: "", cors_origin: "", external_url: "", ui: true}
tenancy: {}
)";

TEST(Config, ReadsTheDocumentedExample) {
  const auto config = Parse(kExample);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->global.evaluation_interval_ms, 15'000);
  EXPECT_EQ(config->global.external_labels.ToString(), "{observer=\"global-1\"}");
  EXPECT_EQ(config->global.query.max_memory_bytes, int64_t{1} << 30);
  ASSERT_EQ(config->inventory.regions.size(), 2);
  const aggregator::Region& us = config->inventory.regions[0];
  EXPECT_THAT(us.replica_labels, testing::ElementsAre("prometheus_replica", "replica"));
  EXPECT_EQ(us.canary, "up{job=\"node\"}");
  ASSERT_EQ(us.shards.size(), 1);
  ASSERT_EQ(us.shards[0].replicas.size(), 2);
  EXPECT_EQ(us.shards[0].replicas[1].origin.host, "10.0.0.2");
  EXPECT_EQ(us.shards[0].replicas[1].origin.port, 9090);
  const aggregator::Region& eu = config->inventory.regions[1];
  EXPECT_EQ(eu.labels.ToString(), "{region=\"eu-west-1\"}");
  EXPECT_EQ(eu.shards[0].name, "main");
  EXPECT_EQ(eu.canary, "up");
  EXPECT_THAT(config->rule_files, testing::ElementsAre("etc/rules/*.yaml"));
  ASSERT_EQ(config->alertmanagers.size(), 1);
  EXPECT_THAT(config->alertmanagers[0].urls, testing::ElementsAre("http://127.0.0.1:9093"));
  EXPECT_EQ(config->resilience.ask.retries_budget, 0.1);
  EXPECT_EQ(config->resilience.ask.hedge_percentile, 95);
  EXPECT_EQ(config->resilience.ask.hedge_budget, 0.05);
  EXPECT_EQ(config->cache.memory_bytes, int64_t{512} << 20);
  EXPECT_EQ(config->cache.disk.path, "cache");
  EXPECT_EQ(config->cache.disk.bytes, int64_t{10} << 30);
  EXPECT_THAT(config->cache.shared.redis.endpoints, testing::IsEmpty());
  EXPECT_EQ(config->store.retention_ms, int64_t{15} * 86'400'000);
  EXPECT_EQ(config->store.max_bytes, int64_t{10} << 30);
  EXPECT_THAT(config->warnings, testing::IsEmpty());
}

TEST(Config, ASharedCacheHasEndpointsAndAPassword) {
  const auto config = Parse(R"(
regions: [{name: a, prometheus: ["http://h"]}]
cache:
  shared: {redis: {endpoints: ["r1:6379", "[::1]:6379"], username: u, password: canary}, keep: 2h}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto& shared = config->cache.shared;
  EXPECT_THAT(shared.redis.endpoints, testing::ElementsAre("r1:6379", "[::1]:6379"));
  EXPECT_EQ(shared.redis.username, "u");
  EXPECT_EQ(shared.redis.password, "canary");
  EXPECT_EQ(shared.keep_ms, 7'200'000);
  EXPECT_THAT(config->yaml, testing::Not(testing::HasSubstr("canary")));
}

TEST(Config, ListsAreKeptForAsLongAsIsSaid) {
  const auto config = Parse(R"(
regions: [{name: a, prometheus: ["http://h"]}]
cache: {lists: {fresh: 5s, stale: 0s}}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->cache.lists.fresh_ms, 5'000);
  EXPECT_EQ(config->cache.lists.stale_ms, 0);
}

TEST(Config, ReadsRemoteWriteAsPrometheusWritesIt) {
  const auto config = Parse(R"(
regions: [{name: a, prometheus: ["http://h"]}]
remote_write:
- url: https://far:8443/api/v1/write?x=1
  name: far
  remote_timeout: 5s
  basic_auth: {username: u, password: p}
  queue_config: {max_samples_per_send: 500, capacity: 10000, max_shards: 4, min_backoff: 1s}
  write_relabel_configs:
  - {source_labels: [__name__, job], separator: "", regex: "a.*", action: Drop}
  - {regex: secret, action: labeldrop}
- url: http://near/w
  authorization: {credentials: t}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->remote_write.size(), 2);
  const RemoteWriteConfig& far = config->remote_write[0];
  EXPECT_EQ(far.name, "far");
  EXPECT_TRUE(far.origin.tls);
  EXPECT_EQ(far.origin.port, 8443);
  EXPECT_EQ(far.target, "/api/v1/write?x=1");
  EXPECT_EQ(far.timeout_ms, 5000);
  EXPECT_EQ(far.max_samples_per_send, 500);
  EXPECT_EQ(far.auth.username, "u");
  ASSERT_EQ(far.relabelling.size(), 2);
  EXPECT_EQ(far.relabelling[0].action, aggregator::RelabelAction::kDrop);
  EXPECT_EQ(far.relabelling[0].source_labels, (std::vector<std::string>{"__name__", "job"}));
  EXPECT_EQ(far.relabelling[0].separator, "");
  EXPECT_EQ(far.relabelling[0].regex, "a.*");
  EXPECT_EQ(far.relabelling[1].action, aggregator::RelabelAction::kLabelDrop);
  EXPECT_EQ(far.relabelling[1].separator, ";");
  EXPECT_EQ(config->remote_write[1].name, "http://near/w");
  EXPECT_EQ(config->remote_write[1].auth.authorization_type, "Bearer");
}

TEST(Config, SmallestConfigurationHasTheDefaults) {
  const auto config = Parse("regions: [{name: a, prometheus: [\"http://h\"]}]");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->global.evaluation_interval_ms, 60'000);
  EXPECT_EQ(config->global.query.timeout_ms, 120'000);
  EXPECT_EQ(config->inventory.regions[0].policy, aggregator::RegionPolicy::kDegrade);
  EXPECT_TRUE(config->web.alert_requests_required);
  EXPECT_THAT(config->warnings, testing::IsEmpty());
}

TEST(Config, PacksAreChosenAndTuned) {
  const auto config = Parse(
      "regions: [{name: a, prometheus: [\"http://h\"]}]\n"
      "packs: [kafka, {name: redis, thresholds: {queue_length: 50}}]\n");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->packs.size(), 2u);
  EXPECT_EQ(config->packs[1].pack->name, "redis");
  EXPECT_EQ(config->packs[1].numbers.at("queue_length"), 50);
}

TEST(Config, EnablesFeaturesUnderPrometheusNames) {
  const std::string region = "regions: [{name: a, prometheus: [\"http://h\"]}]\n";
  const auto none = Parse(region);
  ASSERT_TRUE(none.ok()) << none.status();
  const FeatureConfig& off = none->global.query.features;
  EXPECT_FALSE(off.language.experimental_functions);
  EXPECT_FALSE(off.language.extended_range_selectors);
  EXPECT_FALSE(off.language.binop_fill_modifiers);
  EXPECT_FALSE(off.delayed_name_removal || off.use_start_timestamps || off.type_and_unit_labels);
  const auto all = Parse(region +
                         "global: {query: {enable_features: [promql-experimental-functions, "
                         "promql-extended-range-selectors, promql-binop-fill-modifiers, "
                         "promql-delayed-name-removal, use-start-timestamps, "
                         "type-and-unit-labels, promql-duration-expr, native-histograms]}}");
  ASSERT_TRUE(all.ok()) << all.status();
  const FeatureConfig& on = all->global.query.features;
  EXPECT_TRUE(on.language.experimental_functions);
  EXPECT_TRUE(on.language.extended_range_selectors);
  EXPECT_TRUE(on.language.binop_fill_modifiers);
  EXPECT_TRUE(on.delayed_name_removal && on.use_start_timestamps && on.type_and_unit_labels);
}

// `%` stands for one good region, which takes the first line.
struct Broken {
  const char* text;
  const char* error;
};

TEST(Config, AlertsGoWhereTheirTierLeads) {
  const auto config = Parse(R"(
regions: [{name: a, prometheus: ["http://h"]}]
alerting:
  alertmanagers:
  - static_configs: [{targets: ["near:9093"]}]
  - {standby: 1, static_configs: [{targets: ["far:9093"]}]}
  receivers:
  - {name: pager, webhook: {url: "https://pager/in?key=x"}}
  - {name: all, webhook: {url: "http://all/"}}
  - {name: deadman, webhook: {url: "http://dead/"}}
  tiers:
    global: {alertmanagers: [{static_configs: [{targets: ["global:9093"]}]}], receivers: [pager]}
  watchdog: {receiver: deadman}
observers:
  region: a
  peers: [{url: "http://peer:9099", region: b}, {url: "http://twin:9099", region: b, replica: true}]
)");
  ASSERT_TRUE(config.ok()) << config.status();
  using Tiers = std::array<bool, 3>;
  ASSERT_EQ(config->alertmanagers.size(), 3u);
  EXPECT_EQ(config->alertmanagers[0].tiers, (Tiers{true, true, false}));
  EXPECT_EQ(config->alertmanagers[1].standby, 1);
  EXPECT_EQ(config->alertmanagers[2].tiers, (Tiers{false, false, true}));
  ASSERT_EQ(config->webhooks.size(), 3u);
  EXPECT_EQ(config->webhooks[0].tiers, (Tiers{false, false, true}));
  EXPECT_EQ(config->webhooks[0].target, "/in?key=x");
  EXPECT_EQ(config->webhooks[1].tiers, (Tiers{true, true, true}));
  EXPECT_TRUE(config->webhooks[2].watchdog);
  EXPECT_EQ(config->yaml.find("key=x"), std::string::npos);
  ASSERT_EQ(config->warnings.size(), 1u);  // two places cannot tell loss from isolation
  ASSERT_EQ(config->observers.peers.size(), 2u);
  EXPECT_FALSE(config->observers.peers[0].replica);
  EXPECT_TRUE(config->observers.peers[1].replica);
}

TEST(Config, EveryMistakeIsNamedWithItsPlace) {
  const Broken kCases[] = {
      {"", "etc/s.yaml:1:1: expected `regions`, the list of regions to ask, got nothing"},
      {"regions: []", "etc/s.yaml:1:10: regions: expected at least one region, got none"},
      {"regions: {a: 1}", "etc/s.yaml:1:10: regions: expected a list, got a map"},
      {"- a", "etc/s.yaml:1:1: expected a map, got a list"},
      {"%\nregion: []\n",
       "etc/s.yaml:2:1: region: unknown key; expected one of alerting, cache, capacity, global, "
       "observers, packs, readiness, regions, remote_write, reports, resilience, rule_files, "
       "slo_files, "
       "store, tenancy, web"},
      {"%\nglobal: {evaluation_interval: 15}",
       "etc/s.yaml:2:31: global.evaluation_interval: expected a duration like 15s or 1h30m, got "
       "\"15\""},
      {"%\nglobal: {query: {enable_features: [promql]}}",
       "etc/s.yaml:2:36: global.query.enable_features[0]: unknown feature \"promql\": expected one "
       "of promql-experimental-functions, promql-extended-range-selectors, "
       "promql-binop-fill-modifiers, promql-delayed-name-removal, use-start-timestamps, "
       "type-and-unit-labels, promql-duration-expr, native-histograms"},
      {"%\nglobal: {query: {timeout: 0s}}",
       "etc/s.yaml:2:27: global.query.timeout: expected a duration above 0, got \"0s\""},
      {"%\nglobal: {query: {max_memory: lots}}",
       "etc/s.yaml:2:30: global.query.max_memory: expected a size like 512MiB, got \"lots\""},
      {"%\nglobal: {external_labels: {__x: y}}",
       "etc/s.yaml:2:27: global.external_labels: label \"__x\": names that start with __ are "
       "reserved"},
      {"regions: [{prometheus: [\"http://h\"]}]",
       "etc/s.yaml:1:11: regions[0]: expected `name`, the region's name, got nothing"},
      {"regions: [{name: a}]",
       "etc/s.yaml:1:11: regions[0]: expected `shards` or `prometheus`: the servers of this "
       "region"},
      {"regions: [{name: a, policy: maybe, prometheus: [\"http://h\"]}]",
       "etc/s.yaml:1:29: regions[0].policy: expected one of require, degrade, optional, got "
       "\"maybe\""},
      {"regions:\n- name: a\n  prometheus: [\"http://h\"]\n- name: a\n  prometheus: "
       "[\"http://i\"]\n",
       "etc/s.yaml:4:9: regions[1].name: region \"a\" is there twice"},
      {"regions:\n- name: a\n  labels: {dc: x}\n  prometheus: [\"http://h\"]\n- name: b\n  labels: "
       "{dc: x}\n  prometheus: [\"http://i\"]\n",
       "etc/s.yaml:6:11: regions[1].labels: region \"b\" {dc=\"x\"} and region \"a\" {dc=\"x\"} "
       "could hold equal series; expected a label that both set, with different values"},
      {"regions:\n- name: a\n  labels: {dc: x}\n  prometheus: [\"http://h\"]\n- name: b\n  "
       "prometheus: [\"http://i\"]\n",
       "etc/s.yaml:5:9: regions[1].name: region \"b\" {region=\"b\"} and region \"a\" {dc=\"x\"} "
       "could hold equal series; expected a label that both set, with different values"},
      {"regions:\n- name: a\n  shards:\n  - replicas: [{url: \"http://h\"}]\n    flavour: thanos\n",
       "etc/s.yaml:5:5: regions[0].shards[0].flavour: unknown key; expected one of dns_sd_configs, "
       "file_sd_configs, flavor, http, kubernetes_sd_configs, labels, limits, name, path_prefix, "
       "read, replicas, scheme, time_range"},
      {"regions: [{name: a, shards: [{replicas: [{url: \"http://h\"}], http: {timeout: fast}}]}]",
       "etc/s.yaml:1:78: regions[0].shards[0].http.timeout: expected a duration like 15s or 1h30m, "
       "got \"fast\""},
      {"regions: [{name: a, shards: [{name: s, replicas: [{url: \"http://h\"}], time_range: "
       "{max_age: 1d}}, {name: l, replicas: [{url: \"http://i\"}], time_range: {min_age: 2d}}]}]",
       "etc/s.yaml:1:11: regions[0]: region \"a\" shard \"l\": time_range: nobody holds what is "
       "between 1d and 2d old: expected a min_age of at most the max_age of region \"a\" shard "
       "\"s\""},
      {"regions: [{name: a, shards: [{replicas: [{}]}]}]",
       "etc/s.yaml:1:42: regions[0].shards[0].replicas[0]: expected `url`, the replica's address, "
       "got nothing"},
      {"regions: [{name: a, shards: [{replicas: [{url: \"http://h\"}], http: {oauth2: {client_id: "
       "i, token_url: ftp, client_secret: s}}}]}]",
       "etc/s.yaml:1:103: regions[0].shards[0].http.oauth2.token_url: URL \"ftp\": no scheme; "
       "expected http(s)://host[:port][/path]"},
      {"regions: [{name: a, shards: [{replicas: [{url: \"http://h\"}], http: {sigv4: {region: "
       "r}}}]}]",
       "etc/s.yaml:1:76: regions[0].shards[0].http.sigv4: expected `access_key` and `secret_key`, "
       "or "
       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"},
      {"regions: [{name: a, shards: [{replicas: [{url: \"http://h\"}], http: {basic_auth: "
       "{username: "
       "u}, authorization: {credentials: c}}}]}]",
       "etc/s.yaml:1:68: regions[0].shards[0].http: expected one of basic_auth, authorization, "
       "oauth2 "
       "and sigv4, got several"},
      {"regions: [{name: a, dns_sd_configs: [{names: [x], type: A}]}]",
       "etc/s.yaml:1:38: regions[0].dns_sd_configs[0]: expected `port`: addresses do not tell it"},
      {"regions: [{name: a, shards: [{file_sd_configs: [{files: [none.yaml]}]}]}]",
       "etc/s.yaml:1:58: regions[0].shards[0].file_sd_configs[0].files[0]: \"none.yaml\": no such "
       "file"},
      {"regions: [{name: a, shards: [{replicas: [{url: \"http://h\"}]}], dns_sd_configs: [{names: "
       "[x]}]}]",
       "etc/s.yaml:1:11: regions[0]: expected discovery in the shards that it is for, got it "
       "beside "
       "them"},
      {"regions: [{name: a, prometheus: [\"http://h\"], shards: []}]",
       "etc/s.yaml:1:33: regions[0].prometheus: expected one of `shards` and `prometheus`, got "
       "both"},
      {"%\nalerting: {receivers: [{name: hook, webhook: {url: \"h/x\"}}]}",
       "etc/s.yaml:2:52: alerting.receivers[0].webhook.url: expected an http:// or https:// URL, "
       "got <secret>"},
      {"%\nalerting: {tiers: {global: {receivers: [pager]}}}",
       "etc/s.yaml:2:41: alerting.tiers.global.receivers[0]: expected the name of one of "
       "alerting.receivers, got \"pager\""},
      {"%\nalerting: {alertmanagers: [{static_configs: [{targets: [\"http://h/\"]}]}]}",
       "etc/s.yaml:2:57: alerting.alertmanagers[0].static_configs[0].targets[0]: expected "
       "host:port, without scheme or path, got \"http://h/\""},
      {"%\nremote_write: [{url: \"h/api\"}]",
       "etc/s.yaml:2:22: remote_write[0].url: expected an http:// or https:// URL, got \"h/api\""},
      {"%\nremote_write: [{url: \"http://h/a\"}, {url: \"http://h/a\"}]",
       "etc/s.yaml:2:37: remote_write[1]: name \"http://h/a\" is taken: give each endpoint one of "
       "its own"},
      {"%\nremote_write: [{url: \"http://h/a\", queue_config: {min_backoff: 9s}}]",
       "etc/s.yaml:2:50: remote_write[0].queue_config: max_backoff: expected at least min_backoff"},
      {"%\nremote_write: [{url: \"http://h/a\", write_relabel_configs: [{action: hashmod}]}]",
       "etc/s.yaml:2:60: remote_write[0].write_relabel_configs[0]: relabel configuration for "
       "hashmod "
       "requires non-zero modulus"},
      {"%\nstore: {retention: 5m}", "etc/s.yaml:2:8: store: retention: expected at least 1h"},
      {"regions: [{name: synoptic, prometheus: [\"http://h\"]}]",
       "etc/s.yaml:1:18: regions[0].name: expected another name: this one stands for what is "
       "recorded here"},
      {"%\ntenancy: {header: X}",
       "etc/s.yaml:2:10: tenancy: tenancy: not supported yet; leave it "
       "out"},
      {"%\nrule_files: [\"a/*/b.yaml\"]",
       "etc/s.yaml:2:14: rule_files[0]: expected wildcards in the last part of the path only"},
      {"%\nresilience: {hedge: {after: soon}}",
       "etc/s.yaml:2:29: resilience.hedge.after: expected one of off, p50, p90, p95, p99, got "
       "\"soon\""},
      {"%\nresilience: {retries: {budget: 10}}",
       "etc/s.yaml:2:32: resilience.retries.budget: expected a share like 5%, got \"10\""},
      {"%\ncache: {shared: {redis: {endpoints: [a]}}}",
       "etc/s.yaml:2:38: cache.shared.redis.endpoints[0]: expected host:port, got \"a\""},
      {"%\ncache: {disk: {size: 1MiB}}",
       "etc/s.yaml:2:22: cache.disk.size: expected at least 16MiB, or 0 for none, got \"1MiB\""},
      {"%\ncache: {shared: {redis: {tls_config: {cert: x}}}}",
       "etc/s.yaml:2:38: cache.shared.redis.tls_config: expected a certificate and its key, got "
       "one "
       "of them"},
      {"%\nweb: {config_file: tls.yaml}",
       "etc/s.yaml:2:20: web.config_file: TLS and users on our own port: not supported yet; leave "
       "it out"},
      {"%\nweb: {cors_origin: \"(\"}",
       "etc/s.yaml:2:20: web.cors_origin: expected a regular expression, got \"(\""},
      {"%\nweb: {grafana: {alerts: sometimes}}",
       "etc/s.yaml:2:25: web.grafana.alerts: expected one of require, degrade, got \"sometimes\""},
  };
  for (const Broken& c : kCases) {
    std::string text = c.text;
    if (text.starts_with('%')) {
      text.replace(0, 1, "regions: [{name: a, prometheus: [\"http://h\"]}]");
    }
    EXPECT_EQ(ErrorOf(text), c.error) << text;
  }
}

TEST(Config, ReportsSeveralMistakesAtOnce) {
  const std::string errors = ErrorOf(
      "globl: {}\nregions: [{name: a, prometheus: [\"ftp://h\"], wait: 3}]\n"
      "store: {retention: long}\n");
  EXPECT_THAT(errors, testing::HasSubstr("etc/s.yaml:1:1: globl: unknown key"));
  EXPECT_THAT(errors, testing::HasSubstr("etc/s.yaml:2:34: regions[0].prometheus[0]: "));
  EXPECT_THAT(errors, testing::HasSubstr("etc/s.yaml:2:46: regions[0].wait: unknown key"));
  EXPECT_THAT(errors, testing::HasSubstr("etc/s.yaml:3:20: store.retention: expected a duration"));
}

TEST(Config, SecretsAreReadAndNeverShown) {
  const auto config = Parse(R"(
regions:
- name: a
  shards:
  - name: one
    labels: {shard: one}
    replicas: [{url: "http://h"}]
    http:
      basic_auth: {username: joe, password_file: pw}
      headers: {X-Scope-OrgID: canary-header}
      tls_config: {ca_file: ca.pem, cert: C, key: canary-key}
  - name: two
    labels: {shard: two}
    replicas: [{url: "http://i"}]
    http: {authorization: {credentials: "${TOKEN}"}}
  - name: three
    labels: {shard: three}
    replicas: [{url: "http://j"}]
    http: {basic_auth: {username: joe, password: canary-plain}}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto& shards = config->inventory.regions[0].shards;
  EXPECT_EQ(shards[0].auth.password.Reveal(), "canary-file");
  EXPECT_EQ(shards[0].auth.headers[0].second.Reveal(), "canary-header");
  EXPECT_EQ(shards[0].tls.ca_pem, "PEM");
  EXPECT_EQ(shards[1].auth.authorization_type, "Bearer");
  EXPECT_EQ(shards[1].auth.authorization_credentials.Reveal(), "canary-env");
  EXPECT_EQ(shards[2].auth.password.Reveal(), "canary-plain");
  EXPECT_THAT(config->yaml, testing::HasSubstr("password: <secret>"));
  EXPECT_THAT(config->yaml, testing::Not(testing::HasSubstr("canary")));
}

TEST(Config, ErrorsHoldNoSecrets) {
  const std::string errors = ErrorOf(
      "regions:\n- name: a\n  prometheus: [\"http://joe:canary@h\"]\n- name: b\n  shards:\n  - "
      "replicas: [{url: \"http://i\"}]\n    http: {basic_auth: {username: x, password: [canary]}, "
      "headers: {Host: canary}}\n");
  EXPECT_THAT(errors, testing::HasSubstr("etc/s.yaml:3:16"));
  EXPECT_THAT(errors, testing::HasSubstr("password: expected a secret, got a list"));
  EXPECT_THAT(errors, testing::HasSubstr("headers.Host: this header is ours to set"));
  EXPECT_THAT(errors, testing::Not(testing::HasSubstr("canary")));
}

}  // namespace
}  // namespace synoptic::app
