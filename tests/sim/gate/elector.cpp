#include "tests/sim/gate/elector.h"

#include <algorithm>
#include <utility>

namespace promfleet::sim::gate {

namespace {

using namespace election;

constexpr Duration kProbePeriod = 2s;
constexpr Duration kLoopbackMin{100us};
constexpr Duration kLoopbackMax{2ms};

}  // namespace

Elector::Elector(const Setup& setup, const Writer::Setup& writer, Probing probing, const World& world,
                 Receiver& receiver)
    : Candidate(setup, world),
      probing_(probing),
      world_(world),
      receiver_(receiver),
      receiver_link_(world.timeline, world.chance, world.receiver_weather),
      writer_(writer, world, clock()) {
  writer_.write_to(*this);
}

void Elector::start() {
  begin();
  first_connection_ = connections_ + 1;
  is_gate_closed_ = true;
  is_prometheus_demoted_ = false;
  heard_.clear();
  health_ = Health::unfit;
  gate_.emplace(world_, static_cast<GateHost&>(*this));
  gate_->start();
  happens(ConfigChanged{ConfigHash(1)});
  tell_started();
  if (probing_ == Probing::of_health) return probe();
  happens(HealthChanged{Health::fit});
}

// The gate may be at work at this moment, and stays as it is until the next life.
void Elector::ended() {
  for (const PostPtr& post : std::exchange(posts_, {})) post->answer(0);
}

bool Elector::could_lead() {
  if (!lives() || process().is_frozen() || link().is_cut()) return false;
  if (!writer_.lives() || writer_.process().is_frozen()) return false;
  const StoredLease* lease = machine().view().stored();
  if (lease != nullptr && lease->record.notes.next_holder) return false;
  return machine().role() == Role::following && machine().health() == Health::fit &&
         machine().stands_back_until() <= now();
}

void Elector::lose_files() {
  lose_state_file();
  origin_file_.reset();
}

void Elector::probe() {
  const Health found = writer_.lives() && !writer_.process().is_frozen() ? Health::fit : Health::unfit;
  if (found != std::exchange(health_, found)) happens(HealthChanged{found});
  world_.timeline.after(kProbePeriod, process().guarded([this] { probe(); }));
}

void Elector::promote(const Promote& command) {
  is_gate_closed_ = false;
  gate_->open(command.term, command.reason);
  tell(Promoted{});
}

// The follower's configuration is loaded meanwhile.
void Elector::demote(const Demote& command) {
  is_gate_closed_ = false;
  is_prometheus_demoted_ = false;
  const Duration longest = world_.chance.happens(0.1) ? Duration(4s) : Duration(300ms);
  world_.timeline.after(world_.chance.between(1ms, longest), process().guarded([this, demotion = ++demotions_] {
    if (demotion != demotions_) return;
    is_prometheus_demoted_ = true;
    tell_demotion();
  }));
  gate_->close(command.reason);
}

void Elector::gate_closed() {
  is_gate_closed_ = true;
  tell_demotion();
}

void Elector::tell_demotion() {
  if (is_gate_closed_ && is_prometheus_demoted_) tell(Demoted{});
}

// As ElectionRunner::with_progress.
void Elector::about_to_write(LeaseRecord& record) {
  record.notes.progress = gate_->to_tell();
  const StoredLease* lease = machine().view().stored();
  if (!record.notes.progress && lease != nullptr) record.notes.progress = lease->record.notes.progress;
}

// As ElectionRunner::hears_news.
bool Elector::hears(const Event& event) {
  const std::optional<StoredLease>* lease = nullptr;
  if (const auto* watched = std::get_if<Watched>(&event)) lease = &watched->lease;
  if (const auto* answer = std::get_if<ReadAnswered>(&event)) lease = &answer->lease;
  if (lease == nullptr || !*lease || !(*lease)->record.notes.progress) return false;
  const StoredLease* known = machine().view().stored();
  const bool is_older = known != nullptr && (*lease)->revision < known->revision;
  if (is_older || *(*lease)->record.notes.progress == heard_) return false;
  heard_ = *(*lease)->record.notes.progress;
  gate_->heard(heard_);
  return true;
}

std::int64_t Elector::wall_ms() {
  const WallTime wall = clock().wall(world_.timeline.now());
  return std::chrono::floor<std::chrono::milliseconds>(wall.time_since_epoch()).count();
}

void Elector::at(BootTime when, std::function<void()> happens) {
  world_.timeline.at(clock().when(when), process().guarded(std::move(happens)));
}

void Elector::write(std::uint64_t token, const BatchPtr& batch, Receiver::Answered answered) {
  const auto arrives = [this, token, batch](Receiver::Answered to) {
    receiver_.write(remote_write::FencingToken(token), batch, std::move(to));
  };
  call_receiver(arrives, answered);
}

void Elector::fence(const remote_write::FenceRequest& request, Receiver::Answered answered) {
  const auto arrives = [this, request](Receiver::Answered to) { receiver_.fence(request, std::move(to)); };
  call_receiver(arrives, answered);
}

// A request may come twice, as from a proxy that has tried again; the answer to the second finds nobody.
void Elector::call_receiver(const std::function<void(Receiver::Answered)>& arrives,
                            const Receiver::Answered& answered) {
  const auto back = [this, answered, life = process().life()](Receiver::Answer answer,
                                                              const Receiver::Watermarks& watermarks) {
    if (life != process().life()) return;
    receiver_link_.send(process().guarded([answered, answer, watermarks] { answered(answer, watermarks); }), [] {});
  };
  const auto failed =
      process().guarded([answered] { answered(Receiver::Answer::unavailable, Receiver::Watermarks()); });
  send_to_receiver([arrives, back] { arrives(back); }, failed);
  if (world_.chance.happens(world_.receiver_weather.doubled)) {
    send_to_receiver([arrives] { arrives([](Receiver::Answer, const Receiver::Watermarks&) {}); }, [] {});
  }
}

void Elector::freeze_in_sending(Duration how_long, std::function<void()> frozen) {
  freezes_for_ = how_long;
  frozen_ = std::move(frozen);
}

void Elector::send_to_receiver(std::function<void()> arrives, std::function<void()> failed) {
  if (freezes_for_ == Duration::zero()) return receiver_link_.send(std::move(arrives), std::move(failed));
  world_.trace.line(name(), "freezes in sending");
  process().freeze(std::exchange(freezes_for_, Duration::zero()));
  process().guarded(
      [this, arrives = std::move(arrives), failed = std::move(failed)] { receiver_link_.send(arrives, failed); })();
  frozen_();
}

void Elector::ask_start_time(std::function<void(std::optional<std::string>)> answered) {
  writer_.ask(
      [this, answered = std::move(answered), life = process().life()](const std::optional<std::string>& started_at) {
        if (life == process().life()) process().guarded([answered, started_at] { answered(started_at); })();
      });
}

http::ConnectionNumber Elector::connect(std::optional<http::ConnectionNumber> former) {
  if (former && former->value() >= first_connection_) return *former;
  return http::ConnectionNumber(++connections_);
}

void Elector::post(const PostPtr& post) {
  if (!lives()) return post->answer(0);
  const auto answer = std::move(post->answer);
  posts_.push_back(post);
  post->answer = [this, answer, post = post.get()](int status) {
    std::erase_if(posts_, [&](const PostPtr& open) { return open.get() == post; });
    answer(status);
  };
  world_.timeline.after(world_.chance.between(kLoopbackMin, kLoopbackMax),
                        process().guarded([this, post] { gate_->take(post); }));
}

// Not before the request itself.
void Elector::leave(const PostPtr& post) {
  if (!lives()) return;
  std::erase(posts_, post);
  world_.timeline.after(kLoopbackMax, process().guarded([this, post] { gate_->client_left(post); }));
}

}  // namespace promfleet::sim::gate
