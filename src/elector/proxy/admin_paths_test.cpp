#include "elector/proxy/admin_paths.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace promfleet::elector {
namespace {

void expect(std::initializer_list<std::string_view> targets, bool is_administrative) {
  for (const std::string_view target : targets) EXPECT_EQ(is_administration(target), is_administrative) << target;
}

TEST(AdminPaths, LifecycleAndAdminApiAreAdministration) {
  expect({"/-/quit", "/-/reload", "/api/v1/admin/tsdb/snapshot", "/api/v1/admin/tsdb/delete_series", "/api/v1/admin/"},
         true);
}

TEST(AdminPaths, EverySpellingThatTheRouterCleansUpIsAdministration) {
  expect({"//-/quit", "/-//quit", "/-/quit/", "/-/./quit", "/./-/quit", "/x/../-/quit", "/../-/quit", "/-/x/../quit",
          "/-/QUIT", "/API/V1/Admin/tsdb/snapshot", "/api//v1/./admin/tsdb/snapshot",
          "/api/v1/x/../admin/tsdb/snapshot", "/-/quit/.", "/-/quit/x/.."},
         true);
}

TEST(AdminPaths, EscapesAreDecodedOnce) {
  expect({"/%2d/quit", "/%2D/quit", "/-/%71uit", "/-%2fquit", "/%2F-%2Fquit", "/-/%2e/quit", "/x/%2e%2e/-/quit",
          "/api/v1/%61dmin/tsdb/snapshot", "/api%2fv1%2Fadmin/tsdb/snapshot"},
         true);
  expect({"/%252d/quit", "/-/%2571uit"}, false);
}

TEST(AdminPaths, QueryDoesNotHideThePathAndIsNotPartOfIt) {
  expect({"/-/quit?x", "/-/reload?/api/v1/query", "/-/quit?"}, true);
  expect({"/api/v1/query?query=/-/quit", "/graph?/api/v1/admin/tsdb", "/x?/../-/quit"}, false);
  expect({"/-/quit%3Fx"}, false);
}

TEST(AdminPaths, RoutePrefixDoesNotHideThem) {
  expect({"/prometheus/-/quit", "/a/b/-/reload", "/prometheus/api/v1/admin/tsdb/snapshot"}, true);
}

TEST(AdminPaths, OtherPathsAreNot) {
  expect({"/", "", "*", "/-/ready", "/-/healthy", "/-/quit/x", "/quit", "/-quit", "/api/v1/query",
          "/api/v1/status/config", "/api/v1/administration", "/api/v1", "/admin", "/-/quit/..", "/api/v1/admin/..",
          "/-/quit%", "/-/quit%4", "/-/qui%zz"},
         false);
}

}  // namespace
}  // namespace promfleet::elector
