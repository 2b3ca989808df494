// What every LeaseStore promises, as tests that do not know which store they run against.
//
// A test program makes a StoreBackend of its own and instantiates the suites:
//
//   INSTANTIATE_TEST_SUITE_P(File, LeaseStoreConformance, testing::Values(BackendFactory(make_file_backend)));
//
// Include this in one source file of a program: it defines tests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "election/stores/store_backend_testing.h"

namespace promfleet::election {

namespace conformance {

inline LeaseTime at(std::chrono::microseconds after_noon) {
  return std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 12h + after_noon;
}

inline LeaseRecord held_by(std::string holder, LeaseTime renewed = at(3s)) {
  return {.spec = {.holder = std::move(holder),
                   .duration = 15s,
                   .acquire_time = at(1'000'001us),
                   .renew_time = renewed,
                   .transitions = 7,
                   .acquired_by = ProcessNumber(8)}};
}

// A member's watch, with what it was told.
class Watcher {
 public:
  Watcher(Executor executor, Clock& clock, LeaseStore& store) : clock_(clock), told_(executor), scope_(executor) {
    scope_.spawn(watch(store));
  }

  // Waits until the last that was told satisfies `wanted`; false if that takes too long.
  Task<bool> sees(std::function<bool(const std::optional<StoredLease>&)> wanted) {
    const BootTime deadline = clock_.now() + 10s;
    while (clock_.now() < deadline) {
      if (last_ && wanted(*last_)) co_return true;
      if (!co_await wait_until(told_, clock_, deadline)) co_return false;
    }
    co_return false;
  }

  Task<> close() { co_await scope_.close(); }
  // Why it ended; known after close().
  const std::optional<Result<>>& end() const { return end_; }

 private:
  Task<> watch(LeaseStore& store) {
    end_ = co_await store.watch([this](const std::optional<StoredLease>& lease) {
      last_ = lease;
      told_.notify();
    });
  }

  Clock& clock_;
  Signal told_;
  TaskScope scope_;
  std::optional<std::optional<StoredLease>> last_;
  std::optional<Result<>> end_;
};

}  // namespace conformance

template <class Backend>
class ConformanceOf : public testing::TestWithParam<std::function<std::unique_ptr<Backend>()>> {
 protected:
  ConformanceOf() : backend_(this->GetParam()()), a_(backend_->first()), b_(backend_->second()) {}

  BootTime soon() { return backend_->clock().now() + 10s; }

  std::unique_ptr<Backend> backend_;
  LeaseStore& a_;
  LeaseStore& b_;
};

class LeaseStoreConformance : public ConformanceOf<StoreBackend> {};
class LeaseDocumentConformance : public ConformanceOf<DocumentBackend> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LeaseDocumentConformance);

using conformance::at;
using conformance::held_by;
using conformance::Watcher;

TEST_P(LeaseStoreConformance, LeaseThatNobodyCreatedIsNothingAndNoError) {
  backend_->run([this]() -> Task<> { EXPECT_EQ((co_await a_.read(soon())).value(), std::nullopt); });
}

TEST_P(LeaseStoreConformance, CreatedRecordIsReadByEveryMemberToTheMicrosecond) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    EXPECT_EQ(created.record, held_by("a"));
    EXPECT_EQ((co_await a_.read(soon())).value(), created);
    EXPECT_EQ((co_await b_.read(soon())).value(), created);
  });
}

TEST_P(LeaseStoreConformance, SecondCreateConflictsAndChangesNothing) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    EXPECT_EQ((co_await b_.create(held_by("b"), soon())).error().code(), Errc::conflict);
    EXPECT_EQ((co_await b_.read(soon())).value(), created);
  });
}

TEST_P(LeaseStoreConformance, UpdateAtTheExpectedRevisionReplacesTheRecord) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    const StoredLease updated = (co_await a_.update(held_by("a", at(9s)), created.revision, soon())).value();
    EXPECT_GT(updated.revision, created.revision);
    EXPECT_EQ(updated.record, held_by("a", at(9s)));
    EXPECT_EQ((co_await b_.read(soon())).value(), updated);
  });
}

TEST_P(LeaseStoreConformance, UpdateAtAnOldRevisionConflictsAndChangesNothing) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    const StoredLease updated = (co_await b_.update(held_by("b"), created.revision, soon())).value();
    EXPECT_EQ((co_await a_.update(held_by("a", at(9s)), created.revision, soon())).error().code(), Errc::conflict);
    EXPECT_EQ((co_await a_.read(soon())).value(), updated);
  });
}

