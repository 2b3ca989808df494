#include "election/stores/lease_document.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "codec/rfc3339/micro_time.h"
#include "core/base/try.h"

namespace promfleet::election {
namespace {

// What is wrong with a stored document is the store's fault, not the caller's.
template <class T>
Result<T> as_protocol(Result<T> read, std::string_view where) {
  if (read) return read;
  return fail(Errc::protocol, "{}: {}", where, read.error().message());
}

Result<std::optional<LeaseTime>> read_time(const json::Object& spec, std::string_view key) {
  TRY_ASSIGN(const std::optional<std::string_view> text, json::find_string(spec, key));
  if (!text) return std::nullopt;
  Result<LeaseTime> time = rfc3339::parse(*text);
  if (!time) return std::unexpected(std::move(time).error().with_context(key));
  return *time;
}

std::int32_t to_int32(std::int64_t number) {
  using Int32 = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, Int32::min(), Int32::max()));
}

Result<LeaseSpec> read_spec(const json::Object& document) {
  TRY_ASSIGN(const json::Object* spec, json::find_object(document, "spec"));
  if (spec == nullptr) return LeaseSpec{};
  TRY_ASSIGN(const auto holder, json::find_string(*spec, "holderIdentity"));
  TRY_ASSIGN(const auto seconds, json::find_integer(*spec, "leaseDurationSeconds"));
  TRY_ASSIGN(const auto acquire_time, read_time(*spec, "acquireTime"));
  TRY_ASSIGN(const auto renew_time, read_time(*spec, "renewTime"));
  TRY_ASSIGN(const auto transitions, json::find_integer(*spec, "leaseTransitions"));
  TRY_ASSIGN(const auto strategy, json::find_string(*spec, "strategy"));
  return LeaseSpec{
      .holder = std::string(holder.value_or("")),
      .duration = std::chrono::seconds(to_int32(seconds.value_or(0))),
      .acquire_time = acquire_time,
      .renew_time = renew_time,
      .transitions = to_int32(transitions.value_or(0)),
      .strategy = strategy ? std::optional<std::string>(*strategy) : std::nullopt,
  };
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string_view> find_note(const json::Object& annotations, std::string_view name) {
  return json::find_string(annotations, name).value_or(std::nullopt);
}

// nullptr: there are none.
Result<const json::Object*> find_annotations(const json::Object& document) {
  TRY_ASSIGN(const json::Object* metadata, json::find_object(document, "metadata"));
  if (metadata == nullptr) return nullptr;
  return json::find_object(*metadata, "annotations");
}

LeaseNotes read_notes(const json::Object& annotations) {
  LeaseNotes notes;
  if (const auto text = find_note(annotations, kReleasedTermAnnotation)) {
    if (const Result<LeaseTime> time = rfc3339::parse(*text)) notes.released_term = *time;
  }
  if (const auto member = find_note(annotations, kNextHolderAnnotation)) notes.next_holder = *member;
  if (const auto progress = find_note(annotations, kProgressAnnotation)) notes.progress = *progress;
  return notes;
}

json::Object& object_in(json::Object& parent, std::string_view key) {
  json::Value& member = parent[key];
  return member.is_object() ? member.get_object() : member.emplace_object();
}

void put(json::Object& object, std::string_view key, const std::optional<std::string>& text) {
  if (text) {
    object[key] = *text;
  } else {
    object.stable_erase(key);
  }
}

void put(json::Object& object, std::string_view key, std::optional<ProcessNumber> process) {
  put(object, key, process ? std::optional(std::to_string(process->value())) : std::nullopt);
}

void put(json::Object& object, std::string_view key, const std::optional<LeaseTime>& time) {
  put(object, key, time ? std::optional(rfc3339::format(*time)) : std::nullopt);
}

}  // namespace

Result<json::Object> parse_document(std::string_view text) {
  TRY_ASSIGN(json::Value value, as_protocol(json::parse(text, {.bytes_max = kLeaseBytesMax}), "the lease"));
  if (json::Object* object = value.if_object()) return std::move(*object);
  return fail(Errc::protocol, "the lease: the JSON is {}, not an object", json::describe_kind(value));
}

Result<LeaseRecord> read_record(const json::Object& document) {
  TRY_ASSIGN(LeaseSpec spec, as_protocol(read_spec(document), "the lease's spec"));
  TRY_ASSIGN(const json::Object* annotations, as_protocol(find_annotations(document), "the lease's metadata"));
  if (annotations == nullptr) return LeaseRecord{.spec = std::move(spec), .notes = {}};
  const auto process = find_note(*annotations, kAcquiredByAnnotation).and_then(read_number);
  if (process) spec.acquired_by = ProcessNumber(*process);
  return LeaseRecord{.spec = std::move(spec), .notes = read_notes(*annotations)};
}

Result<LeaseRevision> read_revision(const json::Object& document) {
  const auto text = [&]() -> Result<std::string_view> {
    TRY_ASSIGN(const json::Object* metadata, json::require_object(document, "metadata"));
    return json::require_string(*metadata, "resourceVersion");
  }();
  if (!text) return as_protocol<LeaseRevision>(std::unexpected(text.error()), "the lease's metadata");
  const std::optional<std::uint64_t> revision = read_number(*text);
  if (!revision) return fail(Errc::protocol, "the lease's resourceVersion is \"{}\", not a number", *text);
  return LeaseRevision(*revision);
}

Result<StoredLease> read_stored(const json::Object& document) {
  TRY_ASSIGN(const LeaseRevision revision, read_revision(document));
  TRY_ASSIGN(LeaseRecord record, read_record(document));
  return StoredLease{.record = std::move(record), .revision = revision};
}

void write_record(const LeaseRecord& record, json::Object& document) {
  json::Object& metadata = object_in(document, "metadata");
  if (record.spec.acquired_by || record.notes != LeaseNotes{} || metadata.contains("annotations")) {
    json::Object& annotations = object_in(metadata, "annotations");
    put(annotations, kAcquiredByAnnotation, record.spec.acquired_by);
    put(annotations, kReleasedTermAnnotation, record.notes.released_term);
    put(annotations, kNextHolderAnnotation, record.notes.next_holder);
    put(annotations, kProgressAnnotation, record.notes.progress);
  }
  json::Object& spec = object_in(document, "spec");
  put(spec, "holderIdentity", record.spec.holder.empty() ? std::nullopt : std::optional(record.spec.holder));
  spec["leaseDurationSeconds"] = record.spec.duration.count();
  put(spec, "acquireTime", record.spec.acquire_time);
  put(spec, "renewTime", record.spec.renew_time);
  spec["leaseTransitions"] = record.spec.transitions;
}

void write_revision(LeaseRevision revision, json::Object& document) {
  object_in(document, "metadata")["resourceVersion"] = std::to_string(revision.value());
}

}  // namespace promfleet::election
