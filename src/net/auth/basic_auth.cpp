#include "net/auth/basic_auth.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>

#include <fmt/format.h>

#include "codec/base64/base64.h"
#include "net/http/message.h"

namespace promfleet::auth {
namespace {

// More than any installation has users; beyond it all are forgotten and checked again.
constexpr std::size_t kAcceptedMax = 1024;
// Requests that wait for their password to be checked.
constexpr std::size_t kWaitingMax = 64;

}  // namespace

std::optional<Credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!http::equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const Result<std::string> pair = base64::decode(authorization.substr(kScheme.size()));
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{.user = pair->substr(0, colon), .password = pair->substr(colon + 1)};
}

PasswordChecker::PasswordChecker(Executor executor, CpuPool& pool, Random& random) : pool_(pool), checked_(executor) {
  for (std::size_t at = 0; at < key_.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t bits = random.next();
    std::memcpy(key_.data() + at, &bits, sizeof bits);
  }
}

Task<PasswordChecker::Verdict> PasswordChecker::check(const Users& users, Credentials credentials) {
  const auto user = users.find(credentials.user);
  const bool is_known = user != users.end();
  const BcryptHash hash = is_known ? user->second : users.begin()->second;
  const Fingerprint print = fingerprint(credentials, hash);
  if (accepted_.contains(print)) co_return Verdict::accepted;
  if (waiting_ == kWaitingMax) co_return Verdict::too_busy;
  ++waiting_;
  while (is_checking_) {
    if (co_await cancelled()) break;
    static_cast<void>(co_await checked_.wait());
  }
  --waiting_;
  if (co_await cancelled()) co_return Verdict::refused;
  // Somebody with the same credentials may have been before us.
  if (accepted_.contains(print)) co_return Verdict::accepted;
  is_checking_ = true;
  const bool matches = co_await pool_.run([&] { return hash.matches(credentials.password); });
  is_checking_ = false;
  checked_.notify();
  if (!is_known || !matches) co_return Verdict::refused;
  if (accepted_.size() >= kAcceptedMax) accepted_.clear();
  accepted_.insert(print);
  co_return Verdict::accepted;
}

PasswordChecker::Fingerprint PasswordChecker::fingerprint(const Credentials& credentials,
                                                          const BcryptHash& hash) const {
  const std::string text =
      fmt::format("{}:{}{}{}", credentials.user.size(), credentials.user, hash.text(), credentials.password);
  Fingerprint print{};
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), print.data(), nullptr);
  return print;
}

}  // namespace promfleet::auth
