// A receiver of remote write as docs/format/fencing.md has it: groups with their fences, over an account on disk.
//
// Each call decides, appends to the journal, takes it over, and returns the answer, without letting anything else in
// between. So the thread that calls is every group's lock.
//
// Stricter than other receivers in one thing: labels that are not in the order of their names, or a series without a
// name, are refused with 400, since no sender may do that.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "codec/remote_write/measurements.h"
#include "core/base/time.h"
#include "core/telemetry/log.h"
#include "net/http/message.h"
#include "remote_write/fence/group.h"
#include "remote_write/fence/headers.h"
#include "remote_write/receiver/receive.h"
#include "tests/fencing_sink/account.h"
#include "tests/fencing_sink/journal.h"

namespace promfleet::remote_write {

class Sink {
 public:
  // With all that was in the journal at `path`, which is created if need be.
  static Result<std::unique_ptr<Sink>> open(const std::string& path, Log log);

  struct Write {
    Version version = Version::v1;
    ReceivedFencingFields fields;
    std::string_view body;  // as sent
  };
  http::Response write(const Write& write, WallTime now);
  // A write of which not even the body was taken.
  http::Response refuse(http::Response answer, WallTime now);

  // `body`: of the request.
  http::Response fence(const std::string& group, std::string_view body, WallTime now);
  http::Response reset(const std::string& group, WallTime now);
  http::Response show(const std::string& group) const;

  const Account& account() const { return account_; }

 private:
  Sink(Account account, Journal journal, Log log);

  // The group, or nothing where there are too many.
  FenceGroup* find_or_add(const std::string& name);
  http::Response adopt(FenceGroup& group, const std::string& name, GroupRecord record, WallTime now);
  http::Response write_unfenced(Version version, const WriteRequest& request, WallTime now);
  http::Response write_fenced(Version version, const WriteRequest& request, const WriteFencing& fencing, WallTime now);
  http::Response refuse(Version version, Refusal refusal, const WriteFencing& fencing, WallTime now);

  // Durable when it returns.
  void record(const Event& event, const WriteRequest& stored = {});

  Account account_;
  Journal journal_;
  Log log_;
  BodyDecoder decoder_;
  std::map<std::string, FenceGroup, std::less<>> groups_;
  std::string encoded_;
};

}  // namespace promfleet::remote_write
