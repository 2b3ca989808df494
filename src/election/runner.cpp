#include "election/runner.h"

#include <algorithm>
#include <utility>

#include "codec/rfc3339/micro_time.h"

namespace promfleet::election {

namespace {

// The watch is tried again after this many retry periods at most; meanwhile the machine polls.
constexpr int kWatchRetryPeriodsMax = 8;

// A disk that is full or read-only is tried again this often.
constexpr Duration kTermFileRetry = 10s;

// The lease that an event shows, if it is one of others.
const StoredLease* shown_by(const Event& event) {
  const std::optional<StoredLease>* lease = nullptr;
  if (const auto* watched = std::get_if<Watched>(&event)) lease = &watched->lease;
  if (const auto* answer = std::get_if<ReadAnswered>(&event)) lease = &answer->lease;
  return lease != nullptr && *lease ? &**lease : nullptr;
}

}  // namespace

ElectionRunner::Metrics::Metrics(Registry& registry)
    : store_errors(registry.counter("promfleet_election_store_errors_total",
                                    "Calls to the lease store that failed or were not answered.")),
      store_seconds(registry.histogram("promfleet_election_store_seconds", "How long the lease store took to answer.",
                                       {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10})),
      overruns(registry.counter("promfleet_election_demotion_overruns_total",
                                "Demotions that were not confirmed when the lease expired.")),
      authority_seconds(registry.gauge("promfleet_election_authority_seconds",
                                       "How long this member may still act as leader without another renewal.")) {}

ElectionRunner::ElectionRunner(Parts parts, std::string member, ProcessNumber process, Timing timing)
    : parts_(std::move(parts)),
      metrics_(parts_.metrics),
      machine_(std::move(member), process, timing),
      calls_changed_(parts_.executor),
      term_changed_(parts_.executor),
      changed_(parts_.executor),
      scope_(parts_.executor) {
  parts_.metrics.before_render([this] {
    const ElectionStatus current = describe(machine_, parts_.clock.now());
    metrics_.authority_seconds.set(to_seconds(current.authority_left));
  });
}

void ElectionRunner::start() {
  Result<std::optional<Term>> proof = parts_.term_file.load();
  note_term_file(proof ? nullptr : &proof.error());
  scope_.spawn(serve_calls());
  scope_.spawn(watch_lease());
  scope_.spawn(keep_term());
  tell(Started{proof ? *proof : std::nullopt});
}

Task<Result<>> ElectionRunner::leave() {
  tell(Stop{});
  while (machine_.role() != Role::finished) {
    if (Result<> woken = co_await changed_.wait(); !woken) co_return woken;
  }
  if (parting_ == Parting::undemoted) {
    co_return fail(Errc::timed_out,
                   "Prometheus has not confirmed the follower's configuration: it may still run the leader's");
  }
  co_return Result<>();
}

Task<> ElectionRunner::close() {
  wake_up_.cancel();
  co_await scope_.close();
}

Result<> ElectionRunner::step_down() {
  if (!has_authority()) return fail(Errc::unsupported, "{} does not lead", machine_.member());
  tell(StepDown{});
  return {};
}

Result<> ElectionRunner::switch_over(std::string to) {
  if (!has_authority()) return fail(Errc::unsupported, "{} does not lead", machine_.member());
  if (to.empty() || to == machine_.member()) {
    return fail(Errc::invalid_input, "the next leader must be a member other than {}", machine_.member());
  }
  tell(Switchover{std::move(to)});
  return {};
}

Task<Result<>> ElectionRunner::wait_for_change(BootTime deadline) {
  co_return co_await wait_until(changed_, parts_.clock, deadline);
}

ElectionStatus ElectionRunner::status() const {
  ElectionStatus status = describe(machine_, parts_.clock.now());
  status.store_error = store_error_;
  status.store_latency = store_latency_;
  status.term_file_error = term_file_error_;
  if (!history_.transitions().empty()) status.last_transition = history_.transitions().back().at;
  return status;
}

void ElectionRunner::tell(Event event) {
  events_.push_back(std::move(event));
  handle_events();
}

// Before all else: it may be what an event that waits depends on.
void ElectionRunner::handicap_changed(Duration handicap) {
  events_.push_front(HandicapChanged{handicap});
  handle_events();
}

// What happens while an event is handled is handled after it. But what a lease tells is heard first, since this member
// may leave it to others for that.
void ElectionRunner::handle_events() {
  if (is_handling_) return;
  is_handling_ = true;
  while (!events_.empty()) {
    if (hears_news(shown_by(events_.front()))) continue;
    const Event next = std::move(events_.front());
    events_.pop_front();
    for (const Command& command : machine_.handle(next, now())) {
      std::visit([this](const auto& wanted) { run(wanted); }, command);
    }
  }
  is_handling_ = false;
  after_events();
}

void ElectionRunner::after_events() {
  wake_up_ = parts_.clock.call_at(machine_.wake_at(), [this] { tell(Tick{}); });
  report_state();
  hears_news(machine_.view().stored());
  const std::string leader = current_leader(machine_, parts_.clock.now());
  if (leader == leader_ && machine_.role() == role_) return;
  leader_ = leader;
  role_ = machine_.role();
  changed_.notify();
}

void ElectionRunner::report_state() {
  if (machine_.demotion_overruns() > overruns_) {
    overruns_ = machine_.demotion_overruns();
    metrics_.overruns.increment();
    parts_.leadership.overran();
  }
  if (machine_.refuses_lease() && !refuses_lease_) {
    parts_.log.error("the lease has spec.strategy set (coordinated election); this member takes no part",
                     {{"strategy", *machine_.view().stored()->record.spec.strategy}});
  }
  refuses_lease_ = machine_.refuses_lease();
}

void ElectionRunner::run(const Promote& command) {
  parts_.log.info("begins to lead", {{"token", command.term.token.value()}});
  parts_.leadership.assume(command.term, command.reason);
}

void ElectionRunner::run(const Demote& command) {
  parts_.log.info("demotes itself", {{"reason", to_string(command.reason)}});
  parts_.leadership.relinquish(command.reason);
}

void ElectionRunner::run(const Transition& command) {
  history_.add({parts_.clock.wall_now(), command.holder, command.reason});
  parts_.log.info("leadership changed", {{"holder", command.holder}, {"reason", to_string(command.reason)}});
}

void ElectionRunner::run(const Finish& command) {
  parting_ = command.parting;
  if (parting_ != Parting::unreleased) return;
  const WallTime until = parts_.clock.wall_now() + (command.lease_stays_until - parts_.clock.now());
  parts_.log.warn("the release could not be stored: nobody leads before the lease expires",
                  {{"until", rfc3339::format(std::chrono::floor<std::chrono::microseconds>(until))}});
}

void ElectionRunner::request(StoreCall call) {
  wanted_call_ = std::move(call);
  calls_changed_.notify();
}

// One call at a time.
Task<> ElectionRunner::serve_calls() {
  while (!co_await cancelled()) {
    while (!wanted_call_) {
      if (!co_await calls_changed_.wait()) co_return;
    }
    const StoreCall call = *std::exchange(wanted_call_, std::nullopt);
    const BootTime deadline = std::visit([](const auto& wanted) { return wanted.deadline; }, call);
    // At its deadline a call returns by itself, with the reason for the log.
    const auto is_given_up = [&] { return wanted_call_ && parts_.clock.now() < deadline; };
    bool is_answered = false;
    TaskScope under_way(parts_.executor);
    under_way.spawn(serve(call, is_answered));
    while (!is_answered && !is_given_up()) {
      if (!co_await calls_changed_.wait()) break;
    }
    co_await under_way.close();
  }
}

Task<> ElectionRunner::serve(StoreCall call, bool& is_answered) {
  const BootTime sent_at = parts_.clock.now();
  const Event answer = co_await std::visit([this](const auto& wanted) { return perform(wanted); }, call);
  if (co_await cancelled()) co_return;
  store_latency_ = parts_.clock.now() - sent_at;
  metrics_.store_seconds.observe(to_seconds(store_latency_));
  is_answered = true;
  calls_changed_.notify();
  tell(answer);
}

Task<Event> ElectionRunner::perform(const ReadLease& call) {
  const Result<std::optional<StoredLease>> lease = co_await parts_.store.read(call.deadline);
  note_store_answer(lease ? nullptr : &lease.error());
  if (!lease) co_return CallFailed{call.attempt};
  co_return ReadAnswered{call.attempt, *lease};
}

Task<Event> ElectionRunner::perform(const CreateLease& call) {
  co_return write_answer(call.attempt, co_await parts_.store.create(with_progress(call.record), call.deadline));
}

Task<Event> ElectionRunner::perform(const UpdateLease& call) {
  co_return write_answer(call.attempt,
                         co_await parts_.store.update(with_progress(call.record), call.expected, call.deadline));
}

LeaseRecord ElectionRunner::with_progress(LeaseRecord record) const {
  if (parts_.progress != nullptr) record.notes.progress = parts_.progress->to_tell();
  const StoredLease* lease = machine_.view().stored();
  if (!record.notes.progress && lease != nullptr) record.notes.progress = lease->record.notes.progress;
  return record;
}

// An older lease, on its way for longer than a newer one, is no news.
bool ElectionRunner::hears_news(const StoredLease* lease) {
  if (parts_.progress == nullptr || lease == nullptr || !lease->record.notes.progress) return false;
  const StoredLease* known = machine_.view().stored();
  const bool is_older = known != nullptr && lease->revision < known->revision;
  if (is_older || *lease->record.notes.progress == heard_progress_) return false;
  heard_progress_ = *lease->record.notes.progress;
  parts_.progress->heard(heard_progress_);
  return true;
}

Event ElectionRunner::write_answer(AttemptId attempt, const Result<StoredLease>& result) {
  const Errc code = result ? Errc::conflict : result.error().code();
  const bool answered = code == Errc::conflict || code == Errc::not_found;
  note_store_answer(answered ? nullptr : &result.error());
  if (result) return WriteStored{attempt, *result};
  if (code == Errc::conflict) return WriteRefused{attempt, Refusal::conflict};
  if (code == Errc::not_found) return WriteRefused{attempt, Refusal::not_found};
  return CallFailed{attempt};
}

void ElectionRunner::note_store_answer(const Error* error) {
  if (error == nullptr) {
    if (!store_error_.empty()) parts_.log.info("the lease store answers again");
    store_error_.clear();
    return;
  }
  if (error->code() == Errc::cancelled) return;
  metrics_.store_errors.increment();
  if (store_error_ != error->message()) parts_.log.warn("the lease store fails", {{"err", *error}});
  store_error_ = error->message();
}

Task<> ElectionRunner::watch_lease() {
  const Duration shortest = machine_.timing().retry_period;
  Duration pause = shortest;
  while (true) {
    const Result<> ended = co_await parts_.store.watch([&](const std::optional<StoredLease>& lease) {
      pause = shortest;
      watch_denial_.clear();
      tell(Watched{lease});
    });
    if (co_await cancelled()) co_return;
    if (!ended && ended.error().code() == Errc::unsupported) co_return;
    if (!ended) note_watch_end(ended.error(), pause);
    if (!co_await sleep_for(parts_.clock, pause)) co_return;
    pause = std::min(pause * 2, shortest * kWatchRetryPeriodsMax);
  }
}

// Watches end, and are taken up again. What a person has to put right is said once.
void ElectionRunner::note_watch_end(const Error& error, Duration pause) {
  const bool is_denied = error.code() == Errc::forbidden || error.code() == Errc::unauthorized;
  if (!is_denied || error.message() == watch_denial_) {
    parts_.log.debug("the watch ended", {{"err", error}, {"again_in", pause}});
    return;
  }
  parts_.log.warn("this member may not watch the lease: it polls, and learns later that leadership is free",
                  {{"err", error}});
  watch_denial_ = error.message();
}

void ElectionRunner::keep(std::optional<Term> term) {
  term_to_keep_ = term;
  term_is_kept_ = false;
  term_changed_.notify();
}

Task<> ElectionRunner::keep_term() {
  while (true) {
    while (term_is_kept_) {
      if (!co_await term_changed_.wait()) co_return;
    }
    term_is_kept_ = true;
    const Result<> kept =
        term_to_keep_ ? co_await parts_.term_file.save(*term_to_keep_) : co_await parts_.term_file.forget();
    note_term_file(kept ? nullptr : &kept.error());
    if (kept) continue;
    term_is_kept_ = false;
    if (!co_await wait_until(term_changed_, parts_.clock, parts_.clock.now() + kTermFileRetry)) co_return;
  }
}

// No reason not to take part: without the file a restart waits for its own lease to expire.
void ElectionRunner::note_term_file(const Error* error) {
  const std::string message = error ? error->message() : "";
  if (message == term_file_error_) return;
  if (error) {
    parts_.log.warn("the state file cannot be used: a restart could not go on with the term", {{"err", *error}});
  } else {
    parts_.log.info("the state file can be used again");
  }
  term_file_error_ = message;
}

}  // namespace promfleet::election
