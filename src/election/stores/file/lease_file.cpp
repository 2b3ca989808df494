#include "election/stores/file/lease_file.h"

#include <algorithm>
#include <charconv>

#include "codec/json/writer.h"
#include "core/base/try.h"
#include "election/stores/lease_document.h"

namespace promfleet::election {
namespace {

// Members run as one user: whoever may write the lease may take it.
constexpr mode_t kMode = 0600;

// Revisions of an hour by the clock: the price of a reservation is a second file to sync.
constexpr std::uint64_t kReservedAtOnce = 3'600'000'000;
constexpr std::size_t kReservedBytesMax = 64;

// Whatever the disk says, the caller has no answer from the store.
std::unexpected<Error> unreachable(const Error& error) {
  return fail(Errc::unreachable, "{}", error.message());
}

}  // namespace

Result<std::optional<StoredLease>> LeaseFile::read() {
  TRY_ASSIGN(std::optional<Content> content, load());
  if (!content) return std::nullopt;
  return std::move(content->stored);
}

LeaseFile::Attempt LeaseFile::try_create(const LeaseRecord& record) {
  return locked([&] { return create(record); });
}

LeaseFile::Attempt LeaseFile::try_update(const LeaseRecord& record, LeaseRevision expected) {
  return locked([&] { return update(record, expected); });
}

template <class Change>
LeaseFile::Attempt LeaseFile::locked(const Change& change) {
  const Result<std::unique_ptr<FileLock>> lock = files_.try_lock(lock_path_);
  if (lock) return change();
  if (lock.error().code() == Errc::conflict) return std::nullopt;
  return unreachable(lock.error());
}

Result<StoredLease> LeaseFile::create(const LeaseRecord& record) {
  TRY_ASSIGN(const std::optional<Content> present, load());
  if (present) return fail(Errc::conflict, "{} exists already", path_);
  TRY_ASSIGN(const LeaseRevision passed_by_none, reserved());
  return store({}, record, passed_by_none);
}

Result<StoredLease> LeaseFile::update(const LeaseRecord& record, LeaseRevision expected) {
  TRY_ASSIGN(std::optional<Content> present, load());
  if (!present) return fail(Errc::not_found, "{} does not exist", path_);
  const LeaseRevision current = present->stored.revision;
  if (current != expected) {
    return fail(Errc::conflict, "{} is at revision {}, not {}", path_, current.value(), expected.value());
  }
  return store(std::move(present->document), record, current);
}

Result<std::optional<LeaseFile::Content>> LeaseFile::load() {
  const Result<std::string> text = files_.read(path_, kLeaseBytesMax);
  if (!text && text.error().code() == Errc::not_found) return std::nullopt;
  if (!text) return unreachable(text.error());
  Result<Content> content = [&]() -> Result<Content> {
    TRY_ASSIGN(json::Object document, parse_document(*text));
    TRY_ASSIGN(StoredLease stored, read_stored(document));
    return Content{.document = std::move(document), .stored = std::move(stored)};
  }();
  if (!content) return std::unexpected(std::move(content).error().with_context(path_));
  return *std::move(content);
}

Result<StoredLease> LeaseFile::store(json::Object document, const LeaseRecord& record, LeaseRevision previous) {
  using std::chrono::microseconds;
  const auto wall = std::chrono::floor<microseconds>(clock_.wall_now()).time_since_epoch().count();
  const LeaseRevision revision(std::max(previous.value() + 1, static_cast<std::uint64_t>(std::max<long>(wall, 0))));
  TRY(reserve(revision));
  write_record(record, document);
  write_revision(revision, document);
  const Result<> replaced = files_.replace(path_, json::write(document) + "\n", kMode);
  if (!replaced) return unreachable(replaced.error());
  return StoredLease{.record = record, .revision = revision};
}

// No revision was higher.
Result<LeaseRevision> LeaseFile::reserved() {
  const Result<std::string> text = files_.read(reserved_path_, kReservedBytesMax);
  if (!text && text.error().code() == Errc::not_found) return LeaseRevision(0);
  if (!text) return unreachable(text.error());
  const std::string_view digits = std::string_view(*text).substr(0, text->find('\n'));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return fail(Errc::protocol, "{}: \"{}\" is not a number", reserved_path_, digits);
  }
  return LeaseRevision(number);
}

Result<> LeaseFile::reserve(LeaseRevision revision) {
  TRY_ASSIGN(const LeaseRevision up_to, reserved());
  if (revision <= up_to) return {};
  const Result<> replaced =
      files_.replace(reserved_path_, fmt::format("{}\n", revision.value() + kReservedAtOnce), kMode);
  if (!replaced) return unreachable(replaced.error());
  return {};
}

}  // namespace promfleet::election
