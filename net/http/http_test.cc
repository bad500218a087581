// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The client against the server, over loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/timer.h"
#include "net/http/client.h"
#include "net/http/router.h"
#include "net/http/server.h"

namespace synoptic::net {
namespace {

Task<HttpResponse> Echo(const RequestContext& context) {
  HttpResponse response;
  response.headers.Add("Content-Type", "text/plain");
  response.body = context.request.method + " " + context.path + "\n";
  for (const auto& [name, value] : context.parameters) response.body += name + "=" + value + "\n";
  for (const auto& [name, value] : context.path_parameters) {
    response.body += "{" + name + "}=" + value + "\n";
  }
  co_return response;
}

Task<HttpResponse> Large(const RequestContext&) {
  HttpResponse response;
  for (int i = 0; i < 200'000; ++i) response.body += std::to_string(i) + ",";
  co_return response;
}

class HttpTest : public testing::Test {
 protected:
  void Start(ServerOptions options = {}, TlsOptions tls = {}) {
    Router router;
    router.Add("GET POST HEAD", "/echo", Echo);
    router.Add("GET", "/api/v1/label/{name}/values", Echo);
    router.Add("GET", "/large", Large);
    origin.tls = !options.tls.certificate_pem.empty();
    server = StartHttpServer(loop.executor(), loop.clock, std::move(options), router.AsHandler())
                 .value();
    HttpClientOptions client_options;
    client_options.tls = std::move(tls);
    client = NewHttpClient(loop.executor(), loop.clock, std::move(client_options)).value();
    origin.host = "127.0.0.1";
    origin.port = server->port();
  }
  void TearDown() override {
    if (server != nullptr) {
      EXPECT_TRUE(
          loop.Run(server->Stop(Deadline::After(loop.clock, std::chrono::seconds(1)))).ok());
    }
  }
  absl::Status Send(HttpRequest request, StringSink& sink) {
    return loop.Run(
        client->Send(origin, std::move(request), ResponseLimits(), Deadline::Infinite(), sink));
  }
  std::string Get(std::string target) {
    StringSink sink(8 << 20);
    HttpRequest request;
    request.target = std::move(target);
    const absl::Status status = Send(std::move(request), sink);
    if (!status.ok()) return std::string(MessageOf(status));
    return std::to_string(sink.status()) + " " + sink.body();
  }

  AsyncTest loop;
  ComputePool pool{1};
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HttpClient> client;
  Origin origin;
};

TEST_F(HttpTest, AnswersWithParametersOfFormAndUrl) {
  Start();
  HttpRequest request;
  request.method = "POST";
  request.target = "/echo?query=url&x=%20";
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.body = EncodeForm({{"query", "up{a=\"b\"} + 1"}});
  StringSink sink;
  ASSERT_TRUE(Send(request, sink).ok());
  EXPECT_EQ(sink.status(), 200);
  EXPECT_EQ(sink.body(), "POST /echo\nquery=up{a=\"b\"} + 1\nquery=url\nx= \n");
}

TEST_F(HttpTest, RoutesPathsAndSaysWhatIsNotThere) {
  Start();
  EXPECT_EQ(Get("/api/v1/label/job/values"), "200 GET /api/v1/label/job/values\n{name}=job\n");
  EXPECT_EQ(Get("/api/v1/label/%2F/values"), "404 404 page not found\n");
  EXPECT_EQ(Get("/api/v1/label//values"), "404 404 page not found\n");
  EXPECT_EQ(Get("/nothing"), "404 404 page not found\n");
  HttpRequest request;
  request.method = "POST";
  request.target = "/large";
  StringSink sink;
  ASSERT_TRUE(Send(request, sink).ok());
  EXPECT_EQ(sink.status(), 405);
  EXPECT_EQ(sink.headers().Get("Allow"), "GET");
  EXPECT_EQ(sink.body(), "Method Not Allowed\n");
}

TEST_F(HttpTest, CompressesLargeAnswersAndDecodesThem) {
  Start();
  StringSink sink(8 << 20);
  HttpRequest request;
  request.target = "/large";
  ASSERT_TRUE(Send(request, sink).ok());
  EXPECT_EQ(sink.headers().Get("Content-Encoding"), "gzip");
  EXPECT_EQ(sink.headers().Get("Vary"), "Accept-Encoding");
  EXPECT_EQ(sink.body().size(), 1'288'890u);

  StringSink plain(8 << 20);
  request.headers.Add("Accept-Encoding", "identity");
  ASSERT_TRUE(Send(request, plain).ok());
  EXPECT_FALSE(plain.headers().Get("Content-Encoding").has_value());
  EXPECT_EQ(plain.body(), sink.body());
}

TEST_F(HttpTest, CompressesOnThePoolWhenItHasOne) {
  ServerOptions options;
  options.compute = &pool;
  Start(options);
  for (int i = 0; i < 3; ++i) {
    StringSink sink(8 << 20);
    HttpRequest request;
    request.target = "/large";
    ASSERT_TRUE(Send(request, sink).ok());
    EXPECT_EQ(sink.headers().Get("Content-Encoding"), "gzip");
    EXPECT_EQ(sink.body().size(), 1'288'890u);
  }
}

TEST_F(HttpTest, HeadHasTheLengthAndNoBody) {
  Start();
  HttpRequest request;
  request.method = "HEAD";
  request.target = "/echo";
  StringSink sink;
  ASSERT_TRUE(Send(request, sink).ok());
  EXPECT_EQ(sink.headers().Get("Content-Length"), "11");
  EXPECT_EQ(sink.body(), "");
  EXPECT_EQ(Get("/echo"), "200 GET /echo\n") << "on the same connection";
}

TEST_F(HttpTest, ASinkThatRefusesEndsTheTransfer) {
  Start();
  StringSink sink(100);
  HttpRequest request;
  request.target = "/large";
  EXPECT_TRUE(absl::IsResourceExhausted(Send(request, sink)));
  EXPECT_EQ(Get("/echo"), "200 GET /echo\n");
}

TEST_F(HttpTest, PathPrefixOfTheOriginComesFirst) {
  Start();
  origin.path_prefix = "/api/v1";
  EXPECT_EQ(Get("/label/a/values"), "200 GET /api/v1/label/a/values\n{name}=a\n");
}

}  // namespace
}  // namespace synoptic::net