TEST_P(LeaseStoreConformance, MemberUpdatesAtARevisionThatItLearnedElsewhere) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    const StoredLease updated = (co_await a_.update(held_by("a", at(9s)), created.revision, soon())).value();
    EXPECT_EQ((co_await b_.update(held_by("b"), created.revision, soon())).error().code(), Errc::conflict);
    EXPECT_TRUE(co_await b_.update(held_by("b"), updated.revision, soon()));
  });
}

TEST_P(LeaseStoreConformance, UpdateOfADeletedLeaseIsNotFoundAndCreatesNothing) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    co_await backend_->remove_lease();
    EXPECT_EQ((co_await a_.update(held_by("a", at(9s)), created.revision, soon())).error().code(), Errc::not_found);
    EXPECT_EQ((co_await a_.read(soon())).value(), std::nullopt);
  });
}

TEST_P(LeaseStoreConformance, RevisionsGrowAcrossADeletion) {
  backend_->run([this]() -> Task<> {
    const StoredLease before = (co_await a_.create(held_by("a"), soon())).value();
    co_await backend_->remove_lease();
    const StoredLease after = (co_await b_.create(held_by("b"), soon())).value();
    EXPECT_GT(after.revision, before.revision);
    EXPECT_EQ((co_await a_.update(held_by("a"), before.revision, soon())).error().code(), Errc::conflict);
  });
}

TEST_P(LeaseStoreConformance, ReleaseWithoutHolderAndWithNotesComesBack) {
  backend_->run([this]() -> Task<> {
    const LeaseRecord released{
        .spec = {.duration = 1s, .acquire_time = at(1'000'001us), .renew_time = at(20s), .transitions = 7},
        .notes = {.released_term = at(1'000'001us), .next_holder = "b", .progress = "at 7"}};
    const StoredLease held = (co_await a_.create(held_by("a"), soon())).value();
    const StoredLease stored = (co_await a_.update(released, held.revision, soon())).value();
    EXPECT_EQ(stored.record, released);
    EXPECT_EQ((co_await b_.read(soon())).value(), stored);
  });
}

TEST_P(LeaseStoreConformance, NotesGoWithTheNextRecord) {
  backend_->run([this]() -> Task<> {
    LeaseRecord noted = held_by("a");
    noted.notes = {.released_term = at(5s), .next_holder = "b", .progress = "at 7"};
    const StoredLease created = (co_await a_.create(noted, soon())).value();
    EXPECT_EQ(created.record, noted);
    EXPECT_TRUE(co_await b_.update(held_by("b"), created.revision, soon()));
    EXPECT_EQ((co_await a_.read(soon())).value()->record, held_by("b"));
  });
}

TEST_P(LeaseStoreConformance, OfTwoUpdatesAtOnceOneWins) {
  backend_->run([this]() -> Task<> {
    StoredLease current = (co_await a_.create(held_by("a"), soon())).value();
    for (int round = 1; round <= 20; ++round) {
      std::vector<Result<StoredLease>> results;
      TaskScope scope(co_await asio::this_coro::executor);
      const auto update = [&](LeaseStore& store, std::string holder) -> Task<> {
        const LeaseRecord record = held_by(std::move(holder), at(std::chrono::seconds(10 + round)));
        results.push_back(co_await store.update(record, current.revision, soon()));
      };
      scope.spawn(update(a_, "a"));
      scope.spawn(update(b_, "b"));
      co_await scope.join();
      const bool first_won = results[0].has_value();
      EXPECT_NE(first_won, results[1].has_value());
      EXPECT_EQ((first_won ? results[1] : results[0]).error().code(), Errc::conflict);
      current = first_won ? *results[0] : *results[1];
      EXPECT_EQ((co_await a_.read(soon())).value(), current);
    }
  });
}

TEST_P(LeaseStoreConformance, OfTwoCreatesAtOnceOneWins) {
  backend_->run([this]() -> Task<> {
    std::vector<Result<StoredLease>> results;
    TaskScope scope(co_await asio::this_coro::executor);
    const auto create = [&](LeaseStore& store, std::string holder) -> Task<> {
      results.push_back(co_await store.create(held_by(std::move(holder)), soon()));
    };
    scope.spawn(create(a_, "a"));
    scope.spawn(create(b_, "b"));
    co_await scope.join();
    const bool first_won = results[0].has_value();
    EXPECT_NE(first_won, results[1].has_value());
    EXPECT_EQ((first_won ? results[1] : results[0]).error().code(), Errc::conflict);
  });
}

