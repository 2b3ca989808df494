#include "tests/fencing_sink/journal.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/temporary_folder.h"

namespace promfleet::remote_write {
namespace {

using testing::HasSubstr;

const JournalRecord kFirst{.head = "first", .body = std::string("\0body", 5)};
const JournalRecord kSecond{.head = "second", .body = ""};
const JournalRecord kThird{.head = "third", .body = "three"};

class JournalTest : public testing::Test {
 protected:
  Result<Journal> open() {
    records_.clear();
    return Journal::open(path(), [this](const JournalRecord& record) {
      records_.push_back(record);
      return Result<>();
    });
  }

  void append(const std::vector<JournalRecord>& records) {
    Result<Journal> journal = open();
    ASSERT_TRUE(journal);
    for (const JournalRecord& record : records) ASSERT_TRUE(journal->append(record.head, record.body));
  }

  std::string path() const { return folder_.path() + "/journal"; }
  std::uintmax_t bytes() const { return std::filesystem::file_size(path()); }

  std::vector<JournalRecord> records_;

 private:
  TemporaryFolder folder_;
};

TEST_F(JournalTest, RecordsAreThereAgainInTheirOrder) {
  append({kFirst, kSecond});
  append({kThird});
  ASSERT_TRUE(open());
  EXPECT_THAT(records_, testing::ElementsAre(kFirst, kSecond, kThird));
}

TEST_F(JournalTest, RecordThatWasCutOffIsForgottenAndTheNextOneFollowsThoseBefore) {
  append({kFirst, kSecond});
  const std::uintmax_t whole = bytes();
  append({kThird});
  const std::uintmax_t end = bytes();
  for (std::uintmax_t cut = whole; cut < end; ++cut) {
    std::filesystem::resize_file(path(), cut);
    append({kThird});
    EXPECT_EQ(bytes(), end) << "cut at " << cut;
    ASSERT_TRUE(open());
    EXPECT_THAT(records_, testing::ElementsAre(kFirst, kSecond, kThird)) << "cut at " << cut;
  }
}

TEST_F(JournalTest, RecordThatWasChangedIsAnErrorThatSaysWhere) {
  append({kFirst, kSecond});
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(18);
  file.put('X');
  file.close();
  const Result<Journal> journal = open();
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message(), HasSubstr("journal: the record at 0 is damaged"));
}

TEST_F(JournalTest, RecordThatItsReaderRefusesEndsTheStart) {
  append({kFirst});
  const Result<Journal> journal =
      Journal::open(path(), [](const JournalRecord&) -> Result<> { return fail(Errc::invalid_input, "no"); });
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message(), HasSubstr("the record at 0: no"));
}

}  // namespace
}  // namespace promfleet::remote_write
