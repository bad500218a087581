// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// constant_server FILE: a plain Boost.Beast server on one thread that answers every request with
// the bytes of FILE from memory: what scripts/bench cache measures a repeated panel against.
// Prints its port, and serves until it is killed.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

asio::awaitable<void> Serve(tcp::socket socket, const std::string& body) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  http::response<http::span_body<const char>> response;
  response.set(http::field::content_type, "application/json");
  response.body() = {body.data(), body.size()};
  response.keep_alive(true);
  response.prepare_payload();
  while (true) {
    http::request<http::string_body> request;
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    co_await http::async_write(stream, response, asio::use_awaitable);
  }
}

asio::awaitable<void> Listen(const std::string& body) {
  tcp::acceptor acceptor(co_await asio::this_coro::executor, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  (void)std::fflush(stdout);
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    // A client that leaves ends its session by an exception, which nobody needs to hear of.
    asio::co_spawn(acceptor.get_executor(), Serve(std::move(socket), body), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: constant_server FILE\n", stderr);
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string body{std::istreambuf_iterator<char>(file), {}};
  if (body.empty()) {
    std::fprintf(stderr, "constant_server: %s: empty, or cannot be read\n", argv[1]);
    return 2;
  }
  asio::io_context context(1);
  asio::co_spawn(context, Listen(body), asio::detached);
  context.run();
}
