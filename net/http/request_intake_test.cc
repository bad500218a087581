// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/request_intake.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace synoptic::net::internal {
namespace {

struct Verdict {
  int status = 0;  // 0: accepted, -1: not decided yet
  std::string reason;
  HttpRequest request;
  size_t rest = 0;
};

// Feeds `bytes` in two reads, cut at `cut`.
Verdict Judge(const std::string& bytes, size_t cut, const ServerLimits& limits) {
  RequestIntake intake(limits);
  std::string pending;
  for (const std::string& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    pending += part;
    std::string_view view = pending;
    intake.Feed(view);
    pending = std::string(view);
  }
  if (intake.error()) return {intake.error()->status, intake.error()->reason, {}, 0};
  if (!intake.ready()) return {-1, "", {}, 0};
  return {0, "", intake.request(), pending.size()};
}

Verdict Judge(const std::string& bytes) { return Judge(bytes, bytes.size(), ServerLimits()); }

struct Case {
  std::string name;
  std::string bytes;
  int status;
};

std::string Repeat(const std::string& text, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += text;
  return out;
}

const std::string kPost = "POST /api/v1/query HTTP/1.1\r\nHost: a\r\n";
const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";

// The unsafe forms of HTTP/1.1: each is read differently by some pair of programs, or costs more
// than it may.
std::vector<Case> UnsafeForms() {
  return {
      {"length then chunked",
       kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked then length",
       kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"gzip coding with length",
       kPost + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"gzip coding alone", kPost + "Transfer-Encoding: gzip\r\n\r\nhello", 400},
      {"gzip, chunked", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked, identity", kPost + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
      {"identity coding", kPost + "Transfer-Encoding: identity\r\n\r\n", 400},
      {"two codings in two fields",
       kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"obscured coding",
       kPost + "Transfer-Encoding: \x0b"
               "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunked in HTTP/1.0",
       "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"two lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
      {"the same length twice", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"a list of lengths", kPost + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {"signed length", kPost + "Content-Length: +5\r\n\r\nhello", 400},
      {"negative length", kPost + "Content-Length: -5\r\n\r\nhello", 400},
      {"hexadecimal length", kPost + "Content-Length: 0x5\r\n\r\nhello", 400},
      {"empty length", kPost + "Content-Length: \r\n\r\n", 400},
      {"length of 2^64", kPost + "Content-Length: 18446744073709551616\r\n\r\nhello", 400},
      {"length of 2^64 + 5", kPost + "Content-Length: 18446744073709551621\r\n\r\nhello", 400},
      {"folded line", kGet + "X-A: b\r\n c\r\n\r\n", 400},
      {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"folded by a tab", kGet + "X-A: b\r\n\tc\r\n\r\n", 400},
      {"space before colon", kPost + "Content-Length : 5\r\n\r\nhello", 400},
      {"no colon", kGet + "X-A\r\n\r\n", 400},
      {"empty name", kGet + ": x\r\n\r\n", 400},
      {"name with a control", kGet + "X\x01: x\r\n\r\n", 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare LF in fields", kGet + "X-A: b\nX-B: c\r\n\r\n", 400},
      {"bare LF at the end", kGet + "\n", 400},
      {"bare CR", kGet + "X-A: b\rX-B: c\r\n\r\n", 400},
      {"NUL in a value", kGet + std::string("X-A: b\0c\r\n\r\n", 12), 400},
      {"NUL in a name", kGet + std::string("X\0A: b\r\n\r\n", 10), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", kGet + "Host: b\r\n\r\n", 400},
      {"the same Host twice", kGet + "Host: a\r\n\r\n", 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with user info", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"absolute form", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"authority form", "GET b:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"1500 fields", kGet + Repeat("A: b\r\n", 1500) + "\r\n", 431},
      {"9 KiB target", "GET /" + Repeat("a", 9 << 10) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"target one over", "GET /" + Repeat("a", 8 << 10) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"100 KB target", "GET /" + Repeat("a", 100'000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"17 KiB field", kGet + "X-A: " + Repeat("a", 17 << 10) + "\r\n\r\n", 431},
      {"200 KB chunk extension", kChunked + "5;" + Repeat("a", 200'000) + "\r\nhello\r\n0\r\n\r\n",
       400},
      {"many chunk extensions",
       kChunked + Repeat("1;" + Repeat("a", 100) + "\r\nx\r\n", 60) + "0\r\n\r\n", 400},
      {"control in a chunk extension", kChunked + "5;a=\x01\r\nhello\r\n0\r\n\r\n", 400},
      {"trailer with a length", kChunked + "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n", 400},
      {"trailer with a coding", kChunked + "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"trailer with credentials", kChunked + "5\r\nhello\r\n0\r\nAuthorization: evil\r\n\r\n",
       400},
      {"trailer with a tenant", kChunked + "5\r\nhello\r\n0\r\nX-Tenant: b\r\n\r\n", 400},
      {"trailer with a Host", kChunked + "5\r\nhello\r\n0\r\nhost: b\r\n\r\n", 400},
      {"trailer with a bare LF", kChunked + "5\r\nhello\r\n0\r\nA: b\n\r\n", 400},
      {"folded trailer", kChunked + "5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n", 400},
      {"endless trailers", kChunked + "0\r\n" + Repeat("A: b\r\n", 5000) + "\r\n", 400},
      {"chunk size with a sign", kChunked + "+5\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk size with 0x", kChunked + "0x5\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk size with a space", kChunked + "5 \r\nhello\r\n0\r\n\r\n", 400},
      {"chunk size before a bare LF", kChunked + "5\nhello\r\n0\r\n\r\n", 400},
      {"chunk size over 2^64", kChunked + "10000000000000005\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk longer than its size", kChunked + "4\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk that ends in LF", kChunked + "5\r\nhello\n0\r\n\r\n", 400},
      {"chunk without a size", kChunked + "\r\nhello\r\n0\r\n\r\n", 400},
      {"body over the limit", kPost + "Content-Length: 1048577\r\n\r\n", 413},
      {"chunks over the limit", kChunked + "100001\r\n" + Repeat("a", 0x100001) + "\r\n0\r\n\r\n",
       413},
      {"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"empty lines first", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method with a bad character", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method in small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"CONNECT", "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n", 405},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/0.9", "GET /\r\n", 400},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"version with a long number", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"raw bytes in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"unknown expectation", kPost + "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello", 417},
      {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
  };
}

TEST(RequestIntake, AcceptsNoneOfTheUnsafeForms) {
  for (const Case& c : UnsafeForms()) {
    const Verdict verdict = Judge(c.bytes);
    EXPECT_EQ(verdict.status, c.status) << c.name << ": " << verdict.reason;
  }
}

TEST(RequestIntake, TheVerdictDoesNotDependOnHowTheBytesAreCut) {
  for (const Case& c : UnsafeForms()) {
    const ServerLimits limits;
    const std::string reason = Judge(c.bytes).reason;
    // All cuts of short forms, a sample of long ones.
    const size_t step = c.bytes.size() > 2000 ? c.bytes.size() / 97 : 1;
    for (size_t cut = 0; cut < c.bytes.size(); cut += step) {
      const Verdict verdict = Judge(c.bytes, cut, limits);
      ASSERT_EQ(verdict.status, c.status) << c.name << " cut at " << cut;
      ASSERT_EQ(verdict.reason, reason) << c.name << " cut at " << cut;
    }
  }
}

struct Good {
  std::string bytes;
  std::string target;
  std::string body;
};

std::vector<Good> SafeForms() {
  return {
      {kGet + "\r\n", "/", ""},
      {"GET /a?b=c&d=%20e{}\"' HTTP/1.1\r\nhOsT:a:9090\r\n\r\n", "/a?b=c&d=%20e{}\"'", ""},
      {"GET / HTTP/1.0\r\n\r\n", "/", ""},
      {kPost + "Content-Length: 5\r\n\r\nhello", "/api/v1/query", "hello"},
      {kPost + "Content-Length: 0\r\n\r\n", "/api/v1/query", ""},
      {kChunked + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "/api/v1/query", "hello world"},
      {kChunked + "00a;x=\"y;z\"\r\nhelloworld\r\n0;q\r\nEtag: 7\r\n\r\n", "/api/v1/query",
       "helloworld"},
      {kPost + "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n", "/api/v1/query", ""},
      {"GET /" + Repeat("a", (8 << 10) - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n",
       "/" + Repeat("a", (8 << 10) - 1), ""},
      {"GET / HTTP/1.1\r\nHost: [::1]:9099\r\n" + Repeat("A: \t b \r\n", 99) + "\r\n", "/", ""},
  };
}

TEST(RequestIntake, AcceptsPlainRequestsHoweverTheyAreCut) {
  for (const Good& good : SafeForms()) {
    const std::string bytes = good.bytes + "GET";  // the next, pipelined
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
      const Verdict verdict = Judge(bytes, cut, ServerLimits());
      ASSERT_EQ(verdict.status, 0) << good.bytes << " cut at " << cut << ": " << verdict.reason;
      ASSERT_EQ(verdict.request.target, good.target);
      ASSERT_EQ(verdict.request.body, good.body);
      ASSERT_EQ(verdict.rest, 3u);
    }
  }
}

TEST(RequestIntake, TrailersNeverBecomeHeaders) {
  const Verdict verdict = Judge(kChunked + "5\r\nhello\r\n0\r\nEtag: 7\r\n\r\n");
  ASSERT_EQ(verdict.status, 0);
  EXPECT_FALSE(verdict.request.headers.Get("etag").has_value());
  EXPECT_EQ(verdict.request.headers.fields().size(), 2u);
}

TEST(RequestIntake, SaysWhetherTheConnectionMayBeUsedAgain) {
  const ServerLimits limits;
  for (const auto& [bytes, keep] :
       std::vector<std::pair<std::string, bool>>{{kGet + "\r\n", true},
                                                 {kGet + "Connection: Close\r\n\r\n", false},
                                                 {kGet + "Connection: x, close\r\n\r\n", false},
                                                 {"GET / HTTP/1.0\r\n\r\n", false}}) {
    RequestIntake intake(limits);
    std::string_view view = bytes;
    intake.Feed(view);
    ASSERT_TRUE(intake.ready());
    EXPECT_EQ(intake.keep_alive(), keep) << bytes;
  }
}

TEST(RequestIntake, AsksForTheBodyOnlyWhenThereIsOneToComeYet) {
  const ServerLimits limits;
  RequestIntake intake(limits);
  const std::string head = kPost + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  std::string_view view = head;
  intake.Feed(view);
  EXPECT_TRUE(intake.wants_continue());
  view = "hello";
  intake.Feed(view);
  EXPECT_TRUE(intake.ready());
  EXPECT_FALSE(intake.wants_continue());
}

}  // namespace
}  // namespace synoptic::net::internal
