// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/status.h"
#include "net/async/event.h"
#include "net/async/timer.h"
#include "net/http/gzip.h"
#include "net/http/router.h"
#include "net/http/testing.h"

namespace synoptic::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Handlers {
  explicit Handlers(AsyncTest& l) : loop(l), release(l.executor()) {}
  AsyncTest& loop;
  Event release;
  std::shared_ptr<int> waiting = std::make_shared<int>(0);  // one more owner per waiting handler
};

Task<HttpResponse> Hello(const RequestContext& context) {
  HttpResponse response = TextAnswer(200, "hello " + context.request.body);
  response.headers.Add("X-Split", "a\r\nSet-Cookie: b");
  co_return response;
}
Task<HttpResponse> Fails(const RequestContext&) { co_return absl::DataLossError("no disk"); }
Task<HttpResponse> Throws(const RequestContext&) {
  throw std::bad_alloc();
  co_return HttpResponse();
}
Task<HttpResponse> Big(const RequestContext&) {
  HttpResponse response;
  response.body.assign(32 << 20, 'x');
  co_return response;
}
Task<HttpResponse> Waits(Handlers& handlers) {
  const std::shared_ptr<int> guard = handlers.waiting;
  CO_RETURN_IF_ERROR(co_await handlers.release.Wait());
  co_return TextAnswer(200, "released");
}

constexpr char kGet[] = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr char kGetClose[] = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

class ServerTest : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    Router router;
    router.Add("GET POST", "/hello", Hello);
    router.Add("GET", "/fails", Fails);
    router.Add("GET", "/throws", Throws);
    router.Add("GET", "/big", Big);
    router.Add("GET", "/waits", [this](const RequestContext&) { return Waits(handlers); });
    server = StartHttpServer(loop.executor(), loop.clock, std::move(options), router.AsHandler())
                 .value();
  }
  void TearDown() override {
    if (server == nullptr) return;
    auto stopped = loop.Start(server->Stop(Deadline::After(loop.clock, std::chrono::seconds(1))));
    loop.AdvanceUntil(stopped, 100, 5000);
    EXPECT_TRUE(stopped->has_value());
  }
  std::string Raw(std::string bytes) {
    return loop.Run(RawExchange(*transport, server->port(), std::move(bytes))).value();
  }
  std::unique_ptr<ByteStream> Connect() {
    return loop.Run(transport->Connect("127.0.0.1", server->port(), Deadline::Infinite())).value();
  }
  std::unique_ptr<ByteStream> ConnectAndSend(std::string_view bytes) {
    auto stream = Connect();
    EXPECT_TRUE(loop.Run(WriteAll(*stream, bytes)).ok());
    loop.Settle();
    return stream;
  }

  AsyncTest loop;
  Handlers handlers{loop};
  std::unique_ptr<Transport> transport = NewTcpTransport(loop.executor(), loop.clock);
  std::unique_ptr<HttpServer> server;
};

