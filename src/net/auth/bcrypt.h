// A password as web configurations store it: hashed with bcrypt.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::auth {

class BcryptHash {
 public:
  // Each step doubles the time: 10 takes about 50 ms, 16 three seconds. Nobody may be kept waiting for longer.
  static constexpr int kCostMax = 16;

  // "$2b$10$" (or 2a, 2y) and 53 characters. The error does not repeat the text.
  static Result<BcryptHash> parse(std::string_view text);

  // Takes as long as the cost says: for the CPU pool. As everywhere, bcrypt reads 72 bytes of a password. One with a
  // zero byte, where bcrypt would stop reading, never matches.
  bool matches(const std::string& password) const;

  const std::string& text() const { return text_; }

 private:
  explicit BcryptHash(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace promfleet::auth
