#include "net/auth/guard.h"

#include <optional>
#include <utility>

namespace promfleet::auth {
namespace {

// An exchange whose answer gets further fields; everything else is the inner one's.
class DecoratedExchange final : public http::Exchange {
 public:
  DecoratedExchange(http::Exchange& inner, const http::Fields& fields) : inner_(inner), fields_(fields) {}

  const http::Request& request() const override { return inner_.request(); }
  std::string peer_address() const override { return inner_.peer_address(); }
  http::ConnectionNumber connection() const override { return inner_.connection(); }
  bool is_tls() const override { return inner_.is_tls(); }
  bool has_body() const override { return inner_.has_body(); }
  std::optional<std::uint64_t> body_bytes() const override { return inner_.body_bytes(); }
  Task<Result<std::string>> read_body(std::size_t bytes_max) override { return inner_.read_body(bytes_max); }
  Task<Result<std::string_view>> read_some() override { return inner_.read_some(); }
  Task<Result<>> respond(http::Response response) override {
    decorate(response);
    return inner_.respond(std::move(response));
  }
  Task<Result<>> begin(http::Response head, std::string_view first_piece) override {
    decorate(head);
    return inner_.begin(std::move(head), first_piece);
  }
  Task<Result<>> write(std::string_view piece) override { return inner_.write(piece); }
  Task<Result<>> end(std::string_view last_piece) override { return inner_.end(last_piece); }
  void when_gone(std::function<void()> on_gone) override { inner_.when_gone(std::move(on_gone)); }

 private:
  void decorate(http::Response& response) const {
    for (const http::Field field : fields_) response.fields.set(field.name, field.value);
  }

  http::Exchange& inner_;
  const http::Fields& fields_;
};

}  // namespace

http::Handler Guard::protect(http::Handler inner) {
  return [this, inner = std::move(inner)](http::Exchange& exchange) -> Task<> {
    std::shared_ptr<const WebConfig> config = config_.current();
    if (config->users.empty() && config->response_fields.size() == 0) return inner(exchange);
    return handle(exchange, inner, std::move(config));
  };
}

Task<> Guard::handle(http::Exchange& plain, const http::Handler& inner, std::shared_ptr<const WebConfig> config) {
  DecoratedExchange exchange(plain, config->response_fields);
  if (config->users.empty()) co_return co_await inner(exchange);
  const std::optional<std::string_view> authorization = plain.request().fields.find("Authorization");
  const std::optional<Credentials> credentials = authorization ? parse_basic(*authorization) : std::nullopt;
  PasswordChecker::Verdict verdict = PasswordChecker::Verdict::refused;
  if (credentials) verdict = co_await passwords_.check(config->users, *credentials);
  if (verdict == PasswordChecker::Verdict::accepted) co_return co_await inner(exchange);

  http::Response response;
  if (verdict == PasswordChecker::Verdict::too_busy) {
    response = http::text_response(503, "too many passwords wait to be checked");
    response.fields.add("Retry-After", "1");
  } else {
    response = http::text_response(401, "a user name and its password are needed");
    response.fields.add("WWW-Authenticate", R"(Basic realm="promfleet", charset="UTF-8")");
  }
  static_cast<void>(co_await exchange.respond(std::move(response)));  // who left needs no answer
}

}  // namespace promfleet::auth
