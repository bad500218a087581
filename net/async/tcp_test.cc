// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Names with several addresses, and name services that fail.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/transport.h"

namespace synoptic {
namespace {

// An address that swallows connections: its queue is full and nobody accepts.
class BlackHole {
 public:
  explicit BlackHole(uint16_t port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, "127.0.0.2", &address.sin_addr);
    const int one = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    ok_ = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
          ::listen(listener_, 0) == 0;
    for (int& client : clients_) {
      client = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  ~BlackHole() {
    ::close(listener_);
    for (const int client : clients_) ::close(client);
  }
  bool ok() const { return ok_; }

 private:
  int listener_ = -1;
  int clients_[3] = {};
  bool ok_ = false;
};

class TcpTest : public ::testing::Test {
 protected:
  absl::StatusOr<Addresses> Find(const std::string&) {
    ++asked_;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!error_.ok()) return error_;
    Addresses addresses;
    for (const std::string& one : answer_) addresses.push_back(boost::asio::ip::make_address(one));
    return addresses;
  }
  void Answer(std::vector<std::string> addresses, absl::Status error = absl::OkStatus()) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answer_ = std::move(addresses);
    error_ = std::move(error);
  }
  // Real milliseconds until connected, or the error.
  std::string Connect(uint16_t port) {
    const auto start = std::chrono::steady_clock::now();
    const auto stream = loop_.Run(transport_->Connect(
        "name.example", port, Deadline::After(clock_, std::chrono::seconds(3))));
    took_ = std::chrono::steady_clock::now() - start;
    return stream.ok() ? (*stream)->peer() : std::string(MessageOf(stream.status()));
  }
  MonoDuration took_{};

  std::mutex mutex_;
  std::vector<std::string> answer_;
  absl::Status error_;
  std::atomic<int> asked_ = 0;
  SystemClock clock_;
  AsyncTest loop_;
  std::unique_ptr<Transport> transport_ = NewTcpTransport(
      loop_.executor(), clock_, [this](const std::string& host) { return Find(host); });
};

TEST_F(TcpTest, ASilentAddressCostsAQuarterSecondOnce) {
  const auto listener = transport_->Listen("127.0.0.1", 0);
  ASSERT_TRUE(listener.ok());
  const uint16_t port = (*listener)->port();
  const BlackHole hole(port);
  if (!hole.ok()) GTEST_SKIP() << "127.0.0.2 is not to be had";
  Answer({"127.0.0.2", "127.0.0.1"});
  EXPECT_EQ(Connect(port), "127.0.0.1:" + std::to_string(port));
  EXPECT_GE(took_, std::chrono::milliseconds(240));
  EXPECT_LE(took_, std::chrono::milliseconds(1000));
  EXPECT_EQ(Connect(port), "127.0.0.1:" + std::to_string(port));
  EXPECT_LE(took_, std::chrono::milliseconds(200)) << "who answered goes first";
}

TEST_F(TcpTest, ARefusalTriesTheNextAtOnce) {
  const auto listener = transport_->Listen("127.0.0.1", 0);
  ASSERT_TRUE(listener.ok());
  const uint16_t port = (*listener)->port();
  Answer({"127.0.0.3", "127.0.0.4", "127.0.0.1"});
  EXPECT_EQ(Connect(port), "127.0.0.1:" + std::to_string(port));
  EXPECT_LE(took_, std::chrono::milliseconds(200));
}

TEST_F(TcpTest, NamesWithoutAddressesSaySo) {
  Answer({});
  EXPECT_EQ(Connect(1), "look up \"name.example\": no address");
  Answer({}, absl::UnavailableError("Host not found"));
  EXPECT_EQ(Connect(1), "look up \"name.example\": Host not found");
}

TEST_F(TcpTest, ManyAddressesAreCutAndBothFamiliesTakeTurns) {
  FakeClock clock;
  Addresses many;
  for (int i = 0; i < 10'000; ++i) {
    many.push_back(boost::asio::ip::make_address_v4(static_cast<uint32_t>(i) + 1));
    if (i % 4 == 0) many.push_back(boost::asio::ip::make_address("::" + std::to_string(i + 1)));
  }
  Names names(loop_.executor(), clock, [&](const std::string&) { return many; });
  const auto found = loop_.Run(names.Resolve("x", Deadline::Infinite()));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->size(), 64u);
  EXPECT_NE((*found)[0].is_v6(), (*found)[1].is_v6());
  EXPECT_NE((*found)[2].is_v6(), (*found)[3].is_v6());
}

TEST_F(TcpTest, LastGoodAddressesOutliveTheNameServiceForADay) {
  FakeClock clock;
  Answer({"127.0.0.9"});
  Names names(loop_.executor(), clock, [this](const std::string& host) { return Find(host); });
  const auto resolve = [&] { return loop_.Run(names.Resolve("x", Deadline::Infinite())); };
  ASSERT_TRUE(resolve().ok());
  ASSERT_TRUE(resolve().ok());
  EXPECT_EQ(asked_, 1) << "a moment later nobody is asked";
  Answer({}, absl::UnavailableError("SERVFAIL"));
  clock.AdvanceMillis(60'000);
  auto found = resolve();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->front().to_string(), "127.0.0.9");
  clock.AdvanceMillis(int64_t{24} * 3600 * 1000);
  EXPECT_FALSE(resolve().ok());
}

}  // namespace
}  // namespace synoptic