TEST_F(ServerTest, RefusesWithTheRightStatusAndCloses) {
  Start();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 Bad Request"},
      {"GET /hello HTTP/1.1\r\n\r\n", "400 Bad Request"},
      {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "405 Method Not Allowed"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", "413 Content Too Large"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", "414 URI Too Long"},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: gold\r\n\r\n", "417 Expectation Failed"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'a') + "\r\n\r\n",
       "431 Request Header Fields Too Large"},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501 Not Implemented"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported"},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400 Bad Request"},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400 Bad Request"},
  };
  for (const auto& [bytes, expected] : cases) {
    const std::string answer = Raw(bytes + kGet);  // what follows must not be answered
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + expected + "\r\n")) << bytes.substr(0, 60);
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(answer.find("hello"), std::string::npos) << answer;
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  std::string requests;
  for (int i = 0; i < 300; ++i) {
    requests +=
        "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i);
  }
  const std::string answers = Raw(requests + kGetClose);
  size_t at = 0;
  for (int i = 0; i < 300; ++i) {
    at = answers.find("hello " + std::to_string(100 + i), at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(ServerTest, ValuesCannotSplitAResponse) {
  Start();
  EXPECT_THAT(Raw(kGetClose), HasSubstr("X-Split: a  Set-Cookie: b\r\n"));
}

TEST_F(ServerTest, AsksForAnExpectedBody) {
  Start();
  auto stream = ConnectAndSend(
      "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(loop.Run(ReadUntil(*stream, "\r\n\r\n")).value(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(loop.Run(WriteAll(*stream, "world")).ok());
  const std::string answer = loop.Run(ReadToEnd(*stream)).value();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("hello world"));
}

TEST_F(ServerTest, DecodesGzipRequestsWithinTheBodyLimit) {
  Start();
  const auto post = [&](const std::string& body) {
    return Raw(
        "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nConnection: close\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_THAT(post(internal::GzipCompress("world")), HasSubstr("hello world"));
  EXPECT_THAT(post(internal::GzipCompress(std::string(2 << 20, 'a'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(post("not gzip"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(post(internal::GzipCompress("world").substr(0, 12)), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, HandlersThatFailAreAnswered500) {
  Start();
  EXPECT_THAT(Raw("GET /fails HTTP/1.0\r\n\r\n"), HasSubstr("internal error: no disk"));
  EXPECT_THAT(Raw("GET /throws HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
}

TEST_F(ServerTest, BrokenEscapesInParametersReachTheHandlerAsAStatus) {
  absl::Status seen;
  server = StartHttpServer(loop.executor(), loop.clock, {},
                           [&seen](const RequestContext& context) -> Task<HttpResponse> {
                             seen = context.parameters_status;
                             return Hello(context);
                           })
               .value();
  Raw("GET /?query=%zz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(MessageOf(seen), "invalid URL escape \"%zz\"");
  Raw("GET /?query=a;b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(MessageOf(seen), "invalid semicolon separator in query");
}

TEST_F(ServerTest, ClosesClientsThatAreSlowWithTheirHead) {
  Start();
  auto stream = ConnectAndSend("GET /hello HT");
  auto rest = loop.Start(ReadToEnd(*stream));
  const int64_t ms = loop.AdvanceUntil(rest, 100, 20'000);
  EXPECT_NEAR(static_cast<double>(ms), 10'000, 200);
}

TEST_F(ServerTest, ClosesClientsThatSendNothing) {
  Start();
  auto stream = ConnectAndSend("");
  auto rest = loop.Start(ReadToEnd(*stream));
  EXPECT_NEAR(static_cast<double>(loop.AdvanceUntil(rest, 100, 20'000)), 10'000, 200);
}

TEST_F(ServerTest, ADripOfHeaderBytesDoesNotBuyTime) {
  Start();
  auto stream = ConnectAndSend("GET /hello HTTP/1.1\r\n");
  auto rest = loop.Start(ReadToEnd(*stream));
  int64_t ms = 0;
  for (; ms < 20'000 && !rest->has_value(); ms += 500) {
    stream->TryWrite("a: b\r\n", {});
    loop.clock.AdvanceMillis(500);
    loop.Settle();
  }
  EXPECT_NEAR(static_cast<double>(ms), 10'000, 600);
}

TEST_F(ServerTest, ClosesClientsThatAreSlowWithTheirBody) {
  Start();
  auto stream = ConnectAndSend("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  auto rest = loop.Start(ReadToEnd(*stream));
  EXPECT_NEAR(static_cast<double>(loop.AdvanceUntil(rest, 100, 60'000)), 30'000, 200);
}

TEST_F(ServerTest, KeepsIdleConnectionsLongerThanGrafanaDoes) {
  Start();
  auto stream = ConnectAndSend(kGet);
  EXPECT_THAT(loop.Run(ReadUntil(*stream, "hello ")).value(), StartsWith("HTTP/1.1 200"));
  loop.clock.AdvanceMillis(100'000);
  loop.Settle();
  ASSERT_TRUE(loop.Run(WriteAll(*stream, kGet)).ok());
  EXPECT_THAT(loop.Run(ReadUntil(*stream, "hello ")).value(), StartsWith("HTTP/1.1 200"));
  auto rest = loop.Start(ReadToEnd(*stream));
  EXPECT_NEAR(static_cast<double>(loop.AdvanceUntil(rest, 500, 200'000)), 120'000, 1000);
}

TEST_F(ServerTest, ClosesClientsThatDoNotReadTheirAnswer) {
  Start();
  auto stream = ConnectAndSend("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 310; ++i) {
    loop.clock.AdvanceMillis(100);
    loop.Poll();
  }
  loop.Settle();
  const std::string got = loop.Run(ReadToEnd(*stream)).value();
  EXPECT_LT(got.size(), size_t{32} << 20);
}

TEST_F(ServerTest, AClientThatLeavesCancelsItsHandlerWithin100Ms) {
  Start();
  auto stream = ConnectAndSend("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(handlers.waiting.use_count(), 2);
  stream.reset();
  loop.Settle();
  loop.Advance(50);
  loop.Settle();
  loop.Advance(50);
  loop.Settle();
  EXPECT_EQ(handlers.waiting.use_count(), 1);
}

TEST_F(ServerTest, BoundsConnectionsPerPeer) {
  ServerOptions options;
  options.limits.max_connections_per_peer = 2;
  Start(options);
  auto first = ConnectAndSend(kGet);
  auto second = ConnectAndSend(kGet);
  EXPECT_THAT(Raw(kGet), StartsWith("HTTP/1.1 503 "));
  second.reset();
  loop.Settle();
  EXPECT_THAT(Raw(kGetClose), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, BoundsConnectionsInAll) {
  ServerOptions options;
  options.limits.max_connections = 2;
  Start(options);
  auto first = ConnectAndSend(kGet);
  auto second = ConnectAndSend(kGet);
  EXPECT_THAT(Raw(kGet), StartsWith("HTTP/1.1 503 "));
  first.reset();
  loop.Settle();
  EXPECT_THAT(Raw(kGetClose), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, BoundsRequestsPerConnection) {
  ServerOptions options;
  options.limits.max_requests_per_connection = 2;
  Start(options);
  const std::string answers = Raw(std::string(kGet) + kGet + kGet);
  EXPECT_EQ(answers.find("Connection: close"), answers.rfind("Connection: close"));
  EXPECT_NE(answers.find("Connection: close"), std::string::npos);
}

TEST_F(ServerTest, StopLetsHandlersFinishAndClosesIdleConnections) {
  Start();
  auto idle = ConnectAndSend(kGet);
  auto busy = ConnectAndSend("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  auto stopped = loop.Start(server->Stop(Deadline::After(loop.clock, std::chrono::seconds(5))));
  loop.Settle();
  EXPECT_FALSE(stopped->has_value());
  EXPECT_THAT(loop.Run(ReadToEnd(*idle)).value(), HasSubstr("hello"));
  EXPECT_FALSE(
      loop.Run(transport->Connect("127.0.0.1", server->port(), Deadline::Infinite())).ok());
  handlers.release.Set();
  const std::string answer = loop.Run(ReadToEnd(*busy)).value();
  EXPECT_THAT(answer, HasSubstr("released"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  busy->Close();
  loop.AdvanceUntil(stopped, 50, 5000);
  ASSERT_TRUE(stopped->has_value());
  EXPECT_TRUE((*stopped)->ok()) << **stopped;
  server.reset();
}

TEST_F(ServerTest, StopCancelsHandlersAtItsDeadline) {
  Start();
  auto busy = ConnectAndSend("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  auto stopped = loop.Start(server->Stop(Deadline::After(loop.clock, std::chrono::seconds(5))));
  EXPECT_NEAR(static_cast<double>(loop.AdvanceUntil(stopped, 100, 10'000)), 5000, 300);
  EXPECT_EQ(handlers.waiting.use_count(), 1);
  server.reset();
}

// A listener out of descriptors.
class ExhaustedListener final : public Listener {
 public:
  explicit ExhaustedListener(int& accepts) : accepts_(accepts) {}
  uint16_t port() const override { return 1; }
  Task<std::unique_ptr<ByteStream>> Accept() override {
    ++accepts_;
    co_return absl::ResourceExhaustedError("accept: too many open files");
  }
  void Close() override {}

 private:
  int& accepts_;
};
class ExhaustedTransport final : public Transport {
 public:
  Task<std::unique_ptr<ByteStream>> Connect(std::string, uint16_t, Deadline) override {
    co_return absl::UnavailableError("no");
  }
  absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string&, uint16_t) override {
    return std::make_unique<ExhaustedListener>(accepts);
  }
  int accepts = 0;
};

TEST_F(ServerTest, WaitsLongerAndLongerWhenDescriptorsRunOut) {
  ExhaustedTransport exhausted;
  ServerOptions options;
  options.transport = &exhausted;
  Start(options);
  for (int i = 0; i < 1000; ++i) loop.Advance(10);
  EXPECT_GT(exhausted.accepts, 10);
  EXPECT_LT(exhausted.accepts, 25);
}

TEST_F(ServerTest, SaysWhatIsWrongWithItsAddress) {
  ServerOptions options;
  options.address = "localhost:80";
  const auto named = StartHttpServer(loop.executor(), loop.clock, options, Hello);
  EXPECT_THAT(MessageOf(named.status()), HasSubstr("localhost:80"));
  Start();
  options.address = "127.0.0.1";
  options.port = server->port();
  const auto taken = StartHttpServer(loop.executor(), loop.clock, options, Hello);
  EXPECT_THAT(MessageOf(taken.status()), HasSubstr("Address already in use"));
}

}  // namespace
}  // namespace synoptic::net
