#include "election/state_file.h"

#include <utility>

#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "codec/rfc3339/micro_time.h"
#include "core/base/try.h"

namespace promfleet::election {

namespace {

constexpr std::size_t kBytesMax = 64 * 1024;
constexpr mode_t kMode = 0600;

std::string write_term(const std::string& group, const Term& term) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("group", group).member("acquireTime", rfc3339::format(term.acquire_time));
  if (term.acquired_by) out.member("acquiredBy", term.acquired_by->value());
  out.member("token", term.token.value()).end_object();
  return text + "\n";
}

Result<std::optional<Term>> read_term(const std::string& text, const std::string& group) {
  TRY_ASSIGN(const json::Value document, json::parse(text));
  TRY_ASSIGN(const json::Object* root, json::as_object(document));
  TRY_ASSIGN(const std::string_view written_group, json::require_string(*root, "group"));
  if (written_group != group) return std::nullopt;
  TRY_ASSIGN(const std::string_view time, json::require_string(*root, "acquireTime"));
  TRY_ASSIGN(const LeaseTime acquire_time, rfc3339::parse(time));
  TRY_ASSIGN(const std::optional<std::int64_t> token, json::find_integer(*root, "token"));
  if (!token || *token < 0) return fail(Errc::invalid_input, "token: a whole number is missing");
  TRY_ASSIGN(const std::optional<std::int64_t> process, json::find_integer(*root, "acquiredBy"));
  Term term{acquire_time, FencingToken(static_cast<std::uint64_t>(*token))};
  if (process) term.acquired_by = ProcessNumber(static_cast<std::uint64_t>(*process));
  return term;
}

}  // namespace

Result<std::unique_ptr<StateFile>> StateFile::open(FileSystem& files, CpuPool& pool, std::string path,
                                                   std::string group) {
  std::unique_ptr<StateFile> file(new StateFile(files, pool, std::move(path), std::move(group)));
  const Result<> locked = file->lock();
  const Errc code = locked ? Errc::io_failed : locked.error().code();
  if (code == Errc::conflict || code == Errc::not_found) return std::unexpected(locked.error());
  return file;
}

StateFile::StateFile(FileSystem& files, CpuPool& pool, std::string path, std::string group)
    : files_(files), pool_(pool), path_(std::move(path)), group_(std::move(group)) {}

Result<> StateFile::lock() {
  if (lock_) return {};
  TRY_ASSIGN(lock_, with_context(files_.try_lock(path_ + ".lock"), "locking the state file"));
  return {};
}

Result<std::optional<Term>> StateFile::load() {
  TRY(lock());
  Result<std::string> text = files_.read(path_, kBytesMax);
  if (!text && text.error().code() == Errc::not_found) return std::nullopt;
  if (!text) return std::unexpected(std::move(text).error());
  return with_context(read_term(*text, group_), path_);
}

Task<Result<>> StateFile::save(Term term) {
  co_return co_await pool_.run([this, term]() -> Result<> {
    TRY(lock());
    return files_.replace(path_, write_term(group_, term), kMode);
  });
}

Task<Result<>> StateFile::forget() {
  co_return co_await pool_.run([this]() -> Result<> {
    TRY(lock());
    return files_.remove(path_);
  });
}

}  // namespace promfleet::election
