// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/oauth2.h"

#include <simdjson.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "absl/strings/escaping.h"
#include "base/percent.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/flights.h"

namespace synoptic::net {
namespace {

constexpr MonoDuration kFetchTimeout = std::chrono::seconds(10);
// A token that ends sooner is fetched anew; a tenth of its life, within these bounds.
constexpr MonoDuration kLeastSpare = std::chrono::seconds(1);
constexpr MonoDuration kMostSpare = std::chrono::minutes(1);
// After a failure nobody asks the endpoint for so long.
constexpr MonoDuration kAgain = std::chrono::seconds(1);
constexpr size_t kMaxAnswer = 1 << 20;
constexpr size_t kMaxWord = 64;

struct Token {
  std::string header;
  MonoTime good_until = MonoTime::max();  // to be fetched anew from then on
  MonoTime ends = MonoTime::max();
};

// What an endpoint says of its error, if it is one word of the protocol.
std::string ErrorWord(const simdjson::dom::element& json) {
  std::string_view word;
  if (json["error"].get(word) != simdjson::SUCCESS || word.size() > kMaxWord) return "";
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
  return plain && !word.empty() ? fmt::format(": {}", word) : "";
}

absl::Status Failed(std::string_view what) {
  return MakeStatus(absl::StatusCode::kUnavailable, "{}", what);
}

absl::StatusOr<Token> ReadToken(int status, const std::string& body, MonoTime asked) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const bool is_json = parser.parse(body).get(json) == simdjson::SUCCESS && json.is_object();
  if (status != 200) {
    return Failed(fmt::format("HTTP {}{}", status, is_json ? ErrorWord(json) : ""));
  }
  std::string_view access, type = "Bearer";
  if (!is_json || json["access_token"].get(access) != simdjson::SUCCESS || access.empty()) {
    return Failed("expected JSON with an access_token");
  }
  (void)json["token_type"].get(type);
  // RFC 6750 spells it so; some endpoints answer "bearer".
  if (EqualsIgnoreCaseAscii(type, "bearer")) type = "Bearer";
  Token token{fmt::format("{} {}", type, access)};
  double seconds = 0;
  if (json["expires_in"].get(seconds) == simdjson::SUCCESS && seconds > 0 && seconds < 1e9) {
    const auto life =
        std::chrono::duration_cast<MonoDuration>(std::chrono::duration<double>(seconds));
    token.ends = asked + life;
    token.good_until =
        token.ends - std::min(life / 2, std::clamp(life / 10, kLeastSpare, kMostSpare));
  }
  return token;
}

// Sees a 401 go by.
class Watching final : public BodySink {
 public:
  explicit Watching(BodySink& sink) : sink_(sink) {}
  absl::Status OnHead(int status, const Headers& headers) override {
    refused_ = status == 401;
    return sink_.OnHead(status, headers);
  }
  absl::Status OnData(std::string_view data) override { return sink_.OnData(data); }
  bool refused() const { return refused_; }

 private:
  BodySink& sink_;
  bool refused_ = false;
};

class OAuth2Client final : public HttpClient {
 public:
  OAuth2Client(HttpClient& inner, HttpClient& token_client, const Clock& clock,
               OAuth2Options options, Origin endpoint)
      : inner_(inner),
        token_client_(token_client),
        clock_(clock),
        options_(std::move(options)),
        endpoint_(std::move(endpoint)) {
    target_ = endpoint_.path_prefix.empty() ? "/" : std::move(endpoint_.path_prefix);
    if (options_.token_url.ends_with('/') && !target_.ends_with('/')) target_ += '/';
    endpoint_.path_prefix.clear();
  }

  Task<> Send(const Origin& origin, HttpRequest request, const ResponseLimits& limits,
              Deadline deadline, BodySink& sink) override {
    CO_ASSIGN_OR_RETURN(const std::string header, co_await Header(deadline));
    request.headers.Set("Authorization", header);
    Watching watching(sink);
    const absl::Status status =
        co_await inner_.Send(origin, std::move(request), limits, deadline, watching);
    // It may have been revoked. Somebody may have fetched another one meanwhile.
    if (watching.refused() && token_.has_value() && token_->header == header) token_.reset();
    co_return status;
  }

