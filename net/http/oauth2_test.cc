// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/oauth2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Answers after ten milliseconds of the clock; remembers who sent what.
class FakeClient final : public HttpClient {
 public:
  explicit FakeClient(const Clock& clock) : clock_(clock) {}
  struct Reply {
    int status = 200;
    std::string body;
  };
  std::deque<Reply> replies;  // the last one again and again
  std::vector<std::string> sent;

  Task<> Send(const Origin& origin, HttpRequest request, const ResponseLimits&, Deadline,
              BodySink& sink) override {
    sent.push_back(fmt::format("{} {} {} {}", origin.host, request.target,
                               request.headers.Get("Authorization").value_or("-"), request.body));
    const Reply reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(10)));
    CO_RETURN_IF_ERROR(sink.OnHead(reply.status, {}));
    co_return sink.OnData(reply.body);
  }

 private:
  const Clock& clock_;
};

std::string TokenBody(std::string_view token, int seconds) {
  return fmt::format(R"({{"access_token":"{}","token_type":"bearer","expires_in":{}}})", token,
                     seconds);
}

class OAuth2Test : public ::testing::Test {
 protected:
  OAuth2Test() {
    OAuth2Options options;
    options.client_id = "id";
    options.client_secret = "se/cret";
    options.token_url = "https://login.example/oauth/token";
    options.scopes = {"read", "more"};
    options.endpoint_params = {{"audience", "x"}};
    server.replies = {{200, "ok"}};
    endpoint.replies = {{200, TokenBody("t1", 100)}};
    client = *NewOAuth2Client(server, endpoint, loop.clock, options);
  }
  absl::Status Ask() {
    StringSink sink;
    return loop.RunInVirtualTime(Send(sink));
  }
  Task<> Send(StringSink& sink) {
    Origin origin;
    origin.host = "prom";
    co_return co_await client->Send(origin, HttpRequest(), {}, Deadline::Infinite(), sink);
  }

  AsyncTest loop;
  FakeClient server{loop.clock};
  FakeClient endpoint{loop.clock};
  std::unique_ptr<HttpClient> client;
};

TEST_F(OAuth2Test, ATokenIsFetchedOnceAndKeptUntilShortlyBeforeItEnds) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Ask().ok());
  // id:se%2Fcret
  EXPECT_THAT(endpoint.sent,
              ElementsAre("login.example /oauth/token Basic aWQ6c2UlMkZjcmV0 "
                          "grant_type=client_credentials&scope=read%20more&audience=x"));
  EXPECT_THAT(server.sent, SizeIs(3));
  EXPECT_THAT(server.sent[2], HasSubstr("Bearer t1"));
  loop.clock.AdvanceMillis(91'000);
  endpoint.replies = {{200, TokenBody("t2", 100)}};
  EXPECT_TRUE(Ask().ok());
  EXPECT_THAT(server.sent.back(), HasSubstr("Bearer t2"));
}

TEST_F(OAuth2Test, ThoseWhoComeTogetherShareOneFetch) {
  std::vector<StringSink> sinks(5);
  auto first = loop.Start(Send(sinks[0]));
  auto second = loop.Start(Send(sinks[1]));
  auto third = loop.Start(Send(sinks[2]));
  loop.Poll();
  EXPECT_TRUE(Ask().ok());
  EXPECT_THAT(endpoint.sent, SizeIs(1));
  EXPECT_THAT(server.sent, SizeIs(4));
}

TEST_F(OAuth2Test, AnEndpointThatFailsIsNamedAndTheOldTokenUsedAsLongAsItLasts) {
  EXPECT_TRUE(Ask().ok());
  endpoint.replies = {{503, "busy se/cret"}};
  loop.clock.AdvanceMillis(95'000);
  EXPECT_TRUE(Ask().ok()) << "the old one lasts five seconds more";
  loop.clock.AdvanceMillis(10'000);
  const absl::Status status = Ask();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(MessageOf(status), "oauth2 token from https://login.example/oauth/token: HTTP 503");
  endpoint.sent.clear();
  EXPECT_FALSE(Ask().ok());
  EXPECT_THAT(endpoint.sent, IsEmpty()) << "not again within a second";
  loop.clock.AdvanceMillis(2'000);
  endpoint.replies = {{200, TokenBody("t3", 100)}};
  EXPECT_TRUE(Ask().ok());
}

TEST_F(OAuth2Test, OneThatWantsTheSecretInTheBodyGetsItThere) {
  endpoint.replies = {{401, R"({"error":"invalid_client"})"}, {200, TokenBody("t1", 100)}};
  EXPECT_TRUE(Ask().ok());
  ASSERT_THAT(endpoint.sent, SizeIs(2));
  EXPECT_THAT(endpoint.sent[1], HasSubstr(" - grant_type"));
  EXPECT_THAT(endpoint.sent[1], HasSubstr("client_id=id&client_secret=se%2Fcret"));
  loop.clock.AdvanceMillis(200'000);
  EXPECT_TRUE(Ask().ok());
  EXPECT_THAT(endpoint.sent, SizeIs(3)) << "that is remembered";
}

TEST_F(OAuth2Test, ARefusalIsToldByItsWord) {
  endpoint.replies = {{401, R"({"error":"invalid_client","error_description":"se/cret"})"}};
  EXPECT_EQ(MessageOf(Ask()),
            "oauth2 token from https://login.example/oauth/token: HTTP 401: invalid_client");
  loop.clock.AdvanceMillis(2'000);
  endpoint.replies = {{200, "<html>"}};
  EXPECT_THAT(MessageOf(Ask()), HasSubstr("expected JSON with an access_token"));
}

TEST_F(OAuth2Test, ARevokedTokenIsNotUsedAgain) {
  EXPECT_TRUE(Ask().ok());
  server.replies = {{401, ""}, {200, "ok"}};
  endpoint.replies = {{200, TokenBody("t2", 100)}};
  EXPECT_TRUE(Ask().ok());
  EXPECT_TRUE(Ask().ok());
  EXPECT_THAT(server.sent.back(), HasSubstr("Bearer t2"));
}

}  // namespace
}  // namespace synoptic::net
