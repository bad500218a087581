// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// status/* and alertmanagers: what the process says of itself.
#include "base/status.h"
#include "aggregator/api/endpoints.h"
#include "aggregator/api/times.h"
#include "base/json.h"

namespace synoptic::aggregator {
namespace {

// Writes one flat object, member by member.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { out_ += '}'; }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    AppendJsonHtmlString(value, out_);
  }
  void Raw(std::string_view key, std::string_view json) {
    Key(key);
    out_ += json;
  }

 private:
  void Key(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    AppendJsonHtmlString(key, out_);
    out_ += ':';
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace

// No `features` and no `application`: Grafana would take us for a Mimir.
Task<Answer> ObserversEndpoint(const Call& call) {
  Answer answer;
  answer.body += call.api.deps.server.ObserversJson();
  co_return answer;
}

Task<Answer> DeliveriesEndpoint(const Call& call) {
  int64_t since = 0;
  if (const std::string_view text = call.params.Get("since"); !text.empty()) {
    const auto parsed = GoAtoi(text);
    if (!parsed.ok()) co_return InvalidParameter("since", MessageOf(parsed.status()));
    since = *parsed;
  }
  Answer answer;
  answer.body += call.api.deps.server.DeliveriesJson(since);
  co_return answer;
}

Task<Answer> BuildInfoEndpoint(const Call& call) {
  const BuildInfo info = call.api.deps.server.Build();
  Answer answer;
  {
    Object object(answer.body);
    object.Text("version", info.version);
    object.Text("revision", info.revision);
    object.Text("branch", info.branch);
    object.Text("buildUser", info.build_user);
    object.Text("buildDate", info.build_date);
    object.Text("goVersion", info.compiler);
  }
  co_return answer;
}

Task<Answer> RuntimeInfoEndpoint(const Call& call) {
  const RuntimeInfo info = call.api.deps.server.Runtime();
  Answer answer;
  {
    Object object(answer.body);
    object.Text("startTime", FormatRfc3339(info.start_time_ns));
    object.Text("CWD", info.working_directory);
    object.Text("hostname", info.hostname);
    object.Text("serverTime", FormatRfc3339(info.server_time_ns));
    object.Raw("reloadConfigSuccess", info.reload_config_success ? "true" : "false");
    object.Text("lastConfigTime", FormatRfc3339(info.last_config_time_ns));
    object.Raw("corruptionCount", "0");
    object.Raw("goroutineCount", std::to_string(info.threads));
    object.Raw("GOMAXPROCS", std::to_string(info.cores));
    object.Raw("GOMEMLIMIT", "9223372036854775807");
    object.Text("GOGC", "");
    object.Text("GODEBUG", "");
    object.Text("storageRetention", info.storage_retention);
  }
  co_return answer;
}

Task<Answer> ConfigEndpoint(const Call& call) {
  Answer answer;
  {
    Object object(answer.body);
    object.Text("yaml", call.api.deps.server.ConfigYaml());
  }
  co_return answer;
}

Task<Answer> FlagsEndpoint(const Call& call) {
  Answer answer;
  {
    Object object(answer.body);
    for (const auto& [name, value] : call.api.deps.server.Flags()) object.Text(name, value);
  }
  co_return answer;
}

Task<Answer> AlertmanagersEndpoint(const Call& call) {
  Answer answer;
  answer.body += "{\"activeAlertmanagers\":[";
  bool first = true;
  for (const std::string& url : call.api.deps.server.Alertmanagers()) {
    if (!first) answer.body += ',';
    first = false;
    Object object(answer.body);
    object.Text("url", url);
  }
  answer.body += "],\"droppedAlertmanagers\":[]}";
  co_return answer;
}

}  // namespace synoptic::aggregator
