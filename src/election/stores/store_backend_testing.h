// What the conformance suite wants of a store under test. A backend is made for each test anew.
#pragma once

#include <exception>
#include <functional>
#include <memory>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include "codec/json/value.h"
#include "core/async/task.h"
#include "core/os/clock.h"
#include "election/lease_store.h"

namespace promfleet::election {

// A lease that does not exist yet, as two members of its group see it.
class StoreBackend {
 public:
  virtual ~StoreBackend() = default;

  // Runs `body` and what it started to the end.
  virtual void run(const std::function<Task<>()>& body) = 0;
  virtual Clock& clock() = 0;

  virtual LeaseStore& first() = 0;
  virtual LeaseStore& second() = 0;

  // Behind the stores' back, as an operator would.
  virtual Task<> remove_lease() = 0;
};

using BackendFactory = std::function<std::unique_ptr<StoreBackend>()>;

// A store that keeps the lease as a JSON document, which others may change too.
class DocumentBackend : public StoreBackend {
 public:
  virtual Task<json::Object> document() = 0;
  virtual Task<> edit_document(std::function<void(json::Object&)> edit) = 0;
};

using DocumentBackendFactory = std::function<std::unique_ptr<DocumentBackend>()>;

// The value, or a failure of the test that shows the error.
template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << to_string(result.error());
  return std::move(result).value();
}

// For backends on the machine's clock: its timers and file watches would keep `io` running after the test.
inline void run_until_returned(asio::io_context& io, const std::function<Task<>()>& body) {
  std::exception_ptr thrown;
  asio::co_spawn(
      io.get_executor(),
      [&body]() -> Task<> {
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await body();
      },
      [&](std::exception_ptr from_body) {
        thrown = from_body;
        io.stop();
      });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace promfleet::election
