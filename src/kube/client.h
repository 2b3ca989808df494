// Speaks to a Kubernetes API server: reads, creates, updates and watches one object by its name.
//
//   CO_TRY_ASSIGN(const json::Object lease, co_await client.get(name, clock.now() + 5s));
//
// Objects are JSON as they came; what they mean is the caller's. A write is sent at most once: were it sent again, the
// second would conflict with the first. After a 401 a request goes out once more if the token comes from a file, which
// may have been replaced meanwhile.
//
// Errors of every call, each in words that name the object: Errc::unreachable and timed_out (a write may have been
// done), unavailable ("not now"), unauthorized, forbidden (the message names the permission that is missing),
// invalid_input (the server says what is wrong with the object), protocol, limit_exceeded, cancelled.
//
// A server that asks to be left alone (Retry-After) is: calls in that time fail with Errc::unavailable and the server's
// own words, without being sent. It is left alone for a quarter of what the refused call had left, whatever it asks
// for, so that who has to be done by a deadline can try again; and watches do not hold up the other calls.
//
// Thread safety: none; a client belongs to one io thread. Calls may run beside each other; all have ended before it is
// destroyed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "codec/json/value.h"
#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "kube/access.h"
#include "kube/authorization.h"
#include "kube/resource.h"
#include "kube/status.h"
#include "net/http/client.h"
#include "net/stream/dialer.h"

namespace promfleet::kube {

class Client {
 public:
  // They outlive the client. The dialer's TLS context is made from Access::tls.
  struct Dependencies {
    net::Dialer& dialer;
    Clock& clock;
    FileSystem& files;
  };

  Client(Dependencies dependencies, Access access, std::string user_agent);

  // Errc::not_found: there is no such object.
  Task<Result<json::Object>> get(const ObjectName& object, BootTime deadline);
  // The object as stored. Errc::conflict: it exists already.
  Task<Result<json::Object>> create(const ObjectName& object, const json::Object& content, BootTime deadline);
  // The object as stored. Errc::conflict: it is not at the metadata.resourceVersion of `content`; not_found.
  Task<Result<json::Object>> update(const ObjectName& object, const json::Object& content, BootTime deadline);

  // Calls `on_object` with the object as it is, then after each change; nullptr: there is none (any more). Goes on
  // until something fails, `on_object` included, or the task is cancelled, and returns why.
  //
  // A connection that ends in an orderly way is taken up where it ended; when the server no longer knows that place
  // (410), the object is listed anew. The server is asked for a sign of life a minute; without one for a minute and a
  // half the connection counts as dead.
  using OnObject = std::function<Result<>(const json::Object* object)>;
  Task<Result<>> watch(const ObjectName& object, OnObject on_object);

 private:
  enum class WatchEnd : std::uint8_t { orderly, expired };
  struct Watch;
  struct WatchAnswer;
  Task<Result<json::Object>> exchange(Verb verb, const ObjectName& object, http::Request request, BootTime deadline);
  // What the server said when it asked to be left alone.
  struct Refusal {
    Status status;
    BootTime until = BootTime::min();
  };

  Task<Result<http::Response>> send_authorized(http::Request& request, BootTime deadline);
  Task<Result<http::Response>> send_once(http::Request& request, BootTime deadline);
  http::Request request(std::string_view method, const std::string& target) const;
  static std::optional<Duration> retry_after(const http::Response& answer);
  Result<> check_may_send(Verb verb, const ObjectName& object);
  void leave_alone(Verb verb, const Status& status, std::optional<Duration> asked, BootTime deadline);
  Refusal& refusal_of(Verb verb);
  Result<> authorize(http::Request& request);

  Task<Result<>> list(Watch& watch);
  Task<Result<WatchEnd>> follow(Watch& watch);

  Clock& clock_;
  std::string base_path_;
  std::string user_agent_;
  Authorization authorization_;
  http::Client http_;
  Refusal refused_call_;
  Refusal refused_watch_;
};

}  // namespace promfleet::kube
