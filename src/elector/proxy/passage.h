// One request on its way through the proxy. Between proxy.cpp and passage.cpp; not for others.
#pragma once

#include <cstdint>
#include <optional>

#include "core/async/task.h"
#include "core/base/error.h"
#include "elector/proxy/failure.h"
#include "elector/proxy/proxy.h"
#include "net/http/call.h"
#include "net/http/exchange.h"

namespace promfleet::elector {

class Passage {
 public:
  // Until the exchange is answered or the client has left.
  static Task<> run(Proxy& proxy, http::Exchange& exchange);

  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

 private:
  // Where the body of the request is: it can be sent again only when it is at hand.
  enum class Body : std::uint8_t { at_hand, streaming };

  Passage(Proxy& proxy, http::Exchange& exchange);
  ~Passage();

  void give_up();  // the client has left
  // Whether there is room for it; then it is taken.
  bool may_keep_body();
  // False: see body_failure_.
  Task<bool> take_body_in();
  void note_body_failure(const Error& error);
  // nullopt: the exchange is over.
  Task<std::optional<Failure>> attempt();
  std::optional<Leader> leader_to_ask() const;
  Failure no_leader() const;
  Task<Result<>> send(http::Call& call);
  Task<Result<>> send_streaming(http::Call& call);
  Task<> relay(http::Call& call, Proxy::Answerer answerer);
  bool may_wait() const;
  // Whether another attempt makes sense, once the time for it has come.
  Task<bool> wait_for_another(const Failure& failure);
  Task<> answer(const Failure& failure);

  BootTime idle_deadline() const;

  Proxy& proxy_;
  http::Exchange& exchange_;
  http::Request request_;  // as it goes on
  Body body_ = Body::at_hand;
  BootTime waits_until_;                 // for a leader
  http::Call* call_ = nullptr;           // under way
  std::optional<Failure> body_failure_;  // the client's body did not arrive
  std::uint64_t kept_bytes_ = 0;         // of the body, while it may be sent again
  bool is_client_gone_ = false;
  bool has_been_proxied_;  // by another member
};

}  // namespace promfleet::elector
