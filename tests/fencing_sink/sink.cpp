#include "tests/fencing_sink/sink.h"

#include <algorithm>
#include <cstdlib>

#include "codec/remote_write/decode.h"
#include "codec/remote_write/encode.h"
#include "core/base/assert.h"
#include "core/base/try.h"

namespace promfleet::remote_write {
namespace {

constexpr EncodeLimits kJournalLimits{.bytes_max = 1 << 30};

std::int64_t unix_ms(WallTime now) {
  return std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
}

http::Response json_response(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.fields.set("Content-Type", "application/json");
  return response;
}

Result<> check_labels(std::span<const Label> labels) {
  if (std::ranges::find(labels, "__name__", &Label::name) == labels.end()) {
    return fail(Errc::invalid_input, "a series has no name");
  }
  const auto is_out_of_order = [](const Label& label, const Label& next) { return label.name >= next.name; };
  const auto at = std::ranges::adjacent_find(labels, is_out_of_order);
  if (at == labels.end()) return {};
  return fail(Errc::invalid_input, "the label {} comes before {}", at->name, std::next(at)->name);
}

Result<> check(const WriteRequest& request) {
  for (const Series& series : request.series()) TRY(check_labels(request.labels(series)));
  return {};
}

// Of the present term.
std::string source_of(const GroupRecord& record) {
  const auto at = record.token ? record.sources.find(*record.token) : record.sources.end();
  return at == record.sources.end() ? "" : at->second;
}

// Of a write, but for its counts.
Event event_of(const WriteRequest& request, WallTime now) {
  Event event{.occurrence = Occurrence::written, .unix_ms = unix_ms(now)};
  if (const std::optional<TimeRange> range = request.time_range()) event.lowest_ms = range->lowest_ms;
  return event;
}

Result<> replay(const JournalRecord& record, Account& account) {
  TRY_ASSIGN(const Event event, parse_event(record.head));
  WriteRequest stored;
  TRY(decode_v2(record.body, stored));
  account.apply(event, stored);
  return {};
}

}  // namespace

Result<std::unique_ptr<Sink>> Sink::open(const std::string& path, Log log) {
  Account account;
  TRY_ASSIGN(Journal journal,
             Journal::open(path, [&](const JournalRecord& record) { return replay(record, account); }));
  return std::unique_ptr<Sink>(new Sink(std::move(account), std::move(journal), std::move(log)));
}

Sink::Sink(Account account, Journal journal, Log log)
    : account_(std::move(account)), journal_(std::move(journal)), log_(std::move(log)) {
  for (const auto& [name, group] : account_.groups()) groups_.try_emplace(name, group.snapshot());
}

http::Response Sink::write(const Write& write, WallTime now) {
  const Result<const WriteRequest*> request = decoder_.decode(write.version, write.body);
  if (!request) return refuse(refusal(request.error()), now);
  if (const Result<> checked = check(**request); !checked) return refuse(refusal(checked.error()), now);
  const Result<std::optional<WriteFencing>> fencing = parse_fields(write.fields);
  if (!fencing) return refuse(refusal(fencing.error()), now);
  if (!*fencing) return write_unfenced(write.version, **request, now);
  return write_fenced(write.version, **request, **fencing, now);
}

http::Response Sink::refuse(http::Response answer, WallTime now) {
  record({.occurrence = Occurrence::refused, .unix_ms = unix_ms(now), .code = "invalid"});
  return answer;
}

http::Response Sink::write_unfenced(Version version, const WriteRequest& request, WallTime now) {
  record(event_of(request, now), request);
  return stored(version, all_of(request));
}

http::Response Sink::write_fenced(Version version, const WriteRequest& request, const WriteFencing& fencing,
                                  WallTime now) {
  const auto at = groups_.find(fencing.group);
  if (at == groups_.end()) return refuse(version, Refusal::fence_first, fencing, now);
  FenceGroup& group = at->second;
  std::expected<Admission, Refusal> admission = group.admit(request, fencing.token, fencing.stream);
  if (!admission) return refuse(version, admission.error(), fencing, now);
  Event event = event_of(request, now);
  event.group = fencing.group;
  event.stream = fencing.stream;
  event.token = fencing.token;
  event.generation = group.term().generation;
  event.duplicates = admission->counts().duplicates;
  event.covered = admission->counts().covered;
  record(event, admission->kept());
  admission->commit(now);
  // What a start would recover is what the fence has.
  ASSERT(account_.groups().at(fencing.group).record() == group.record());
  http::Response answer = stored(version, all_of(request));
  answer.fields.set(kCoveredField, std::to_string(event.covered));
  answer.fields.set(kDuplicatesField, std::to_string(event.duplicates));
  return answer;
}

http::Response Sink::refuse(Version version, Refusal refusal, const WriteFencing& fencing, WallTime now) {
  const auto at = groups_.find(fencing.group);
  const GroupRecord group = at == groups_.end() ? GroupRecord() : at->second.record();
  record({.occurrence = Occurrence::refused,
          .unix_ms = unix_ms(now),
          .group = fencing.group,
          .stream = fencing.stream,
          .token = fencing.token,
          .generation = group.generation,
          .code = std::string(to_string(refusal))});
  http::Response answer = json_response(http_status(refusal), format_refusal({refusal, group.token}));
  if (version == Version::v2) add_counts({}, answer.fields);
  return answer;
}

http::Response Sink::fence(const std::string& group, std::string_view body, WallTime now) {
  const Result<FenceRequest> request = parse_fence_request(body);
  if (!request) return http::text_response(400, request.error().message());
  FenceGroup* const fenced = find_or_add(group);
  if (fenced == nullptr) return http::text_response(503, "there are as many groups as are allowed");
  const std::expected<GroupRecord, Refusal> record = fenced->fence(*request);
  if (record) return adopt(*fenced, group, *record, now);
  return json_response(http_status(record.error()), format_refusal({record.error(), fenced->record().token}));
}

http::Response Sink::reset(const std::string& group, WallTime now) {
  FenceGroup* const fenced = find_or_add(group);
  if (fenced == nullptr) return http::text_response(503, "there are as many groups as are allowed");
  return adopt(*fenced, group, fenced->reset(), now);
}

http::Response Sink::show(const std::string& group) const {
  const auto at = groups_.find(group);
  return json_response(200, format_group(at == groups_.end() ? GroupRecord() : at->second.record()));
}

FenceGroup* Sink::find_or_add(const std::string& name) {
  const auto at = groups_.find(name);
  if (at != groups_.end()) return &at->second;
  return groups_.size() < kFenceGroupsMax ? &groups_[name] : nullptr;
}

http::Response Sink::adopt(FenceGroup& group, const std::string& name, GroupRecord next, WallTime now) {
  if (next != group.record()) {
    record({.occurrence = Occurrence::fenced,
            .unix_ms = unix_ms(now),
            .group = name,
            .token = next.token,
            .generation = next.generation,
            .source = source_of(next)});
    group.adopt(std::move(next));
  }
  return json_response(200, format_group(group.record()));
}

void Sink::record(const Event& event, const WriteRequest& stored) {
  encoded_.clear();
  Result<> appended;
  if (!stored.series().empty()) appended = encode_v2(stored, encoded_, kJournalLimits);
  if (appended) appended = journal_.append(format_event(event), encoded_);
  if (!appended) {
    log_.error("cannot keep the account, so this process ends", {{"error", appended.error()}});
    std::abort();
  }
  account_.apply(event, stored);
}

}  // namespace promfleet::remote_write
