// Speaks to etcd through its JSON gateway: to one of several endpoints, logged in where there is a login.
//
// An endpoint that does not answer, or says that it cannot now, is left for the next one. A call goes there at once,
// within its own deadline, of which each endpoint gets an equal share; except for a write that was sent, since it may
// have been done: then the next call goes there.
//
// Thread safety: none; a gateway belongs to one io thread. Calls may run beside each other; all have ended before it is
// destroyed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json/line_reader.h"
#include "codec/json/value.h"
#include "core/async/task.h"
#include "core/base/error.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "election/stores/etcd/etcd_access.h"
#include "election/stores/etcd/refusal.h"
#include "net/http/client.h"
#include "net/stream/dialer.h"

namespace promfleet::election::etcd {

class Gateway {
 public:
  // They outlive the gateway. The dialer's TLS context is made from EtcdAccess::tls.
  struct Dependencies {
    net::Dialer& dialer;
    Clock& clock;
    FileSystem& files;
  };

  Gateway(Dependencies dependencies, EtcdAccess access, std::string user_agent);

  // Posts `body` to `path` and returns the answer's object.
  Task<Result<json::Object>> call(CallKind kind, std::string_view path, std::string_view body, BootTime deadline);

  // Posts `body` and hands over each object of the answer as it comes. Returns why it ended; Errc::timed_out after
  // `silence_max` without a byte.
  Task<Result<>> stream(std::string_view path, std::string_view body, json::LineReader::OnObject on_object,
                        Duration silence_max);

  // The next call logs in anew.
  void forget_login() { token_.reset(); }

 private:
  struct Attempt {
    enum class Progress : std::uint8_t { nothing_sent, sent } progress;
    Result<json::Object> answer;
  };

  Task<Attempt> try_endpoint(http::Client& endpoint, CallKind kind, http::Request& request, BootTime deadline);
  Task<Result<>> log_in(http::Client& endpoint, BootTime deadline);
  Task<Result<>> authorize(http::Client& endpoint, http::Request& request, BootTime deadline);
  http::Request post(std::string_view path, std::string_view body) const;
  std::unexpected<Error> refused(const Refusal& refusal, CallKind kind, const http::Request& request) const;
  void leave(std::size_t endpoint);
  std::string_view user() const { return login_ ? std::string_view(login_->user) : std::string_view(); }

  Clock& clock_;
  FileSystem& files_;
  std::optional<EtcdLogin> login_;
  std::string user_agent_;
  std::vector<std::unique_ptr<http::Client>> endpoints_;
  std::size_t current_ = 0;
  std::optional<std::string> token_;  // empty: etcd wants none
};

}  // namespace promfleet::election::etcd
