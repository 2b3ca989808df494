#include "net/http/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::http {
namespace {

std::string text_of(const Fields& fields) {
  std::string text;
  for (const Field field : fields) text.append(field.name).append("=").append(field.value).append(";");
  return text;
}

TEST(Fields, KeepsOrderAndSpellingAndFindsWithoutCase) {
  Fields fields;
  fields.add("X-First", "1");
  fields.add("host", "example");
  fields.add("x-first", "2");
  EXPECT_EQ(text_of(fields), "X-First=1;host=example;x-first=2;");
  EXPECT_EQ(fields.find("HOST"), "example");
  EXPECT_EQ(fields.find("x-FIRST"), "1");
  EXPECT_EQ(fields.find("x-firs"), std::nullopt);
}

TEST(Fields, SetReplacesEveryFieldOfThatName) {
  Fields fields;
  fields.add("a", "1");
  fields.add("b", "2");
  fields.add("A", "3");
  fields.set("a", "4");
  EXPECT_EQ(text_of(fields), "b=2;a=4;");
}

TEST(Fields, TakesItsOwnTextAsNewNamesAndValues) {
  Fields fields;
  fields.add("name", std::string(100, 'x'));
  for (int i = 0; i < 20; ++i) fields.add(fields[0].name, fields[0].value);
  EXPECT_EQ(fields[20].name, "name");
  EXPECT_EQ(fields[20].value, std::string(100, 'x'));
  fields.set(fields[0].name, fields[0].value);
  EXPECT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields.find("name"), std::string(100, 'x'));
}

TEST(Fields, TokensAreFoundInListsOverSeveralFields) {
  Fields fields;
  fields.add("Connection", "foo ,\tClose");
  fields.add("connection", "upgrade");
  EXPECT_TRUE(fields.has_token("connection", "close"));
  EXPECT_TRUE(fields.has_token("connection", "Upgrade"));
  EXPECT_TRUE(fields.has_token("connection", "foo"));
  EXPECT_FALSE(fields.has_token("connection", "clos"));
  EXPECT_FALSE(fields.has_token("te", "close"));
}

TEST(PathOf, EndsBeforeTheQuery) {
  EXPECT_EQ(path_of("/a/b?c=/d?e"), "/a/b");
  EXPECT_EQ(path_of("/a"), "/a");
}

}  // namespace
}  // namespace promfleet::http
