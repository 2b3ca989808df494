#include "elector/gate/gate.h"

#include <algorithm>
#include <utility>

#include "elector/gate/progress_text.h"
#include "elector/gate/write_passage.h"
#include "net/http/message.h"

namespace promfleet::elector {

namespace {

// What is on its way when a term ends may still arrive, so that the next leader need not send it again.
constexpr Duration kAbortAfter = 1s;
constexpr Duration kOriginRetry = 10s;
constexpr Duration kFenceTimeMax = 5s;

// The number is the same; each room has a type for it.
remote_write::FencingToken token_of(const election::Term& term) {
  return remote_write::FencingToken(term.token.value());
}

}  // namespace

Gate::Gate(Parts parts, Duration lease_duration)
    : parts_(std::move(parts)),
      lease_duration_(lease_duration),
      clock_difference_gauge_(parts_.metrics.gauge(
          "promfleet_gate_clock_difference_seconds",
          "By how much this member's clock is ahead of the leader's; 0 where it is not known, as on the leader.")),
      handicap_gauge_(parts_.metrics.gauge("promfleet_gate_handicap_seconds",
                                           "How much longer than others this member leaves a free lease alone, since "
                                           "it has fewer samples to give.")),
      changed_(parts_.executor),
      tasks_(parts_.executor) {
  connect();
  parts_.metrics.before_render([this] { show_metrics(); });
}

// Entries with the same URL and group are streams of one destination.
void Gate::connect() {
  const std::vector<GateEntry>& entries = parts_.config.current()->entries;
  std::vector<std::size_t> first_of(entries.size());
  for (std::size_t number = 0; number < entries.size(); ++number) {
    const auto same = std::ranges::find_if(
        entries, [&](const GateEntry& entry) { return have_same_destination(entry, entries[number]); });
    first_of[number] = static_cast<std::size_t>(same - entries.begin());
  }
  std::vector<Destination*> destination_of(entries.size());
  for (std::size_t number = 0; number < entries.size(); ++number) {
    const std::size_t first = first_of[number];
    if (first == number) {
      const auto streams = static_cast<std::size_t>(std::ranges::count(first_of, number));
      destination_of[number] = destinations_
                                   .emplace_back(std::make_unique<Destination>(
                                       DestinationGate(streams, entries[number].lateness), entries[number].group))
                                   .get();
    }
    Destination& destination = *destination_of[first];
    const Outlet::Parts outlet{.clock = parts_.clock,
                               .dialer = *parts_.dialers.at(number),
                               .metrics = parts_.metrics,
                               .config = parts_.config,
                               .number = number};
    outlets_.push_back(std::make_unique<Outlet>(outlet, destination.gate, destination.outlets.size()));
    destination.outlets.push_back(outlets_.back().get());
  }
}

void Gate::start() {
  Result<std::optional<TermOrigin>> saved = parts_.origin_file.load();
  if (saved) {
    saved_origin_ = *std::move(saved);
  } else {
    parts_.log.warn("what the gate has kept of before the restart cannot be read", {{"err", saved.error()}});
  }
  tasks_.spawn(keep_origin());
  tell_handicap();
}

void Gate::stop() {
  is_stopped_ = true;
  changed();
}

http::Handler Gate::handler() {
  return [this](http::Exchange& exchange) { return serve(exchange); };
}

Task<> Gate::serve(http::Exchange& exchange) {
  const std::string_view path = http::path_of(exchange.request().target);
  const auto outlet = std::ranges::find_if(outlets_, [&](const auto& one) { return one->entry().path == path; });
  if (outlet == outlets_.end()) {
    std::string paths;
    for (const auto& one : outlets_) paths.append(paths.empty() ? "" : ", ").append(one->entry().path);
    static_cast<void>(
        co_await exchange.respond(http::text_response(404, fmt::format("the gate takes remote writes at {}", paths))));
    co_return;
  }
  co_await WritePassage(*this, **outlet, exchange).run();
}

void Gate::changed() {
  tell_handicap();
  changed_.notify();
}

void Gate::open(const election::Term& term, election::Reason reason) {
  term_ = term;
  clock_difference_.clear();
  for (const auto& outlet : outlets_) outlet->ask_for_v2_again();
  term_started_at_ = source_.started_at();
  if (reason == election::Reason::resumed) {
    const bool is_known = saved_origin_ && saved_origin_->token == term.token;
    if (!is_known) return yield(election::Reason::source_restarted);
    term_started_at_ = saved_origin_->started_at;
    const bool is_other = !source_.started_at().empty() && source_.started_at() != term_started_at_;
    if (is_other) return yield(election::Reason::source_restarted);
  }
  if (!term_started_at_.empty()) bind_term();
  for (const auto& destination : destinations_) {
    destination->gate.begin_term();
    destination->has_opened = false;
    fence(*destination);
  }
  changed();
}

void Gate::close(election::Reason reason) {
  for (const auto& destination : destinations_) destination->gate.end_term();
  term_.reset();
  is_closing_ = true;
  aborts_sends_ = reason == election::Reason::authority_lost;
  abort_timer_ = parts_.clock.call_at(parts_.clock.now() + kAbortAfter, [this] {
    aborts_sends_ = true;
    changed();
  });
  changed();
  sent();
}

// After each send, and when there may be none.
void Gate::sent() {
  if (!is_closing_ || sends_ > 0) return;
  is_closing_ = false;
  aborts_sends_ = false;
  abort_timer_.cancel();
  parts_.listener.on_gate_closed();
}

Task<std::optional<remote_write::WriteAnswer>> Gate::send(Outlet& outlet, remote_write::Version version,
                                                          std::string_view body) {
  if (!term_ || !parts_.has_authority()) co_return std::nullopt;
  const remote_write::WriteFencing fencing{
      .group = outlet.entry().group, .token = token_of(*term_), .stream = outlet.entry().name};
  const BootTime deadline = parts_.clock.now() + outlet.entry().remote_timeout;
  std::optional<remote_write::WriteAnswer> answer;
  ++sends_;
  TaskScope under_way(parts_.executor);
  under_way.spawn([](Gate& gate, Outlet& to, remote_write::Outgoing outgoing, BootTime until,
                     std::optional<remote_write::WriteAnswer>& into) -> Task<> {
    Result<remote_write::WriteAnswer> result = co_await to.destination().write(outgoing, until);
    if (result) into = *std::move(result);
    gate.changed_.notify();
  }(*this, outlet, {.version = version, .body = body, .fencing = &fencing}, deadline, answer));
  while (under_way.running() > 0 && !answer && !aborts_sends_) {
    if (!co_await changed_.wait()) break;
  }
  co_await under_way.close();
  --sends_;
  sent();
  if (answer && answer->left_out) outlet.count_left_out(*answer->left_out);
  co_return answer;
}

void Gate::fence(Destination& destination) {
  if (destination.is_being_fenced || !term_) return;
  destination.is_being_fenced = true;
  tasks_.spawn(fence_until_known(destination));
}

Task<> Gate::fence_until_known(Destination& destination) {
  Backoff pause;
  while (term_ && destination.gate.state() == DestinationGate::State::fencing) {
    const election::Term term = *term_;
    Outlet& outlet = *destination.outlets.front();
    const BootTime deadline = parts_.clock.now() + std::min(outlet.entry().remote_timeout, kFenceTimeMax);
    remote_write::FenceRequest request{token_of(term), source_name(parts_.member, term_started_at_)};
    const Result<remote_write::FenceAttempt> attempt =
        co_await outlet.destination().fence(destination.group, std::move(request), deadline);
    if (!attempt) co_return;
    if (!term_ || *term_ != term) continue;
    take_fence_answer(destination, *attempt);
    changed();
    if (attempt->kind != remote_write::FenceAttempt::Kind::again) continue;
    const BootTime again_at = parts_.clock.now() + pause.next(attempt->retry_after);
    while (is_term(term) && parts_.clock.now() < again_at) {
      if (!co_await wait_until(changed_, parts_.clock, again_at)) co_return;
    }
  }
  destination.is_being_fenced = false;
}

void Gate::take_fence_answer(Destination& destination, const remote_write::FenceAttempt& attempt) {
  using Kind = remote_write::FenceAttempt::Kind;
  const std::string& name = destination.outlets.front()->entry().name;
  if (destination.problem != attempt.message && attempt.kind == Kind::again) {
    parts_.log.warn("the destination cannot be fenced yet; nothing is lost, Prometheus keeps what is held",
                    {{"destination", name}, {"err", attempt.message}});
  }
  destination.problem = attempt.kind == Kind::again ? attempt.message : "";
  switch (attempt.kind) {
    case Kind::done:
      for (Outlet* outlet : destination.outlets) {
        const auto watermark = attempt.answer.watermarks.find(outlet->entry().name);
        if (watermark != attempt.answer.watermarks.end()) destination.gate.heard(outlet->stream(), watermark->second);
      }
      return opened(destination, ReceiverKind::fencing);
    case Kind::foreign: return opened(destination, ReceiverKind::foreign);
    case Kind::fenced: return shut_out(*destination.outlets.front(), attempt.message);
    case Kind::again: return;
  }
}

// A destination may ask for its fence again and again, which is told once.
void Gate::opened(Destination& destination, ReceiverKind kind) {
  destination.gate.open();
  const bool is_news = !destination.has_opened || destination.kind != kind;
  destination.has_opened = true;
  destination.kind = kind;
  if (!is_news) return;
  parts_.log.info(kind == ReceiverKind::fencing ? "opens; the destination keeps former leaders out"
                                                : "opens; the destination knows no fences",
                  {{"destination", destination.outlets.front()->entry().name}});
}

Gate::Destination& Gate::destination_of(const Outlet& outlet) {
  return **std::ranges::find_if(destinations_, [&](const auto& one) { return &one->gate == &outlet.gate(); });
}

void Gate::shut_out(Outlet& outlet, const std::string& why) {
  outlet.count_fenced();
  if (!term_) return;  // what was on its way when our term ended
  Destination& destination = destination_of(outlet);
  destination.gate.shut_out();
  destination.problem = why;
  parts_.log.error(
      "stays shut: the destination has heard of a later leader. If the lease's store was replaced, end "
      "the members that use the old one, have the destination's administrator reset the fence, and let this member "
      "step down",
      {{"destination", outlet.entry().name}, {"group", destination.group}, {"err", why}});
  changed();
}

void Gate::fence_again(const Outlet& outlet) {
  Destination& destination = destination_of(outlet);
  destination.gate.fence_again();
  fence(destination);
}

Task<Result<>> Gate::check_source(http::ConnectionNumber connection) {
  if (source_.knows(connection)) co_return Result<>();
  Result<std::string> started_at = co_await parts_.prometheus.started_at();
  // Without an address of the API there is nothing to ask, which preflight tells.
  const bool is_unsupported = !started_at && started_at.error().code() == Errc::unsupported;
  if (!started_at && !is_unsupported) co_return std::unexpected(started_at.error());
  const SourceCheck::Finding finding =
      source_.learn(connection, is_unsupported ? std::string(kUnknownStart) : *started_at);
  if (finding == SourceCheck::Finding::restarted) {
    parts_.log.info("Prometheus was restarted; its samples begin anew", {{"start_time", source_.started_at()}});
    for (const auto& destination : destinations_) destination->gate.source_restarted();
  }
  if (term_ && term_started_at_.empty()) {
    term_started_at_ = source_.started_at();
    bind_term();
  }
  if (term_ && term_started_at_ != source_.started_at()) yield(election::Reason::source_restarted);
  changed();
  co_return Result<>();
}

void Gate::bind_term() {
  origin_to_save_ = TermOrigin{.token = term_->token, .started_at = term_started_at_};
  changed_.notify();
}

// A term that is bound to the process stays so: another one ends it when it comes.
void Gate::source_lost() {
  source_.lost();
  for (const auto& destination : destinations_) destination->gate.source_restarted();
  changed();
}

void Gate::arrived(Outlet& outlet, const Batch& batch) {
  if (!batch.times) return;
  const bool has_jumped = outlet.gate().arrived(outlet.stream(), *batch.times, wall_ms());
  if (has_jumped)
    parts_.log.warn("samples are missing in what Prometheus writes", {{"destination", outlet.entry().name}});
  if (has_jumped && term_) yield(election::Reason::source_jumped);
  tell_handicap();
}

std::string Gate::why_held(const Outlet& outlet, const std::string& last_problem) const {
  const Duration hold = outlet.entry().hold;
  if (!last_problem.empty()) return fmt::format("held for {}s: {}", to_seconds(hold), last_problem);
  switch (outlet.gate().state()) {
    case DestinationGate::State::closed:
      return fmt::format("held for {}s: this member follows; nothing is lost, send it again", to_seconds(hold));
    case DestinationGate::State::fencing: return "held: the destination has not been fenced yet";
    case DestinationGate::State::open: return "held: this member may not act as leader at present";
    case DestinationGate::State::shut_out: return "held: the destination has heard of a later leader";
  }
  return "held";
}

// Rule 10: forwards nothing more, and the watermark stays where it is.
void Gate::yield(election::Reason reason) {
  for (const auto& destination : destinations_) destination->gate.end_term();
  term_.reset();
  parts_.log.warn("this member lacks samples that another may have, and yields", {{"reason", to_string(reason)}});
  changed();
  parts_.listener.on_gate_yields(reason);
}

// A disk that is full or read-only is tried again; until then a restart of the sidecar ends its term.
Task<> Gate::keep_origin() {
  while (!co_await cancelled()) {
    BootTime again_at = kNever;
    if (origin_to_save_) {
      const TermOrigin origin = *origin_to_save_;
      const Result<> saved = co_await parts_.origin_file.save(origin);
      if (saved && origin_to_save_ != origin) continue;  // another term has begun meanwhile, and woken nobody
      if (!saved) parts_.log.warn("a restart could not go on with the term", {{"err", saved.error()}});
      if (saved) origin_to_save_.reset();
      if (!saved) again_at = parts_.clock.now() + kOriginRetry;
    }
    do {
      if (!co_await wait_until(changed_, parts_.clock, again_at)) co_return;
    } while (origin_to_save_ && parts_.clock.now() < again_at && again_at != kNever);
  }
}

std::optional<std::string> Gate::to_tell() const {
  GateProgress progress{.sent_ms = wall_ms(), .watermarks_ms = {}, .external_labels = {}};
  for (const auto& outlet : outlets_) {
    if (const auto watermark = outlet->watermark_ms()) progress.watermarks_ms[outlet->key()] = *watermark;
  }
  if (progress.watermarks_ms.empty()) return std::nullopt;
  if (external_labels_) progress.external_labels = told_labels(*external_labels_, *parts_.config.current());
  return format_progress(progress);
}

void Gate::heard(const std::string& told) {
  const Result<GateProgress> progress = parse_progress(told);
  if (!progress) return parts_.log.debug("the lease's progress cannot be read", {{"err", progress.error()}});
  for (const auto& outlet : outlets_) {
    const auto watermark = progress->watermarks_ms.find(outlet->key());
    if (watermark != progress->watermarks_ms.end()) {
      // Anybody may write annotations, and a clock may be wrong: nothing has arrived of what is still to come.
      outlet->gate().heard(outlet->stream(), std::min(watermark->second, wall_ms()));
    }
  }
  // What we find at the start was written at any time before.
  if (!term_) leaders_progress_ = *progress;
  if (std::string leader = parts_.leader(); leader != heard_leader_) {
    clock_difference_.clear();  // another clock
    heard_leader_ = std::move(leader);
  }
  if (!term_ && has_heard_) clock_difference_.add(progress->sent_ms, wall_ms());
  has_heard_ = true;
  changed();
}

std::int64_t Gate::wall_ms() const {
  return std::chrono::floor<std::chrono::milliseconds>(parts_.clock.wall_now().time_since_epoch()).count();
}

void Gate::tell_handicap() {
  Duration handicap{0};
  for (const auto& destination : destinations_) {
    handicap = std::max(handicap, destination->gate.handicap(lease_duration_));
  }
  if (handicap == handicap_) return;
  handicap_ = handicap;
  parts_.listener.on_handicap(handicap);
}

void Gate::show_metrics() const {
  clock_difference_gauge_.set(static_cast<double>(clock_difference_.milliseconds().value_or(0)) / 1000);
  handicap_gauge_.set(to_seconds(handicap_));
  for (const auto& outlet : outlets_) {
    const Outlet::Metrics& metrics = outlet->metrics();
    metrics.held_requests.set(static_cast<double>(outlet->held_requests));
    metrics.held_bytes.set(static_cast<double>(outlet->held_bytes));
    metrics.watermark_seconds.set(static_cast<double>(outlet->watermark_ms().value_or(0)) / 1000);
    metrics.open.set(outlet->gate().state() == DestinationGate::State::open && parts_.has_authority() ? 1 : 0);
  }
}

GateStatus Gate::status() const {
  GateStatus status{.outlets = {},
                    .source_started_at = source_.started_at(),
                    .clock_difference_ms = clock_difference_.milliseconds(),
                    .handicap = handicap_};
  for (const auto& destination : destinations_) {
    for (const Outlet* outlet : destination->outlets) {
      const GateEntry& entry = outlet->entry();
      const DestinationGate::State state = destination->gate.state();
      // What a destination said of an earlier term is over with it.
      const std::string& problem = destination->problem.empty() ? outlet->problem : destination->problem;
      status.outlets.push_back({.name = entry.name,
                                .path = entry.path,
                                .origin = to_string(entry.url.origin),
                                .group = entry.group,
                                .lateness = entry.lateness,
                                .receiver = destination->kind,
                                .state = state,
                                .held_requests = outlet->held_requests,
                                .held_bytes = outlet->held_bytes,
                                .watermark_ms = outlet->watermark_ms(),
                                .counts = outlet->counts(),
                                .problem = state == DestinationGate::State::closed ? "" : problem});
    }
  }
  return status;
}

std::vector<Finding> Gate::inspect(const WriterConfig& config, const GateAddress& address, LeaderAdds leader_adds) {
  external_labels_ = config.external_labels;
  const std::shared_ptr<const GateConfig> gate = parts_.config.current();
  std::vector<Finding> findings = gate_preflight(config, *gate, address, leader_adds);
  if (term_ || !leaders_progress_) return findings;
  std::optional<Finding> labels;
  if (leaders_progress_->external_labels) {
    labels = compare_labels(config.external_labels, *leaders_progress_->external_labels, *gate);
  }
  for (std::optional<Finding> finding : {std::move(labels), compare_destinations(*leaders_progress_, *gate)}) {
    if (finding) findings.push_back(*std::move(finding));
  }
  return findings;
}

}  // namespace promfleet::elector
