#include "app/gate_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"

namespace promfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

using Words = std::vector<std::string>;

std::string mistake_in(const Words& words) {
  return parse_gate_values_options(words).error().message();
}

TEST(GateValuesCommandLine, NamesTheConfiguration) {
  const auto options = parse_gate_values_options(Words{"-gate-config", "gate.yaml", "--gate-listen-address=:9097"});
  EXPECT_EQ((*options)->gate_config, "gate.yaml");
  EXPECT_EQ((*options)->gate_listen_address, ":9097");
}

TEST(GateValuesCommandLine, HelpIsNoMistakeAndNamesTheFlags) {
  EXPECT_EQ(parse_gate_values_options(Words{"--help"}).value(), std::nullopt);
  EXPECT_THAT(gate_values_help(), AllOf(HasSubstr("-gate-config"), HasSubstr("(default \"127.0.0.1:9096\")")));
}

TEST(GateValuesCommandLine, MistakesAreNamed) {
  EXPECT_THAT(mistake_in({}), HasSubstr("-gate-config is required"));
  EXPECT_THAT(mistake_in({"-gate-config=g", "-gate-listen-address=localhost"}), HasSubstr("has no port"));
  EXPECT_THAT(mistake_in({"-gate-config=g", "-gate-listen-address=:0"}), HasSubstr("has no port"));
  EXPECT_THAT(mistake_in({"-gate-config=g", "stray"}), HasSubstr("unexpected argument \"stray\""));
  EXPECT_THAT(mistake_in({"-gate-confi=g"}), HasSubstr("gate-config"));
}

TEST(GateValues, AreMadeFromTheFile) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.replace("/gate.yaml", "- {url: 'http://hub/api/v1/write', path: /hub}\n", 0600));
  const GateValuesOptions options{.gate_config = "/gate.yaml", .gate_listen_address = ":9097"};
  EXPECT_THAT(gate_values(options, files, ProcessEnvironment(nullptr)).value(),
              HasSubstr("\n    url: http://127.0.0.1:9097/hub\n"));
  ASSERT_TRUE(files.replace("/web.yaml", "basic_auth_users: {}\nuri: x\n", 0600));
  const GateValuesOptions guarded{.gate_config = "/gate.yaml", .web_config_file = "/web.yaml"};
  EXPECT_THAT(gate_values(guarded, files, ProcessEnvironment(nullptr)).error().message(),
              StartsWith("/web.yaml: line 2"));
  ASSERT_TRUE(files.replace("/gate.yaml", "- {uri: x}\n", 0600));
  EXPECT_THAT(gate_values(options, files, ProcessEnvironment(nullptr)).error().message(),
              StartsWith("/gate.yaml: line 1, column "));
}

}  // namespace
}  // namespace promfleet