TEST_P(LeaseStoreConformance, WatchTellsTheLeaseAsItIsAndEachChange) {
  backend_->run([this]() -> Task<> {
    Watcher watcher(co_await asio::this_coro::executor, backend_->clock(), b_);
    EXPECT_TRUE(co_await watcher.sees([](const auto& lease) { return !lease.has_value(); })) << "absent at first";
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    EXPECT_TRUE(co_await watcher.sees([&](const auto& lease) { return lease == created; })) << "created";
    const StoredLease updated = (co_await a_.update(held_by("a", at(9s)), created.revision, soon())).value();
    EXPECT_TRUE(co_await watcher.sees([&](const auto& lease) { return lease == updated; })) << "updated";
    co_await backend_->remove_lease();
    EXPECT_TRUE(co_await watcher.sees([](const auto& lease) { return !lease.has_value(); })) << "deleted";
    co_await watcher.close();
  });
}

TEST_P(LeaseStoreConformance, WatchBeginsWithALeaseThatExists) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    Watcher watcher(co_await asio::this_coro::executor, backend_->clock(), b_);
    EXPECT_TRUE(co_await watcher.sees([&](const auto& lease) { return lease == created; }));
    co_await watcher.close();
  });
}

TEST_P(LeaseStoreConformance, WatcherUpdatesAtTheRevisionThatItWasTold) {
  backend_->run([this]() -> Task<> {
    Watcher watcher(co_await asio::this_coro::executor, backend_->clock(), b_);
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    EXPECT_TRUE(co_await watcher.sees([&](const auto& lease) { return lease == created; }));
    EXPECT_TRUE(co_await b_.update(held_by("b"), created.revision, soon()));
    EXPECT_TRUE(co_await watcher.sees([](const auto& lease) { return lease && lease->record == held_by("b"); }));
    co_await watcher.close();
  });
}

TEST_P(LeaseStoreConformance, CancelledWatchEnds) {
  backend_->run([this]() -> Task<> {
    Watcher watcher(co_await asio::this_coro::executor, backend_->clock(), b_);
    EXPECT_TRUE(co_await watcher.sees([](const auto& lease) { return !lease.has_value(); }));
    co_await watcher.close();
    EXPECT_EQ(watcher.end().value().error().code(), Errc::cancelled);
  });
}

TEST_P(LeaseDocumentConformance, UpdateKeepsWhatOthersPutIntoTheDocument) {
  backend_->run([this]() -> Task<> {
    EXPECT_TRUE(co_await a_.create(held_by("a"), soon()));
    co_await backend_->edit_document([](json::Object& document) {
      json::Object& metadata = document["metadata"].as_object();
      metadata["labels"] = {{"team", "observability"}};
      metadata["annotations"].as_object()["example.com/note"] = "keep me";
    });
    const StoredLease seen = (co_await b_.read(soon())).value().value();
    EXPECT_EQ(seen.record, held_by("a"));
    LeaseRecord noted = held_by("b");
    noted.notes.next_holder = "c";
    const StoredLease updated = (co_await b_.update(noted, seen.revision, soon())).value();
    EXPECT_TRUE(co_await b_.update(held_by("b", at(9s)), updated.revision, soon()));
    const json::Object document = co_await backend_->document();
    EXPECT_EQ(document.at("metadata").at("labels").at("team"), "observability");
    EXPECT_EQ(document.at("metadata").at("annotations"),
              (json::Value{{"promfleet.io/acquired-by", "8"}, {"example.com/note", "keep me"}}));
  });
}

TEST_P(LeaseDocumentConformance, ChangeByOthersConflictsUntilItWasRead) {
  backend_->run([this]() -> Task<> {
    const StoredLease created = (co_await a_.create(held_by("a"), soon())).value();
    co_await backend_->edit_document(
        [](json::Object& document) { document["metadata"].as_object()["labels"] = {{"team", "observability"}}; });
    EXPECT_EQ((co_await a_.update(held_by("a", at(9s)), created.revision, soon())).error().code(), Errc::conflict);
    const StoredLease edited = (co_await a_.read(soon())).value().value();
    EXPECT_EQ(edited.record, created.record);
    EXPECT_GT(edited.revision, created.revision);
    EXPECT_TRUE(co_await a_.update(held_by("a", at(9s)), edited.revision, soon()));
  });
}

TEST_P(LeaseDocumentConformance, LeaseBlankedByHandIsARecordWithoutHolder) {
  backend_->run([this]() -> Task<> {
    EXPECT_TRUE(co_await a_.create(held_by("a"), soon()));
    co_await backend_->edit_document([](json::Object& document) { document["spec"] = json::Object(); });
    const StoredLease blank = (co_await b_.read(soon())).value().value();
    EXPECT_EQ(blank.record, (LeaseRecord{.spec = {.acquired_by = ProcessNumber(8)}}));
    EXPECT_TRUE(co_await b_.update(held_by("b"), blank.revision, soon()));
    EXPECT_EQ((co_await a_.read(soon())).value()->record, held_by("b"));
  });
}

}  // namespace promfleet::election
