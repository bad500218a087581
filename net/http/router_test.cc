// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/async/testing.h"

namespace synoptic::net {
namespace {

Handler Says(std::string name) {
  struct Answer {
    static Task<HttpResponse> Make(std::string text) { co_return TextAnswer(200, text); }
  };
  return [name](const RequestContext& context) {
    std::string text = name;
    for (const auto& [key, value] : context.path_parameters) text += " " + key + "=" + value;
    return Answer::Make(std::move(text));
  };
}

std::string Ask(const Router& router, std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  RequestContext context{.request = request,
                         .path = std::move(path),
                         .parameters = {},
                         .peer = "",
                         .parameters_status = absl::OkStatus(),
                         .path_parameters = {}};
  auto response = RunForTest(router.Serve(context));
  std::string text = std::to_string(response->status) + " " + response->body;
  if (auto allow = response->headers.Get("Allow")) text += "[" + std::string(*allow) + "]";
  return text;
}

TEST(Router, FindsTheMostExactRoute) {
  Router router;
  router.Add("GET", "/", Says("root"));
  router.Add("GET", "/api/v1/label/{name}/values", Says("values"));
  router.Add("GET", "/api/v1/label/__name__/values", Says("names"));
  router.Add("GET", "/{a}/{b}", Says("pair"));
  router.Add("GET", "/ui/{path...}", Says("ui"));
  router.Add("GET POST", "/x", Says("x"));
  router.Add("PUT", "/x", Says("put x"));
  const std::pair<std::string, std::string> cases[] = {
      {"/", "200 root"},
      {"/api/v1/label/job/values", "200 values name=job"},
      {"/api/v1/label/__name__/values", "200 names"},
      {"/api/v1/label//values", "404 404 page not found\n"},
      {"/api/v1/label/a/b/values", "404 404 page not found\n"},
      {"/api/v1/label/job/values/", "404 404 page not found\n"},
      {"/a/b", "200 pair a=a b=b"},
      {"/a/", "404 404 page not found\n"},
      {"/ui/a/b/c", "200 ui path=a/b/c"},
      {"/ui/../etc/passwd", "200 ui path=../etc/passwd"},
      {"//", "404 404 page not found\n"},
      {"", "404 404 page not found\n"},
      {"x", "404 404 page not found\n"},
      {"/x", "200 x"},
  };
  for (const auto& [path, expected] : cases) EXPECT_EQ(Ask(router, "GET", path), expected) << path;
  EXPECT_EQ(Ask(router, "PUT", "/x"), "200 put x");
  EXPECT_EQ(Ask(router, "DELETE", "/x"), "405 Method Not Allowed\n[GET, POST, PUT]");
  EXPECT_EQ(Ask(router, "HEAD", "/x"), "405 Method Not Allowed\n[GET, POST, PUT]");
  EXPECT_THAT(router.Describe(), testing::Contains("/x GET POST PUT"));
}

}  // namespace
}  // namespace synoptic::net
