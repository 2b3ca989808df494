// Finds the handler of a path.
//
//   Router router;
//   router.add("GET", "/_elector/leader", show_leader);   // also answers HEAD
//   router.add_prefix("/", proxy);                        // any method
//   Server server(..., router.handler(), limits);
//
// An exact path goes before a prefix, a longer prefix before a shorter one. What nothing matches gets a 404, a path
// that knows other methods a 405 with Allow.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "net/http/exchange.h"

namespace promfleet::http {

class Router {
 public:
  void add(std::string_view method, std::string_view path, Handler handler);
  void add_prefix(std::string_view prefix, Handler handler);

  Task<> route(Exchange& exchange) const;

  // Refers to this router, which outlives it.
  Handler handler() const;

 private:
  using Methods = std::map<std::string, Handler, std::less<>>;

  static Task<> call_method(const Methods& methods, Exchange& exchange);
  const Handler* longest_prefix(std::string_view path) const;

  std::map<std::string, Methods, std::less<>> paths_;
  std::map<std::string, Handler, std::less<>> prefixes_;
};

}  // namespace promfleet::http
