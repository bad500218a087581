// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/api.h"

#include <algorithm>
#include <optional>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/routes.h"
#include "aggregator/upstream/loop_guard.h"
#include "base/status.h"
#include "net/http/router.h"
#include "promql/model/matcher.h"

namespace synoptic::aggregator {
namespace {

std::vector<std::string> RegionNames(const promql::Topology& topology) {
  std::vector<std::string> names;
  for (const promql::TopologyShard& shard : topology.shards) {
    if (names.empty() || names.back() != shard.region) names.push_back(shard.region);
  }
  return names;
}

class ApiImpl final : public Api {
 public:
  ApiImpl(ApiDependencies dependencies, promql::Topology topology, ApiOptions options)
      : dependencies_(dependencies),
        topology_(std::move(topology)),
        options_(std::move(options)),
        answer_memory_(options_.answer_memory_bytes, dependencies_.clock),
        context_{dependencies_,          topology_,        options_,
                 RegionNames(topology_), metadata_memory_, answer_memory_} {
    Register(Routes(), &router_);
    Register(AdminRoutes(), &admin_router_);
    if (options_.cors_origin.empty()) return;
    auto origin = promql::Matcher::Create(promql::MatchOp::kRegex, "origin", options_.cors_origin);
    if (origin.ok()) cors_origin_ = *std::move(origin);
  }

  Task<net::HttpResponse> Handle(const net::RequestContext& request) const override {
    absl::StatusOr<net::HttpResponse> response = NoContent();
    const std::string_view path = Unprefixed(request.path);
    if (request.request.method == "OPTIONS" && path.starts_with("/api/v1/")) {
      // Answered without looking further.
    } else if (!request.parameters_status.ok()) {
      response = RenderError(request.parameters_status);
    } else if (const absl::Status loop = CheckLoop(request); !loop.ok()) {
      response = RenderError(loop);
      response->status = 508;  // "loop detected": a fault of the region that asks, not of its query
    } else if (path.size() != request.path.size()) {
      net::RequestContext inner = request;
      inner.path = std::string(path);
      response = co_await router_.Serve(inner);
    } else {
      response = co_await router_.Serve(request);
    }
    if (response.ok()) AddCors(request, &*response);
    co_return response;
  }

  Task<net::HttpResponse> HandleAdmin(const net::RequestContext& request) const override {
    return admin_router_.Serve(request);
  }

 private:
  absl::Status CheckLoop(const net::RequestContext& request) const {
    return CheckVia(request.request.headers.Get(kViaHeader).value_or(""), options_.identity);
  }

  static net::HttpResponse NoContent() {
    net::HttpResponse response;
    response.status = 204;
    return response;
  }

  void Register(std::span<const Route> routes, net::Router* router) {
    for (const Route& route : routes) {
      router->Add(route.methods, route.path, [this, &route](const net::RequestContext& request) {
        return Run(route, request);
      });
    }
  }

  Task<net::HttpResponse> Run(const Route& route, const net::RequestContext& request) const {
    const Params params(request);
    const Call call{
        context_, request, params,
        request.path_parameters.empty() ? std::string_view() : request.path_parameters[0].second};
    if (route.respond != nullptr) co_return co_await route.respond(call);
    if (route.keep == nullptr) {
      CO_ASSIGN_OR_RETURN(MadeAnswer made, co_await AnswerOf(route, call));
      co_return std::move(made.response);
    }
    const AnswerMemory::Make make = [&route, &call] { return AnswerOf(route, call); };
    auto response = co_await answer_memory_.Answer(route.keep(call), make,
                                                   call.QueryDeadline(options_.query_timeout_ms));
    // Somebody else's answer did not come in time.
    if (!response.ok() && absl::IsDeadlineExceeded(response.status())) {
      co_return RenderError(response.status());
    }
    co_return response;
  }

  static Task<MadeAnswer> AnswerOf(const Route& route, const Call& call) {
    absl::StatusOr<Answer> answer = co_await route.answer(call);
    if (!answer.ok()) co_return MadeAnswer{RenderError(answer.status())};
    const bool brief = answer->brief;
    co_return MadeAnswer{Render(*std::move(answer)), brief};
  }

  std::string_view Unprefixed(std::string_view path) const {
    const std::string& prefix = options_.route_prefix;
    if (!prefix.empty() && path.starts_with(prefix) &&
        path.substr(prefix.size()).starts_with('/')) {
      path.remove_prefix(prefix.size());
    }
    return path;
  }

  void AddCors(const net::RequestContext& request, net::HttpResponse* response) const {
    if (!cors_origin_) return;
    response->headers.Add("Vary", "Origin");
    const auto origin = request.request.headers.Get("Origin");
    if (!origin) return;
    response->headers.Set("Access-Control-Allow-Headers",
                          "Accept, Authorization, Content-Type, Origin");
    response->headers.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    response->headers.Set("Access-Control-Expose-Headers", "Date");
    if (options_.cors_origin == ".*") {
      response->headers.Set("Access-Control-Allow-Origin", "*");
    } else if (cors_origin_->Matches(*origin)) {
      response->headers.Set("Access-Control-Allow-Origin", std::string(*origin));
    }
  }

  const ApiDependencies dependencies_;
  const promql::Topology topology_;
  const ApiOptions options_;
  mutable MetadataMemory metadata_memory_;
  mutable AnswerMemory answer_memory_;
  const Context context_;
  std::optional<promql::Matcher> cors_origin_;
  net::Router router_;
  net::Router admin_router_;
};

}  // namespace

std::shared_ptr<const Api> NewApi(ApiDependencies dependencies, promql::Topology topology,
                                  ApiOptions options) {
  return std::make_shared<ApiImpl>(dependencies, std::move(topology), std::move(options));
}

}  // namespace synoptic::aggregator
