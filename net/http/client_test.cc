// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "net/http/gzip.h"
#include "net/http/testing.h"

namespace synoptic::net {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

std::string Repeat(const std::string& text, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += text;
  return out;
}

class ClientTest : public testing::Test {
 protected:
  void Serve(std::vector<ScriptedServer::Script> scripts) {
    server = std::make_unique<ScriptedServer>(loop, *transport, std::move(scripts));
    origin.host = "127.0.0.1";
    origin.port = server->port();
  }
  void TearDown() override {
    server.reset();
    loop.Settle();
  }
  std::shared_ptr<std::optional<absl::Status>> StartSend(HttpRequest request = {},
                                                         Deadline deadline = Deadline::Infinite()) {
    sink = StringSinkHolder();
    return loop.Start(client->Send(origin, std::move(request), limits, deadline, *sink.value));
  }
  absl::Status Send(HttpRequest request = {}) {
    sink = StringSinkHolder();
    return loop.Run(
        client->Send(origin, std::move(request), limits, Deadline::Infinite(), *sink.value));
  }
  struct StringSinkHolder {
    std::unique_ptr<StringSink> value = std::make_unique<StringSink>(64 << 20);
  };

  AsyncTest loop;
  std::unique_ptr<Transport> transport = NewTcpTransport(loop.executor(), loop.clock);
  std::unique_ptr<HttpClient> client = NewHttpClient(loop.executor(), loop.clock, {}).value();
  std::unique_ptr<ScriptedServer> server;
  Origin origin;
  ResponseLimits limits;
  StringSinkHolder sink;
};

struct Hostile {
  std::string name;
  std::string bytes;
  absl::StatusCode code;
  std::string message;
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";

TEST_F(ClientTest, NeverTakesABrokenResponseForAWholeOne) {
  constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;
  const std::string gz = internal::GzipCompress(std::string(1000, 'a'));
  const std::string gzip_head =
      kOk + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(gz.size()) + "\r\n\r\n";
  std::string bad_gz = gz;
  bad_gz[gz.size() - 6] ^= 1;
  const std::vector<Hostile> cases = {
      {"nothing", "", kUnavailable, "before a response"},
      {"half a head", kOk + "Content-Le", kUnavailable, "truncated head"},
      {"short body", kOk + "Content-Length: 10\r\n\r\nhello", kUnavailable, "truncated body"},
      {"no last chunk", kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", kUnavailable,
       "truncated body"},
      {"half a chunk", kOk + "Transfer-Encoding: chunked\r\n\r\n50\r\nhello", kUnavailable,
       "truncated body"},
      {"no end of trailers", kOk + "Transfer-Encoding: chunked\r\n\r\n0\r\n", kUnavailable,
       "truncated body"},
      {"bad chunk", kOk + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", kInvalid,
       "chunk without a size"},
      {"two lengths", kOk + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", kInvalid,
       "two Content-Length"},
      {"signed length", kOk + "Content-Length: +5\r\n\r\nhello", kInvalid, "Content-Length"},
      {"two framings", kOk + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       kInvalid, "both"},
      {"unknown framing", kOk + "Transfer-Encoding: gzip\r\n\r\n", kInvalid, "Transfer-Encoding"},
      {"no framing", kOk + "\r\n{}", kInvalid, "without a length"},
      {"folded", kOk + "A: b\r\n c\r\n\r\n", kInvalid, "folded"},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", kInvalid, "CRLF"},
      {"HTML", "<html><body>hi</body></html>\r\n\r\n", kInvalid, "no status line"},
      {"HTTP/2", "HTTP/2 200\r\n\r\n", kInvalid, "no status line"},
      {"long status", "HTTP/1.1 2000 OK\r\n\r\n", kInvalid, "no status line"},
      {"status 99", "HTTP/1.1 099 OK\r\n\r\n", kInvalid, "status 99"},
      {"endless head", kOk + "A: " + std::string(70'000, 'a'), kExhausted, "head over"},
      {"endless fields", kOk + Repeat("A: b\r\n", 300), kExhausted, "header fields"},
      {"endless interim", Repeat("HTTP/1.1 103 Early\r\n\r\n", 1000), kExhausted, "interim"},
      {"switch", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", kInvalid, "101"},
      {"chunk extension", kOk + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(200'000, 'a'),
       kInvalid, "extensions"},
      {"endless trailers",
       kOk + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + Repeat("A: b\r\n", 9000), kInvalid,
       "trailers"},
      {"gzip checksum", gzip_head + bad_gz, kInvalid, "gzip"},
      {"gzip cut", kOk + "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gz.substr(0, 20),
       kUnavailable, "truncated"},
      {"nested", kOk + "Content-Encoding: gzip, gzip\r\nContent-Length: 5\r\n\r\nhello", kInvalid,
       "gzip, gzip"},
      {"brotli", kOk + "Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello", kInvalid,
       "\"br\""},
  };
  for (const Hostile& c : cases) {
    Serve({ScriptedServer::Reply(c.bytes)});
    const absl::Status status = Send();
    EXPECT_EQ(status.code(), c.code) << c.name << ": " << status;
    EXPECT_THAT(MessageOf(status), HasSubstr(c.message)) << c.name;
  }
}

TEST_F(ClientTest, EveryTruncationOfAGoodResponseIsUnavailable) {
  const std::string gz = internal::GzipCompress("hello hello hello");
  for (const std::string& whole :
       {kOk + "Content-Length: 5\r\n\r\nhello",
        kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
        kOk + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(gz.size()) +
            "\r\n\r\n" + gz}) {
    for (size_t cut = 0; cut < whole.size(); ++cut) {
      Serve({ScriptedServer::Reply(whole.substr(0, cut))});
      ASSERT_TRUE(absl::IsUnavailable(Send())) << whole << " cut at " << cut;
    }
    Serve({ScriptedServer::Reply(whole)});
    EXPECT_TRUE(Send().ok());
  }
}

TEST_F(ClientTest, PassesStatusesOnAndFollowsNothing) {
  Serve({ScriptedServer::Reply(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 302 Found\r\nLocation: "
      "http://169.254.169.254/\r\nContent-Length: 2\r\n\r\nhi")});
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(sink.value->status(), 302);
  EXPECT_EQ(sink.value->body(), "hi");
  EXPECT_FALSE(sink.value->headers().Get("Link").has_value());
  EXPECT_EQ(server->connections(), 1);
}

TEST_F(ClientTest, DropsTrailers) {
  Serve({ScriptedServer::Reply(
      kOk + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-A: b\r\n\r\n")});
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(sink.value->body(), "hi");
  EXPECT_FALSE(sink.value->headers().Get("X-A").has_value());
}

// Answers `n` requests on one connection, then closes it.
Task<> AnswerTimes(ByteStream& stream, int n, std::string reply) {
  for (int i = 0; i < n; ++i) {
    CO_ASSIGN_OR_RETURN(std::string head, co_await ReadUntil(stream, "\r\n\r\n"));
    CO_RETURN_IF_ERROR(co_await WriteAll(stream, reply));
  }
  CO_ASSIGN_OR_RETURN(std::string last, co_await ReadUntil(stream, "\r\n\r\n"));
  co_return absl::OkStatus();
}
ScriptedServer::Script Times(int n, std::string reply) {
  return [n, reply](ByteStream& stream) { return AnswerTimes(stream, n, reply); };
}

const std::string kHi = kOk + "Content-Length: 2\r\n\r\nhi";

TEST_F(ClientTest, KeepsConnectionsAndRetriesOnceWhenOneTurnsOutDead) {
  Serve({Times(2, kHi), Times(5, kHi)});
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(server->connections(), 1);
  // The server reads the third request and closes without a word.
  EXPECT_TRUE(Send().ok());
  EXPECT_EQ(server->connections(), 2);
}

TEST_F(ClientTest, SendsARequestTwiceOnlyWhenThatIsSafe) {
  HttpRequest post;
  post.method = "POST";
  Serve({Times(1, kHi), Times(1, kHi)});
  ASSERT_TRUE(Send(post).ok());
  EXPECT_TRUE(absl::IsUnavailable(Send(post)));
  EXPECT_EQ(server->connections(), 1);
  post.replayable = true;
  Serve({Times(1, kHi), Times(1, kHi)});
  ASSERT_TRUE(Send(post).ok());
  EXPECT_TRUE(Send(post).ok());
  EXPECT_EQ(server->connections(), 2);
}

TEST_F(ClientTest, AFreshConnectionIsNotRetried) {
  Serve({ScriptedServer::Reply("")});
  EXPECT_TRUE(absl::IsUnavailable(Send()));
  EXPECT_EQ(server->connections(), 1);
}

TEST_F(ClientTest, DoesNotReuseAConnectionWithSurplusBytesOrOneToBeClosed) {
  for (const std::string& reply :
       {kHi + "HTTP/1.1 200 OK\r\n", kOk + "Connection: close\r\nContent-Length: 2\r\n\r\nhi",
        std::string("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")}) {
    Serve({ScriptedServer::Reply(reply, /*stay_open=*/true)});
    ASSERT_TRUE(Send().ok());
    ASSERT_TRUE(Send().ok());
    EXPECT_EQ(server->connections(), 2) << reply;
  }
}

Task<> AnswerThenLate(ByteStream& stream, std::string reply, std::string late) {
  CO_ASSIGN_OR_RETURN(std::string head, co_await ReadUntil(stream, "\r\n\r\n"));
  CO_RETURN_IF_ERROR(co_await WriteAll(stream, reply));
  CO_RETURN_IF_ERROR(co_await WriteAll(stream, late));
  co_return (co_await ReadToEnd(stream)).status();
}

TEST_F(ClientTest, AnAnswerNobodyAskedForIsNotTakenForTheNext) {
  Serve({[](ByteStream& stream) {
           return AnswerThenLate(stream, kHi, kOk + "Content-Length: 4\r\n\r\nevil");
         },
         Times(1, kHi)});
  ASSERT_TRUE(Send().ok());
  loop.Settle();
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(sink.value->body(), "hi");
}

TEST_F(ClientTest, TheDeadlineEndsTheWaitForAnAnswer) {
  Serve({ScriptedServer::Reply("", /*stay_open=*/true)});
  auto done = StartSend({}, Deadline::After(loop.clock, seconds(20)));
  const int64_t ms = loop.AdvanceUntil(done, 100, 60'000);
  EXPECT_NEAR(static_cast<double>(ms), 20'000, 200);
  EXPECT_TRUE(absl::IsDeadlineExceeded(**done)) << **done;
}

TEST_F(ClientTest, AServerThatStopsSendingIsCut) {
  Serve({ScriptedServer::Reply(kOk + "Content-Length: 10\r\n\r\nhello", /*stay_open=*/true)});
  auto done = StartSend();
  EXPECT_NEAR(static_cast<double>(loop.AdvanceUntil(done, 100, 60'000)), 5000, 300);
  EXPECT_TRUE(absl::IsDeadlineExceeded(**done)) << **done;
  EXPECT_THAT(MessageOf(**done), HasSubstr("no byte for"));
}

TEST_F(ClientTest, AHungRequestMakesItsIdleSiblingsSuspect) {
  Serve({Times(2, kHi), ScriptedServer::Reply("", /*stay_open=*/true), Times(9, kHi)});
  auto first = StartSend();
  StringSink other;
  auto hung =
      loop.Start(client->Send(origin, {}, limits, Deadline::After(loop.clock, seconds(2)), other));
  loop.AdvanceUntil(hung, 100, 10'000);
  ASSERT_TRUE(first->has_value());
  ASSERT_TRUE(absl::IsDeadlineExceeded(**hung));
  EXPECT_EQ(server->connections(), 2);
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(server->connections(), 3) << "the idle connection of the first request was dropped";
}

TEST_F(ClientTest, ManyChunksOfOneByteAreFineAndAnEndlessBodyIsCut) {
  std::string chunks;
  for (int i = 0; i < 100'000; ++i) chunks += "1\r\nx\r\n";
  Serve({ScriptedServer::Reply(kOk + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n")});
  ASSERT_TRUE(Send().ok());
  EXPECT_EQ(sink.value->body(), std::string(100'000, 'x'));
  limits.max_wire_bytes = 100'000;
  Serve({ScriptedServer::Reply(kOk + "Transfer-Encoding: chunked\r\n\r\n" + chunks + chunks)});
  EXPECT_TRUE(absl::IsResourceExhausted(Send()));
}

TEST_F(ClientTest, CancellingClosesTheConnection) {
  Serve({ScriptedServer::Reply(kOk, /*stay_open=*/true)});
  TaskGroup group;
  StringSink local;
  auto handle = group.Spawn(loop.executor(), "send",
                            client->Send(origin, {}, limits, Deadline::Infinite(), local));
  loop.Settle();
  EXPECT_EQ(server->connections(), 1);
  handle.Cancel();
  loop.Settle();
  EXPECT_TRUE(handle.done());
}

TEST_F(ClientTest, SaysWhyItCouldNotConnect) {
  Serve({ScriptedServer::Reply("")});
  server.reset();  // the port is closed now
  loop.Settle();
  const absl::Status status = Send();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(MessageOf(status), HasSubstr("Connection refused"));
  origin.host = "nothing.invalid";
  EXPECT_THAT(MessageOf(Send()), HasSubstr("look up \"nothing.invalid\""));
}

TEST_F(ClientTest, RefusesRequestsThatWouldNotBeOne) {
  Serve({ScriptedServer::Reply(kHi)});
  HttpRequest request;
  request.target = "/a b";
  EXPECT_TRUE(absl::IsInvalidArgument(Send(request)));
  request = {};
  request.headers.Add("X-A", "b\r\nX-B: c");
  EXPECT_TRUE(absl::IsInvalidArgument(Send(request)));
  request = {};
  request.headers.Add("Content-Length", "5");
  EXPECT_TRUE(absl::IsInvalidArgument(Send(request)));
  EXPECT_EQ(server->connections(), 0);
}

TEST(Origin, ParsesUrls) {
  struct {
    std::string url;
    bool tls;
    std::string host;
    int port;
    std::string prefix;
  } good[] = {
      {"http://a", false, "a", 80, ""},
      {"https://a.b/", true, "a.b", 443, ""},
      {"HTTP://10.0.0.1:9090/prom//", false, "10.0.0.1", 9090, "/prom"},
      {"https://[::1]:9443/x/y", true, "::1", 9443, "/x/y"},
      {"http://[::1]", false, "::1", 80, ""},
  };
  for (const auto& c : good) {
    const auto origin = Origin::Parse(c.url);
    ASSERT_TRUE(origin.ok()) << origin.status();
    EXPECT_EQ(origin->tls, c.tls);
    EXPECT_EQ(origin->host, c.host);
    EXPECT_EQ(origin->port, c.port);
    EXPECT_EQ(origin->path_prefix, c.prefix);
  }
  for (const std::string bad : {"a:9090", "ftp://a", "http://", "http://a:0", "http://a:65536",
                                "http://a:x", "http://a:", "http://a/?x=1", "http://a/#f",
                                "http://[::1", "http://a b/", "http://[::1]x"}) {
    const auto origin = Origin::Parse(bad);
    ASSERT_FALSE(origin.ok()) << bad;
    EXPECT_THAT(MessageOf(origin.status()), HasSubstr(bad));
  }
  const auto secret = Origin::Parse("http://user:hunter2@a:9090/");
  ASSERT_FALSE(secret.ok());
  EXPECT_EQ(MessageOf(secret.status()).find("hunter2"), std::string_view::npos);
}

}  // namespace
}  // namespace synoptic::net
