// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/router.h"

#include "base/strings.h"
#include "net/http/session.h"

namespace synoptic::net {

namespace {

bool MatchSegments(const std::vector<std::string>& pattern, std::string_view path,
                   Parameters& parameters) {
  path.remove_prefix(1);
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view expected = pattern[i];
    const bool is_parameter = expected.starts_with('{');
    if (is_parameter && expected.ends_with("...}")) {
      parameters.emplace_back(expected.substr(1, expected.size() - 5), path);
      return true;
    }
    const size_t slash = path.find('/');
    const std::string_view actual = path.substr(0, slash);
    if (is_parameter ? actual.empty() : actual != expected) return false;
    if (is_parameter) parameters.emplace_back(expected.substr(1, expected.size() - 2), actual);
    const bool last = i + 1 == pattern.size();
    if ((slash == std::string_view::npos) != last) return false;
    if (!last) path.remove_prefix(slash + 1);
  }
  return true;
}

Task<HttpResponse> Constant(HttpResponse response) { co_return response; }

// The copy of the context lives in this coroutine until the handler is done.
Task<HttpResponse> WithPathParameters(const Handler& handler, RequestContext context) {
  co_return co_await handler(context);
}

}  // namespace

HttpResponse TextAnswer(int status, std::string text) {
  return internal::TextResponse(status, std::move(text));
}

void Router::Add(std::string_view methods, std::string_view pattern, Handler handler) {
  Route* route = nullptr;
  for (Route& known : routes_) {
    if (known.pattern == pattern) route = &known;
  }
  if (route == nullptr) {
    if (pattern.find('{') == std::string_view::npos) exact_.emplace(pattern, routes_.size());
    route = &routes_.emplace_back();
    route->pattern = pattern;
    for (std::string_view segment : Split(pattern.substr(1), '/')) {
      route->segments.emplace_back(segment);
    }
  }
  for (std::string_view method : Split(methods, ' ')) {
    route->handlers.emplace(method, handler);
  }
}

const Router::Route* Router::Find(std::string_view path, Parameters& parameters) const {
  if (const auto it = exact_.find(path); it != exact_.end()) return &routes_[it->second];
  if (!path.starts_with('/')) return nullptr;
  for (const Route& route : routes_) {
    if (route.pattern.find('{') == std::string::npos) continue;
    parameters.clear();
    if (MatchSegments(route.segments, path, parameters)) return &route;
  }
  return nullptr;
}

Task<HttpResponse> Router::Serve(const RequestContext& context) const {
  Parameters parameters;
  const Route* route = Find(context.path, parameters);
  if (route == nullptr) return Constant(TextAnswer(404, "404 page not found\n"));
  const auto handler = route->handlers.find(context.request.method);
  if (handler == route->handlers.end()) {
    std::vector<std::string> allowed;
    for (const auto& [method, unused] : route->handlers) allowed.push_back(method);
    HttpResponse response = TextAnswer(405, "Method Not Allowed\n");
    response.headers.Add("Allow", Join(allowed, ", "));
    return Constant(std::move(response));
  }
  if (parameters.empty()) return handler->second(context);
  RequestContext extended = context;
  extended.path_parameters = std::move(parameters);
  return WithPathParameters(handler->second, std::move(extended));
}

Handler Router::AsHandler() const {
  return [router = std::make_shared<const Router>(*this)](const RequestContext& context) {
    return router->Serve(context);
  };
}

std::vector<std::string> Router::Describe() const {
  std::vector<std::string> lines;
  for (const Route& route : routes_) {
    std::string line = route.pattern;
    for (const auto& [method, unused] : route.handlers) line += " " + method;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace synoptic::net
