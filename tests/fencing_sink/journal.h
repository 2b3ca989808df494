// A file of records that only grows. What append() has confirmed is there after the process was killed at any moment.
//
// A record that was cut off while it was written is forgotten at the next start: nobody has been told of it. Any other
// damage is an error, since a judge must not forget what it has seen.
//
// Layout of a record: bytes of the head and of the body (32 bits each), XXH3 of both (64 bits), head, body; numbers
// with the lowest byte first.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::remote_write {

struct JournalRecord {
  std::string head;
  std::string body;

  bool operator==(const JournalRecord&) const = default;
};

class Journal {
 public:
  using OnRecord = std::function<Result<>(const JournalRecord&)>;

  // Gives `on_record` each record that is there, from the first one, until it fails.
  static Result<Journal> open(const std::string& path, const OnRecord& on_record);

  // Durable when it returns. On an error it may or may not be: the process is to end.
  Result<> append(std::string_view head, std::string_view body);

 private:
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

  Journal(File file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<> read_all(const OnRecord& on_record);
  Result<> cut_off(std::int64_t at);

  File file_;
  std::string path_;
};

}  // namespace promfleet::remote_write
