#include "elector/proxy/passage.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "core/base/try.h"
#include "elector/proxy/forwarding.h"

namespace promfleet::elector {
namespace {

// Without a byte from the leader: longer than any query may take (Prometheus' --query.timeout is two minutes).
constexpr Duration kUpstreamIdleMax = 5min;

// Until a leader that did not answer is asked again, unless another leads before: it may just be starting.
constexpr Duration kAskAgainAfter = 250ms;

// Of a request that may be sent again, and of all of them together: what is more goes to one leader only.
constexpr std::uint64_t kBodyKeptBytesMax = 64 * 1024;
constexpr std::uint64_t kBodiesKeptBytesMax = 16 * 1024 * 1024;

// Beside a 503 of a Prometheus that does not serve, since it starts or is about to end: no answer to the request.
constexpr std::string_view kNotServing = "X-Prometheus-Stopping";

// What nginx logs for a client that has closed its connection; nobody receives it.
constexpr int kClientGone = 499;

bool is_not_serving(const http::Response& answer) {
  return answer.status == 503 && answer.fields.find(kNotServing).has_value();
}

Failure not_serving() {
  return {.status = 503,
          .sentence = "the leader's Prometheus is starting or ending; try again",
          .outlook = Failure::Outlook::passing};
}

}  // namespace

Passage::Passage(Proxy& proxy, http::Exchange& exchange)
    : proxy_(proxy),
      exchange_(exchange),
      request_(forwarded(exchange)),
      waits_until_(proxy.clock_.now()),
      has_been_proxied_(exchange.request().fields.find(kProxiedField).has_value()) {
  if (exchange.has_body()) body_ = Body::streaming;
  proxy.in_flight_.add(1);
}

Passage::~Passage() {
  proxy_.in_flight_.add(-1);
  proxy_.kept_bytes_ -= kept_bytes_;
}

Task<> Passage::run(Proxy& proxy, http::Exchange& exchange) {
  Passage passage(proxy, exchange);
  exchange.when_gone([&passage] { passage.give_up(); });
  if (is_repeatable(exchange.request()) && passage.may_keep_body()) {
    const bool has_arrived = !exchange.has_body() || co_await passage.take_body_in();
    if (!has_arrived) co_return co_await passage.answer(*passage.body_failure_);
    passage.waits_until_ = after(passage.waits_until_, proxy.options_.failover_wait);
  }
  while (true) {
    const std::optional<Failure> failure = co_await passage.attempt();
    if (!failure) co_return;
    if (!co_await passage.wait_for_another(*failure)) co_return co_await passage.answer(*failure);
  }
}

void Passage::give_up() {
  is_client_gone_ = true;
  if (call_ != nullptr) call_->abort();
}

bool Passage::may_keep_body() {
  const std::optional<std::uint64_t> bytes = exchange_.body_bytes();
  if (!bytes || *bytes > kBodyKeptBytesMax || proxy_.kept_bytes_ + *bytes > kBodiesKeptBytesMax) return false;
  kept_bytes_ = *bytes;
  proxy_.kept_bytes_ += kept_bytes_;
  return true;
}

Task<bool> Passage::take_body_in() {
  Result<std::string> body = co_await exchange_.read_body(kBodyKeptBytesMax);
  if (!body) {
    note_body_failure(body.error());
    co_return false;
  }
  request_.body = *std::move(body);
  body_ = Body::at_hand;
  co_return true;
}

void Passage::note_body_failure(const Error& error) {
  is_client_gone_ = is_client_gone_ || error.code() == Errc::closed || error.code() == Errc::unreachable;
  body_failure_ = Failure{.status = error.code() == Errc::timed_out ? 408 : 400,
                          .sentence = "the body of the request did not arrive: " + error.message()};
}

Task<std::optional<Failure>> Passage::attempt() {
  const std::optional<Leader> leader = leader_to_ask();
  if (!leader) co_return no_leader();
  const Result<std::shared_ptr<http::Client>> client = proxy_.upstreams_.client_of(*leader);
  if (!client) co_return failure_of(client.error());
  const Proxy::Answerer answerer = leader->is_self ? Proxy::Answerer::self : Proxy::Answerer::remote;
  request_.fields.remove(kProxiedField);
  if (!leader->is_self) request_.fields.add(kProxiedField, proxy_.options_.member);
  if (proxy_.credentials_ != nullptr) proxy_.credentials_->current()->apply_to(request_);

  http::Call call(**client);
  call_ = &call;
  const Result<> sent = co_await send(call);
  const bool is_asked_elsewhere = sent && may_wait() && is_not_serving(call.answer());
  if (sent && !is_asked_elsewhere) co_await relay(call, answerer);
  call_ = nullptr;
  if (body_failure_) co_return body_failure_;
  if (is_asked_elsewhere) co_return not_serving();
  if (!sent) co_return failure_of(sent.error());
  co_return std::nullopt;
}

std::optional<Leader> Passage::leader_to_ask() const {
  const std::optional<Leader> leader = proxy_.leaders_.current();
  // The member who sent it to us takes us for the leader; a third would only send it on.
  if (leader && has_been_proxied_ && !leader->is_self) return std::nullopt;
  return leader;
}

Failure Passage::no_leader() const {
  return {.status = 503,
          .sentence = has_been_proxied_ ? "the members do not agree yet about who leads; try again"
                                        : "no member leads at the moment; try again",
          .outlook = Failure::Outlook::passing};
}

Task<Result<>> Passage::send(http::Call& call) {
  return body_ == Body::streaming ? send_streaming(call) : call.send(request_, idle_deadline());
}

Task<Result<>> Passage::send_streaming(http::Call& call) {
  CO_TRY(co_await call.begin(request_, idle_deadline()));
  Result<> sent;
  while (sent) {
    const Result<std::string_view> piece = co_await exchange_.read_some();
    if (!piece) {
      note_body_failure(piece.error());
      co_return std::unexpected(piece.error());
    }
    call.expires_at(idle_deadline());
    if (piece->empty()) break;
    sent = co_await call.write(*piece);
  }
  if (sent) sent = co_await call.end();
  // A leader that refuses a body answers and reads no further.
  const Result<> answered = co_await call.read_head();
  if (!sent && !answered) co_return sent;
  co_return answered;
}

Task<> Passage::relay(http::Call& call, Proxy::Answerer answerer) {
  http::Response& answer = call.answer();
  if (answer.status == 401 && proxy_.credentials_ != nullptr) proxy_.credentials_->look_again();
  proxy_.count(answer.status, answerer);
  remove_hop_by_hop(answer.fields);
  const std::string_view first_piece = call.read_buffered();
  Result<> passed = co_await exchange_.begin(std::move(answer), first_piece);
  while (passed && !call.is_complete()) {
    call.expires_at(idle_deadline());
    const Result<std::string_view> piece = co_await call.read_some();
    if (!piece) co_return;  // the answer stays without its end, which the client notices
    passed = co_await exchange_.write(*piece);
  }
  if (passed) static_cast<void>(co_await exchange_.end());  // nobody is left to tell
}

Task<bool> Passage::wait_for_another(const Failure& failure) {
  const BootTime now = proxy_.clock_.now();
  if (is_client_gone_ || failure.outlook == Failure::Outlook::lasting || !may_wait()) co_return false;
  const BootTime until = leader_to_ask() ? std::min(waits_until_, now + kAskAgainAfter) : waits_until_;
  co_return (co_await proxy_.leaders_.wait_for_change(until)).has_value() && !is_client_gone_;
}

bool Passage::may_wait() const {
  return proxy_.clock_.now() < waits_until_;
}

Task<> Passage::answer(const Failure& failure) {
  proxy_.count(is_client_gone_ ? kClientGone : failure.status, Proxy::Answerer::none);
  if (is_client_gone_) co_return;
  static_cast<void>(co_await exchange_.respond(response_of(failure, exchange_.request().target)));
}

BootTime Passage::idle_deadline() const {
  return proxy_.clock_.now() + kUpstreamIdleMax;
}

}  // namespace promfleet::elector
