#include "net/http/router.h"

#include <algorithm>
#include <utility>

namespace promfleet::http {

void Router::add(std::string_view method, std::string_view path, Handler handler) {
  paths_[std::string(path)].insert_or_assign(std::string(method), std::move(handler));
}

void Router::add_prefix(std::string_view prefix, Handler handler) {
  prefixes_.insert_or_assign(std::string(prefix), std::move(handler));
}

Handler Router::handler() const {
  return [this](Exchange& exchange) { return route(exchange); };
}

Task<> Router::route(Exchange& exchange) const {
  const Request& request = exchange.request();
  const std::string_view path = path_of(request.target);
  if (const auto found = paths_.find(path); found != paths_.end()) {
    co_return co_await call_method(found->second, exchange);
  }
  if (const Handler* handler = longest_prefix(path)) co_return co_await (*handler)(exchange);
  [[maybe_unused]] const auto sent = co_await exchange.respond(text_response(404, "not found"));
}

Task<> Router::call_method(const Methods& methods, Exchange& exchange) {
  const std::string& method = exchange.request().method;
  auto found = methods.find(method);
  if (found == methods.end() && method == "HEAD") found = methods.find("GET");
  if (found != methods.end()) co_return co_await found->second(exchange);

  Response refusal = text_response(405, "method not allowed");
  std::string allowed;
  for (const auto& [name, handler] : methods) allowed.append(allowed.empty() ? "" : ", ").append(name);
  if (methods.contains("GET") && !methods.contains("HEAD")) allowed.append(", HEAD");
  refusal.fields.add("Allow", allowed);
  [[maybe_unused]] const auto sent = co_await exchange.respond(std::move(refusal));
}

// Of two prefixes of one path the longer one sorts later.
const Handler* Router::longest_prefix(std::string_view path) const {
  const Handler* best = nullptr;
  for (const auto& [prefix, handler] : prefixes_) {
    if (path.starts_with(prefix)) best = &handler;
  }
  return best;
}

}  // namespace promfleet::http
