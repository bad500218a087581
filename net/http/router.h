// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Routes: which handler answers which path and method. An explicit list, filled once at start.
//
//   Router router;
//   router.Add("GET POST", "/api/v1/query", query);
//   router.Add("GET", "/api/v1/label/{name}/values", label_values);
//   StartHttpServer(executor, clock, options, router.AsHandler());
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/server.h"

namespace synoptic::net {

class Router {
 public:
  // `methods`: separated by spaces. `{name}` matches one path segment that is not empty, and
  // `{name...}` at the end all that is left; both arrive in RequestContext::path_parameters.
  // A path without braces wins over one with them; else the one added first.
  void Add(std::string_view methods, std::string_view pattern, Handler handler);

  // Answers 404 and 405 (with Allow) in Prometheus' words.
  Task<HttpResponse> Serve(const RequestContext& context) const;

  // A handler that holds its own copy of the routes.
  Handler AsHandler() const;

  // Every pattern with its methods, as added: for documentation and tests.
  std::vector<std::string> Describe() const;

 private:
  struct Route {
    std::string pattern;
    std::vector<std::string> segments;        // of a pattern with braces
    std::map<std::string, Handler> handlers;  // by method
  };
  const Route* Find(std::string_view path, Parameters& parameters) const;

  std::vector<Route> routes_;
  std::map<std::string, size_t, std::less<>> exact_;  // path -> index
};

// A short text answer, as Prometheus' own errors outside of its API look.
HttpResponse TextAnswer(int status, std::string text);

}  // namespace synoptic::net
