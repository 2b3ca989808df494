#include "kube/authorization.h"

#include <algorithm>

#include "codec/base64/base64.h"
#include "core/base/try.h"

namespace promfleet::kube {
namespace {

constexpr std::size_t kTokenBytesMax = 64 * 1024;

// A token as a header field may carry it.
Result<std::string> checked_token(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.empty()) return fail(Errc::unauthorized, "the token is empty");
  const bool is_printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!is_printable) return fail(Errc::unauthorized, "the token has a space or a control character");
  return std::string(text);
}

}  // namespace

Result<std::optional<std::string>> Authorization::field() {
  if (const auto* bearer = std::get_if<BearerToken>(&credentials_)) {
    TRY_ASSIGN(const std::string token, checked_token(bearer->token));
    return "Bearer " + token;
  }
  if (const auto* file = std::get_if<TokenFile>(&credentials_)) {
    Result<std::string> token = read_token(file->path);
    if (token) last_token_ = *token;
    if (!last_token_) return std::unexpected(std::move(token).error());
    return "Bearer " + *last_token_;
  }
  if (const auto* login = std::get_if<UserPassword>(&credentials_)) {
    return "Basic " + base64::encode(login->user + ":" + login->password);
  }
  return std::nullopt;
}

Result<std::string> Authorization::read_token(const std::string& path) {
  const Result<std::string> text = files_.read(path, kTokenBytesMax);
  if (!text) return fail(Errc::unauthorized, "{}", text.error().message());
  Result<std::string> token = checked_token(*text);
  if (!token) return std::unexpected(std::move(token).error().with_context(path));
  return token;
}

}  // namespace promfleet::kube
