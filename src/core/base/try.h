// Leaves the function with the error of a failed Result, or goes on with its value.
//
//   TRY(write_file(path, text));                        // Result<void>
//   TRY_ASSIGN(const Config config, parse(text));       // Result<Config>
//
// CO_TRY and CO_TRY_ASSIGN are the same inside a coroutine, where leaving is spelled co_return.
#pragma once

#include <utility>

#include "core/base/error.h"

#define PROMFLEET_TRY_JOIN_(a, b) a##b
#define PROMFLEET_TRY_NAME_(a, b) PROMFLEET_TRY_JOIN_(a, b)

#define PROMFLEET_TRY_(leave, ...)                        \
  if (auto try_result = (__VA_ARGS__); !try_result) {     \
    leave std::unexpected(std::move(try_result).error()); \
  }                                                       \
  static_assert(true)

#define PROMFLEET_TRY_ASSIGN_(leave, name, declaration, ...) \
  auto name = (__VA_ARGS__);                                 \
  if (!name) leave std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)

#define TRY(...) PROMFLEET_TRY_(return, __VA_ARGS__)
#define CO_TRY(...) PROMFLEET_TRY_(co_return, __VA_ARGS__)
#define TRY_ASSIGN(declaration, ...) \
  PROMFLEET_TRY_ASSIGN_(return, PROMFLEET_TRY_NAME_(try_result_, __LINE__), declaration, __VA_ARGS__)
#define CO_TRY_ASSIGN(declaration, ...) \
  PROMFLEET_TRY_ASSIGN_(co_return, PROMFLEET_TRY_NAME_(try_result_, __LINE__), declaration, __VA_ARGS__)
