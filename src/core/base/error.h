// What went wrong, told to two readers: the program (a code to branch on) and the person who has to act (a sentence).
//
// Bad input and a failing environment are values of this type, carried by Result<T>; a bug is an assertion (assert.h).
// Own code does not throw.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace promfleet {

// What the caller may want to do about it; never how it happened.
enum class Errc : std::uint8_t {
  invalid_input,   // what was given is wrong and will stay wrong
  not_found,       // the named thing does not exist
  conflict,        // someone else changed it first; nothing was done
  unauthorized,    // credentials are missing, wrong or expired
  forbidden,       // credentials are known and not enough
  unreachable,     // no answer: it may or may not have been done
  refused,         // nobody listens there (connection refused): it was certainly not done
  timed_out,       // the deadline passed: it may or may not have been done
  unavailable,     // answered "not now"; try again later
  cancelled,       // our own side gave up, on purpose
  closed,          // the other side ended the connection in an orderly way
  limit_exceeded,  // larger than one of our limits
  protocol,        // the other side does not speak the protocol
  io_failed,       // the operating system refused
  unsupported,     // understood, and deliberately not done
};

// The code as one lower-case word, for logs and metrics.
std::string_view to_string(Errc code);

class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}

  Errc code() const { return code_; }

  // "reading /etc/x.yaml: line 3, column 1: ...": the contexts, outermost first, then the cause.
  const std::string& message() const { return message_; }

  // Puts what was being done before the message. The code stays.
  Error with_context(std::string_view context) &&;

  bool operator==(const Error&) const = default;

 private:
  Errc code_;
  std::string message_;
};

// For gtest and fmt: "invalid_input: <message>".
std::string to_string(const Error& error);
void PrintTo(const Error& error, std::ostream* out);

template <class T = void>
using Result = std::expected<T, Error>;

// return fail(Errc::invalid_input, "the lease duration {} is not in whole seconds", text);
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

// The same result; what was being done stands before the message if it failed.
template <class T>
[[nodiscard]] Result<T> with_context(Result<T> result, std::string_view context) {
  if (!result) return std::unexpected(std::move(result).error().with_context(context));
  return result;
}

// The error of errno, as io_failed (not_found for ENOENT): "open /x: No such file or directory".
[[nodiscard]] std::unexpected<Error> fail_errno(std::string_view doing, int error_number);

}  // namespace promfleet
