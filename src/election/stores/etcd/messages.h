// What etcd's JSON gateway (version 3 of the API, from etcd 3.4 on) is asked and what it answers.
//
// The gateway writes 64-bit numbers as strings, bytes in Base64, and leaves out what is zero, false or empty:
// https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/json/value.h"
#include "core/base/error.h"
#include "election/lease.h"

namespace promfleet::election::etcd {

// A key as it is now.
struct KeyValue {
  std::string value;
  LeaseRevision mod_revision;  // the store's revision when it was written last
};

struct RangeAnswer {
  std::uint64_t store_revision;
  std::optional<KeyValue> found;
};

struct TxnAnswer {
  std::uint64_t store_revision;  // of the write, if it succeeded
  bool succeeded;
  std::optional<KeyValue> found;  // what stood in the way
};

struct WatchChange {
  std::optional<KeyValue> now;  // nullopt: deleted
};

struct WatchMessage {
  std::optional<std::string> canceled;  // why the server ended the watch
  std::vector<WatchChange> changes;
};

std::string range_request(std::string_view key);
// Puts `value` if the key does not exist, or if it is at `expected`; otherwise tells how it is.
std::string create_request(std::string_view key, std::string_view value);
std::string update_request(std::string_view key, std::string_view value, LeaseRevision expected);
std::string watch_request(std::string_view key, std::uint64_t start_revision);
std::string login_request(std::string_view user, std::string_view password);

// Errc::protocol: not such an answer.
Result<RangeAnswer> read_range(const json::Object& answer);
Result<TxnAnswer> read_txn(const json::Object& answer);
Result<WatchMessage> read_watch(const json::Object& line);
Result<std::string> read_token(const json::Object& answer);

}  // namespace promfleet::election::etcd
