#include "core/base/error.h"

#include <cerrno>
#include <ostream>
#include <system_error>

namespace promfleet {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_input: return "invalid_input";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::unauthorized: return "unauthorized";
    case Errc::forbidden: return "forbidden";
    case Errc::unreachable: return "unreachable";
    case Errc::refused: return "refused";
    case Errc::timed_out: return "timed_out";
    case Errc::unavailable: return "unavailable";
    case Errc::cancelled: return "cancelled";
    case Errc::closed: return "closed";
    case Errc::limit_exceeded: return "limit_exceeded";
    case Errc::protocol: return "protocol";
    case Errc::io_failed: return "io_failed";
    case Errc::unsupported: return "unsupported";
  }
  return "unknown";
}

Error Error::with_context(std::string_view context) && {
  message_ = fmt::format("{}: {}", context, message_);
  return std::move(*this);
}

std::string to_string(const Error& error) {
  return fmt::format("{}: {}", to_string(error.code()), error.message());
}

void PrintTo(const Error& error, std::ostream* out) {
  *out << to_string(error);
}

std::unexpected<Error> fail_errno(std::string_view doing, int error_number) {
  const Errc code = error_number == ENOENT ? Errc::not_found : Errc::io_failed;
  return fail(code, "{}: {}", doing, std::generic_category().message(error_number));
}

}  // namespace promfleet
