// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// Amazon's published test suite for signatures (credentials, date, requests and signatures are its
// facts), and the example of its documentation.
#include "net/http/sigv4.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace synoptic::net {
namespace {

constexpr int64_t kThen = 1'440'938'160'000;  // 2015-08-30T12:36:00Z

SigV4Options Suite() {
  SigV4Options options;
  options.region = "us-east-1";
  options.service = "service";
  options.access_key = "AKIDEXAMPLE";
  options.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  return options;
}

std::string SignatureOf(const SigV4Options& options, HttpRequest request,
                        std::string_view host = "example.amazonaws.com") {
  SignV4(options, kThen, host, request.target, request);
  const std::string authorization(request.headers.Get("Authorization").value_or(""));
  EXPECT_TRUE(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"));
  return authorization.substr(authorization.rfind('=') + 1);
}

struct Vector {
  const char* name;
  const char* method;
  const char* target;
  std::vector<std::pair<std::string, std::string>> headers;
  const char* body;
  const char* signature;
};

const Vector kVectors[] = {
    {"get-vanilla",
     "GET",
     "/",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/?Param2=value2&Param1=value1",
     {},
     "",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-relative",
     "GET",
     "/example/..",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slashes",
     "GET",
     "//",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     {},
     "",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/\xe1\x88\xb4",
     {},
     "",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-header-value-trim",
     "GET",
     "/",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-header-value-order",
     "GET",
     "/",
     {{"My-Header1", "value4"},
      {"My-Header1", "value1"},
      {"My-Header1", "value3"},
      {"My-Header1", "value2"}},
     "",
     "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"post-vanilla",
     "POST",
     "/",
     {},
     "",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     {{"Content-Type", "application/x-www-form-urlencoded"}},
     "Param1=value1",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};

TEST(SigV4, PublishedRequestsHaveThePublishedSignatures) {
  for (const Vector& vector : kVectors) {
    HttpRequest request;
    request.method = vector.method;
    request.target = vector.target;
    for (const auto& [name, value] : vector.headers) request.headers.Add(name, value);
    request.body = vector.body;
    EXPECT_EQ(SignatureOf(Suite(), std::move(request)), vector.signature) << vector.name;
  }
}

TEST(SigV4, TheDocumentedExampleIsSignedAsDocumented) {
  SigV4Options options = Suite();
  options.service = "iam";
  HttpRequest request;
  request.target = "/?Action=ListUsers&Version=2010-05-08";
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(SignatureOf(options, std::move(request), "iam.amazonaws.com"),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, ASessionIsSignedAndWhatChangesOnTheWayIsNot) {
  SigV4Options options = Suite();
  options.session_token = "token";
  HttpRequest request;
  request.headers.Add("User-Agent", "synoptic");
  request.headers.Add("Accept-Encoding", "identity");
  SignV4(options, kThen, "h", "/", request);
  EXPECT_EQ(request.headers.Get("X-Amz-Security-Token"), "token");
  EXPECT_NE(request.headers.Get("Authorization")
                ->find("SignedHeaders=host;x-amz-date;x-amz-security-token,"),
            std::string_view::npos);
}

}  // namespace
}  // namespace synoptic::net
