// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The network as a dependency: byte streams, listeners and who connects them. TCP in the program;
// something in memory in the simulator.
//
// Everything runs on one serial executor. A stream has at most one operation waiting at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/async/deadline.h"
#include "net/async/names.h"
#include "net/async/task.h"

namespace synoptic {

class ByteStream {
 public:
  virtual ~ByteStream() = default;  // closes
  // At least one byte; 0 at the end of the stream. Unavailable when the connection broke.
  virtual Task<size_t> ReadSome(char* into, size_t size) = 0;
  // Writes at least one byte of `a` followed by `b` and returns how many.
  virtual Task<size_t> WriteSome(std::string_view a, std::string_view b) = 0;
  // Writes what goes without waiting, maybe nothing. An error shows at the next operation.
  virtual size_t TryWrite(std::string_view a, std::string_view b) = 0;
  // Tells the peer that no more comes.
  virtual void ShutdownWrite() = 0;
  // Ends the waiting operation, if any, with a status that is not OK. May be called twice.
  virtual void Close() = 0;
  enum class Sight { kQuiet, kInput, kClosed };
  // What is to be seen without reading: the peer's close even behind unread input.
  virtual Sight Look() = 0;
  // "127.0.0.1:5000"
  virtual const std::string& peer() const = 0;
};

// All of `a` and `b`.
Task<> WriteAll(ByteStream& stream, std::string_view a, std::string_view b = {});

class Listener {
 public:
  virtual ~Listener() = default;
  virtual uint16_t port() const = 0;
  // Unavailable after Close(); ResourceExhausted when the process is out of descriptors or memory
  // (wait, then try again).
  virtual Task<std::unique_ptr<ByteStream>> Accept() = 0;
  virtual void Close() = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // `host` is a name or an address. Of several addresses the next is tried when one fails, or
  // beside it when it is silent for 250 ms. A name that no longer resolves keeps its last good
  // addresses for a day. Unavailable names the host and the cause.
  virtual Task<std::unique_ptr<ByteStream>> Connect(std::string host, uint16_t port,
                                                    Deadline deadline) = 0;
  virtual absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& address,
                                                           uint16_t port) = 0;
};

// `look_up`: null for the system's.
std::unique_ptr<Transport> NewTcpTransport(const boost::asio::any_io_executor& executor,
                                           const Clock& clock, LookUp look_up = nullptr);

}  // namespace synoptic
