// Whether a client may come in by name and password (RFC 7617).
//
// bcrypt is slow on purpose, so it runs on the CPU pool, one check at a time: whoever guesses passwords can keep one
// thread busy and no more. What was accepted once is remembered, so that a known client waits only the first time.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task.h"
#include "core/os/random.h"
#include "net/auth/web_config.h"

namespace promfleet::auth {

struct Credentials {
  std::string user;
  std::string password;
};

// From the value of an Authorization field; nullopt if it is not Basic or not well-formed.
std::optional<Credentials> parse_basic(std::string_view authorization);

class PasswordChecker {
 public:
  enum class Verdict : std::uint8_t { accepted, refused, too_busy };

  PasswordChecker(Executor executor, CpuPool& pool, Random& random);

  // `users` is not empty. A name that is not among them takes as long as one that is.
  Task<Verdict> check(const Users& users, Credentials credentials);

 private:
  // Of user, password and hash under a key of this process: nothing here can be read back as a password.
  using Fingerprint = std::array<unsigned char, 32>;

  Fingerprint fingerprint(const Credentials& credentials, const BcryptHash& hash) const;

  CpuPool& pool_;
  std::array<unsigned char, 32> key_;
  std::set<Fingerprint> accepted_;
  bool is_checking_ = false;
  std::size_t waiting_ = 0;
  Signal checked_;
};

}  // namespace promfleet::auth
