#include "net/auth/bcrypt.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <memory>

namespace promfleet::auth {
namespace {

constexpr std::size_t kHashBytes = 60;
constexpr std::size_t kSettingsBytes = 7;  // $2b$10$
constexpr std::string_view kAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// libxcrypt takes what it does not know for a DES hash, so the form is checked here.
bool has_form(std::string_view text) {
  return text.size() == kHashBytes && text.starts_with("$2") && (text[2] == 'a' || text[2] == 'b' || text[2] == 'y') &&
         text[3] == '$' && is_digit(text[4]) && is_digit(text[5]) && text[6] == '$' &&
         text.find_first_not_of(kAlphabet, kSettingsBytes) == std::string_view::npos;
}

}  // namespace

Result<BcryptHash> BcryptHash::parse(std::string_view text) {
  if (!has_form(text)) {
    return fail(Errc::invalid_input,
                "not a bcrypt hash, which begins with $2a$, $2b$ or $2y$ and has 60 characters; "
                "`htpasswd -nBC 10 NAME` makes one");
  }
  const int cost = (text[4] - '0') * 10 + (text[5] - '0');
  if (cost < 4 || cost > kCostMax) {
    return fail(Errc::invalid_input, "the bcrypt hash has the cost {}; it must be from 4 to {}", cost, kCostMax);
  }
  return BcryptHash(text);
}

bool BcryptHash::matches(const std::string& password) const {
  if (password.find('\0') != std::string::npos) return false;
  const auto scratch = std::make_unique<crypt_data>();
  const char* hash = crypt_rn(password.c_str(), text_.c_str(), scratch.get(), sizeof *scratch);
  const bool is_equal = hash != nullptr && std::string_view(hash).size() == kHashBytes &&
                        CRYPTO_memcmp(hash, text_.data(), kHashBytes) == 0;
  OPENSSL_cleanse(scratch.get(), sizeof *scratch);
  return is_equal;
}

}  // namespace promfleet::auth
