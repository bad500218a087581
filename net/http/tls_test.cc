// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// TLS between our client and our server, with certificates made on the spot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "net/http/router.h"
#include "net/http/testing.h"
#include "net/http/tls.h"
#include "net/http/tls_testing.h"

namespace synoptic::net {
namespace {

using net_testing::Identity;
using net_testing::MakeIdentity;
using net_testing::Valid;
using testing::HasSubstr;

Task<HttpResponse> Large(const RequestContext& context) {
  co_return TextAnswer(200, std::string(1'000'000, 'x') + context.path);
}

class TlsTest : public testing::Test {
 protected:
  void Serve(const Identity& identity, std::string client_ca = "") {
    ServerOptions options;
    options.tls = {identity.certificate, identity.key, std::move(client_ca)};
    server = StartHttpServer(loop.executor(), loop.clock, options, Large).value();
  }
  void TearDown() override {
    if (server == nullptr) return;
    auto stopped = loop.Start(server->Stop(Deadline::After(loop.clock, std::chrono::seconds(1))));
    loop.AdvanceUntil(stopped, 100, 5000);
    EXPECT_TRUE(stopped->has_value());
  }
  absl::Status Get(TlsOptions tls, std::string host = "127.0.0.1", int times = 1) {
    HttpClientOptions options;
    options.tls = std::move(tls);
    auto client = NewHttpClient(loop.executor(), loop.clock, std::move(options));
    RETURN_IF_ERROR(client.status());
    Origin origin{.tls = true, .host = std::move(host), .port = server->port(), .path_prefix = ""};
    for (int i = 0; i < times; ++i) {
      HttpRequest request;
      request.headers.Add("Accept-Encoding", "identity");
      StringSink sink(2 << 20);
      RETURN_IF_ERROR(
          loop.Run((*client)->Send(origin, request, ResponseLimits(), Deadline::Infinite(), sink)));
      if (sink.body().size() != 1'000'001) return absl::InternalError("wrong body");
    }
    return absl::OkStatus();
  }

  AsyncTest loop;
  std::unique_ptr<HttpServer> server;
};

TlsOptions Trusting(const Identity& identity) {
  TlsOptions options;
  options.ca_pem = identity.certificate;
  return options;
}

TEST_F(TlsTest, VerifiesNamesAndAddresses) {
  const Identity identity = Valid();
  Serve(identity);
  EXPECT_EQ(Get(Trusting(identity), "127.0.0.1", 3), absl::OkStatus());
  EXPECT_EQ(Get(Trusting(identity), "localhost"), absl::OkStatus());
  TlsOptions other_name = Trusting(identity);
  other_name.server_name = "example.org";
  const absl::Status status = Get(other_name);
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(MessageOf(status), HasSubstr("ostname mismatch"));
}

TEST_F(TlsTest, NoNameIsNotAnyName) {
  const auto context = internal::NewClientTls(Trusting(Valid()));
  ASSERT_TRUE(context.ok());
  const auto stream =
      loop.Run(internal::TlsConnect(*context, nullptr, "", loop.clock, Deadline::Infinite()));
  EXPECT_TRUE(absl::IsInvalidArgument(stream.status())) << stream.status();
}

TEST_F(TlsTest, RefusesCertificatesItCannotTrust) {
  const Identity identity = Valid();
  Serve(identity);
  EXPECT_THAT(MessageOf(Get({})), HasSubstr("self-signed certificate"));
  EXPECT_THAT(MessageOf(Get(Trusting(Valid()))), HasSubstr("TLS handshake: "));
  TlsOptions insecure;
  insecure.insecure_skip_verify = true;
  EXPECT_EQ(Get(insecure), absl::OkStatus());
}

TEST_F(TlsTest, RefusesExpiredCertificates) {
  const Identity expired = MakeIdentity("IP:127.0.0.1", -7200, -3600);
  Serve(expired);
  EXPECT_THAT(MessageOf(Get(Trusting(expired))), HasSubstr("certificate has expired"));
}

TEST_F(TlsTest, AsksForAClientCertificateWhenItShould) {
  const Identity identity = Valid();
  const Identity user = Valid("DNS:user");
  Serve(identity, user.certificate);
  EXPECT_TRUE(absl::IsUnavailable(Get(Trusting(identity))));
  TlsOptions with_certificate = Trusting(identity);
  with_certificate.certificate_pem = user.certificate;
  with_certificate.private_key_pem = user.key;
  EXPECT_EQ(Get(with_certificate), absl::OkStatus());
}

TEST_F(TlsTest, ClosesClientsThatDoNotShakeHands) {
  Serve(Valid());
  auto transport = NewTcpTransport(loop.executor(), loop.clock);
  auto drip = loop.Start(RawExchange(*transport, server->port(), "\x16\x03\x01"));
  EXPECT_NEAR(static_cast<double>(loop.AdvanceUntil(drip, 100, 20'000)), 5000, 200);
  auto plain = loop.Start(RawExchange(*transport, server->port(), "GET / HTTP/1.1\r\n\r\n"));
  EXPECT_LT(loop.AdvanceUntil(plain, 100, 20'000), 1000);
}

TEST(TlsOptions, SaysWhatIsWrongWithoutShowingIt) {
  const Identity a = Valid();
  const Identity b = Valid();
  const struct {
    std::string certificate, key, message;
  } cases[] = {
      {"garbage", a.key, "certificate: expected at least one PEM certificate, found none"},
      {a.certificate, "garbage", "private key: "},
      {a.certificate, b.key, "key values mismatch"},
  };
  for (const auto& c : cases) {
    const auto context = internal::NewServerTls({c.certificate, c.key, ""});
    ASSERT_FALSE(context.ok());
    EXPECT_THAT(MessageOf(context.status()), HasSubstr(c.message));
    EXPECT_EQ(MessageOf(context.status()).find("garbage"), std::string_view::npos);
  }
  TlsOptions half;
  half.certificate_pem = a.certificate;
  EXPECT_FALSE(internal::NewClientTls(half).ok());
}

}  // namespace
}  // namespace synoptic::net
