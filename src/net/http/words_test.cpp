#include "net/http/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::http {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ShownWords, StandOnOneLineWithoutControlCharacters) {
  EXPECT_EQ(shown_words(" \n out of\r\n\t order \x1b[31m sample\x7f\n", {}), "out of order [31m sample");
  EXPECT_EQ(shown_words(std::string_view("a\0b", 3), {}), "a b");
  EXPECT_EQ(shown_words(" \r\n", {}), "");
}

TEST(ShownWords, KeepLettersOfAllLanguages) {
  EXPECT_EQ(shown_words("außer der Reihe: 順序", {}), "außer der Reihe: 順序");
}

TEST(ShownWords, AreCutBetweenCharacters) {
  EXPECT_EQ(shown_words(std::string(5000, 'x'), {}).size(), kWordsBytesMax);
  EXPECT_EQ(shown_words(std::string(511, 'x') + "ß", {}), std::string(511, 'x'));
  EXPECT_EQ(shown_words(std::string(510, 'x') + "ß", {}), std::string(510, 'x') + "ß");
  EXPECT_EQ(shown_words(std::string(511, 'x') + " y", {}), std::string(511, 'x'));
}

TEST(ShownWords, HideTheSecretWhereverItStands) {
  EXPECT_EQ(shown_words("key=hush: no such path /write?key=hush", {"key=hush"}),
            "<secret>: no such path /write?<secret>");
}

TEST(ShownWords, HideTheSecretBeforeTheyAreCut) {
  const std::string words = shown_words(std::string(500, 'x') + " key=hush-hush-hush", {"key=hush-hush-hush"});
  EXPECT_THAT(words, EndsWith("x <secret>"));
  EXPECT_THAT(shown_words(std::string(507, 'x') + "key=hush", {"key=hush"}), Not(HasSubstr("key")));
}

TEST(ShownWords, HideEverySecret) {
  EXPECT_EQ(shown_words("key=hush Bearer token", {"key=hush", "", "token"}), "<secret> Bearer <secret>");
}

TEST(Credentials, AreWhatFollowsTheScheme) {
  Fields fields;
  EXPECT_THAT(credentials_of(fields), ElementsAre(""));
  fields.set("authorization", "Bearer abc.def");
  EXPECT_THAT(credentials_of(fields), ElementsAre("abc.def"));
  fields.set("Authorization", "etcd.1234");
  EXPECT_THAT(credentials_of(fields), ElementsAre("etcd.1234"));
}

}  // namespace
}  // namespace promfleet::http