 private:
  // The Authorization header.
  Task<std::string> Header(Deadline deadline) {
    while (true) {
      const MonoTime now = clock_.Mono();
      if (token_.has_value() && now >= token_->ends) token_.reset();
      if (token_.has_value() && now < token_->good_until) co_return token_->header;
      if (now < ask_again_) {
        if (token_.has_value()) co_return token_->header;
        co_return error_;
      }
      const auto flight = flights_.Find("");
      if (flight == nullptr) break;
      if (token_.has_value()) co_return token_->header;  // the old one is still good
      CO_RETURN_IF_ERROR(co_await flight->done.WaitUntil(clock_, deadline.at()));
    }
    const auto landing = flights_.Lead("", co_await boost::asio::this_coro::executor);
    // The time that whoever came first has is not the others'.
    absl::StatusOr<Token> token = co_await Fetch(Deadline::After(clock_, kFetchTimeout));
    if (absl::IsCancelled(token.status())) co_return token.status();
    if (token.ok()) {
      token_ = *std::move(token);
      co_return token_->header;
    }
    error_ = Annotate(Failed(MessageOf(token.status())), "oauth2 token from " + options_.token_url);
    ask_again_ = clock_.Mono() + kAgain;
    if (token_.has_value()) co_return token_->header;
    co_return error_;
  }

  Task<Token> Fetch(Deadline deadline) {
    absl::StatusOr<Token> token = co_await FetchOnce(secret_in_body_, deadline);
    if (token.ok() || known_how_ || !absl::IsPermissionDenied(token.status())) {
      known_how_ = known_how_ || token.ok();
      co_return token;
    }
    // RFC 6749, 2.3.1: the header is what all understand, and some endpoints do not.
    absl::StatusOr<Token> other = co_await FetchOnce(!secret_in_body_, deadline);
    if (!other.ok()) co_return token;
    secret_in_body_ = !secret_in_body_;
    known_how_ = true;
    co_return other;
  }

  Task<Token> FetchOnce(bool secret_in_body, Deadline deadline) {
    Parameters form = {{"grant_type", "client_credentials"}};
    if (!options_.scopes.empty()) form.emplace_back("scope", Join(options_.scopes, " "));
    for (const auto& parameter : options_.endpoint_params) form.push_back(parameter);
    HttpRequest request;
    request.method = "POST";
    request.target = target_;
    request.replayable = true;
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.Add("Accept", "application/json");
    if (secret_in_body) {
      form.emplace_back("client_id", options_.client_id);
      form.emplace_back("client_secret", options_.client_secret);
    } else {
      const std::string pair = PercentEncode(options_.client_id, SpaceAs::kPlus) + ":" +
                               PercentEncode(options_.client_secret, SpaceAs::kPlus);
      request.headers.Add("Authorization", "Basic " + absl::Base64Escape(ToAbsl(pair)));
    }
    request.body = EncodeForm(form);
    StringSink sink(kMaxAnswer);
    const MonoTime asked = clock_.Mono();
    CO_RETURN_IF_ERROR(co_await token_client_.Send(endpoint_, std::move(request), ResponseLimits(),
                                                   deadline, sink));
    absl::StatusOr<Token> token = ReadToken(sink.status(), sink.body(), asked);
    const bool refused = sink.status() == 400 || sink.status() == 401;
    if (!token.ok() && refused) co_return absl::PermissionDeniedError(token.status().message());
    co_return token;
  }

  HttpClient& inner_;
  HttpClient& token_client_;
  const Clock& clock_;
  const OAuth2Options options_;
  Origin endpoint_;
  std::string target_;
  std::optional<Token> token_;
  bool secret_in_body_ = false;
  bool known_how_ = false;
  absl::Status error_;
  MonoTime ask_again_ = MonoTime::min();
  Flights<char> flights_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpClient>> NewOAuth2Client(HttpClient& inner,
                                                            HttpClient& token_client,
                                                            const Clock& clock,
                                                            OAuth2Options options) {
  ASSIGN_OR_RETURN(Origin endpoint, Origin::Parse(options.token_url));
  return std::make_unique<OAuth2Client>(inner, token_client, clock, std::move(options),
                                        std::move(endpoint));
}

}  // namespace synoptic::net
