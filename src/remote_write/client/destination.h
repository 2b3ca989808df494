// A receiver of remote write somewhere else: sends it bodies, and fences its groups.
//
// One call sends once. Whoever calls decides whether and when to try again; the answer says what would help.
//
// Thread safety: none; lives on one io thread. Calls may run beside each other, and end before the destination does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "codec/remote_write/measurements.h"
#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "net/http/client.h"
#include "net/http/origin.h"
#include "net/stream/dialer.h"
#include "remote_write/client/answer.h"
#include "remote_write/fence/headers.h"

namespace promfleet::remote_write {

// A body as it goes over the wire. The strings outlive the call.
struct Outgoing {
  Version version = Version::v1;
  std::string_view body;  // compressed
  const WriteFencing* fencing = nullptr;
};

class Destination {
 public:
  // They outlive the destination. `authorize` adds credentials and extra fields to each request; what the protocol
  // itself needs goes before it. `credentials_refused` is called when an answer is 401, so that they are read again:
  // true if they have changed, and then the request is sent once more. Both may be empty.
  struct Parts {
    net::Dialer& dialer;
    Clock& clock;
    std::function<void(http::Request&)> authorize;
    std::function<bool()> credentials_refused;
  };

  Destination(Parts parts, http::Url url, std::string user_agent);

  // An answer is waited for until `deadline`. Errc::cancelled only.
  Task<Result<WriteAnswer>> write(const Outgoing& outgoing, BootTime deadline);

  // POST /api/v1/fleet/GROUP/fence at the origin of the URL. Errc::cancelled only.
  Task<Result<FenceAttempt>> fence(std::string_view group, FenceRequest request, BootTime deadline);

  const http::Url& url() const { return url_; }

 private:
  struct Message {
    std::string target;
    http::Fields fields;
    std::string_view body;
  };

  Task<Result<Received>> send(const Message& message, BootTime deadline);
  Task<Result<Received>> send_once(const Message& message, BootTime deadline);
  http::Request head_of(const Message& message) const;

  Parts parts_;
  http::Url url_;
  std::string query_;  // of the URL
  std::string user_agent_;
  http::Client client_;
};

}  // namespace promfleet::remote_write
