// Stands before a handler: lets in whom the web configuration names, and adds its fields to every answer.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <memory>

#include "core/async/cpu_pool.h"
#include "core/async/task.h"
#include "core/os/random.h"
#include "net/auth/basic_auth.h"
#include "net/auth/followed_config.h"
#include "net/auth/web_config.h"
#include "net/http/exchange.h"

namespace promfleet::auth {

class Guard {
 public:
  // They outlive the guard.
  Guard(Executor executor, const FollowedConfig<WebConfig>& config, CpuPool& pool, Random& random)
      : config_(config), passwords_(executor, pool, random) {}

  // Refers to this guard, which outlives it.
  http::Handler protect(http::Handler inner);

 private:
  Task<> handle(http::Exchange& plain, const http::Handler& inner, std::shared_ptr<const WebConfig> config);

  const FollowedConfig<WebConfig>& config_;
  PasswordChecker passwords_;
};

}  // namespace promfleet::auth
