// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// HTTP messages as Synoptic handles them: plain values, no library types.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::net {

// Header fields in order of arrival; names compare without case.
class Headers {
 public:
  void Add(std::string name, std::string value) {
    if (fields_.capacity() == 0) fields_.reserve(8);
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // Replaces every field of that name.
  void Set(std::string name, std::string value);
  // The first field of that name.
  std::optional<std::string_view> Get(std::string_view name) const;
  // Removes every field of that name.
  void Remove(std::string_view name);
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A request, either way. `target` is origin form: path and query, still encoded.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;  // no transfer coding; a server has also undone gzip
  // For the client: the request may be sent a second time when a kept-alive connection turns out
  // to be dead before any byte of a response. GET and HEAD always may; say so for a query by POST.
  bool replayable = false;
};

// A body that many responses carry, kept once; beside it its gzip form, once a client has asked for
// that. Used on the server's executor only.
struct SharedBody {
  std::string plain;
  std::string gzip;            // empty: not made yet
  bool gzip_is_worse = false;  // it was made, and is not smaller
};

// A response that is whole in memory (what our server sends).
struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<SharedBody> shared = nullptr;  // when set, in the place of `body`

  const std::string& plain() const { return shared != nullptr ? shared->plain : body; }
};

// Decoded parameters of a query string or form body, in order. `+` and %xx are undone.
using Parameters = std::vector<std::pair<std::string, std::string>>;
// InvalidArgument on a broken escape or a `;`, as in Go.
absl::StatusOr<Parameters> ParseForm(std::string_view encoded);
std::string EncodeForm(const Parameters& parameters);
// Undoes %xx once (and not `+`). InvalidArgument on a broken escape.
absl::StatusOr<std::string> PercentDecode(std::string_view text);

}  // namespace synoptic::net
