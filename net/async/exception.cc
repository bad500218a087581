// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/exception.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <new>

#include "base/status.h"

namespace synoptic {

absl::Status StatusOfException(const std::exception_ptr& exception) {
  if (!exception) return absl::OkStatus();
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) {
      return absl::CancelledError("cancelled");
    }
    return MakeStatus(absl::StatusCode::kInternal, "{}", error.what());
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return MakeStatus(absl::StatusCode::kInternal, "exception: {}", error.what());
  } catch (...) {
    return absl::InternalError("unknown exception");
  }
}

}  // namespace synoptic
