#include "kube/watch_event.h"

#include <gtest/gtest.h>

namespace promfleet::kube {
namespace {

json::Object line(std::string_view text) {
  return json::parse(text).value().as_object();
}

TEST(WatchEvent, HasATypeAndAnObject) {
  const std::pair<const char*, EventType> types[] = {{"ADDED", EventType::added},
                                                     {"MODIFIED", EventType::modified},
                                                     {"DELETED", EventType::deleted},
                                                     {"BOOKMARK", EventType::bookmark},
                                                     {"ERROR", EventType::error}};
  for (const auto& [name, type] : types) {
    const json::Object text = line(fmt::format(R"({{"type":"{}","object":{{"a":1}}}})", name));
    EXPECT_EQ(read_event(text)->type, type);
    EXPECT_EQ(read_event(text)->object.at("a"), 1);
  }
}

TEST(WatchEvent, AnythingElseIsAProtocolError) {
  for (const char* text : {"{}", R"({"type":"ADDED"})", R"({"type":"NEW","object":{}})", R"({"object":{}})",
                           R"({"type":"ADDED","object":[]})"}) {
    EXPECT_EQ(read_event(line(text)).error().code(), Errc::protocol) << text;
  }
}

}  // namespace
}  // namespace promfleet::kube
