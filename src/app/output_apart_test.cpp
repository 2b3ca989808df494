#include "app/output_apart.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/temporary_folder.h"

namespace promfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A folder with the input e.yml.
class OutputApart : public testing::Test {
 protected:
  OutputApart() {
    std::ofstream(path("e.yml")) << "follower: {}\n";
    options_.config = path("e.yml");
    options_.output = path("out.yml");
  }

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string mistake() const {
    const Result<> apart = keep_output_apart(options_);
    return apart ? "none" : apart.error().message();
  }
  std::string mistake_with_output(const std::string& output) {
    options_.output = output;
    return mistake();
  }

  TemporaryFolder folder_;
  ElectorOptions options_;
};

TEST_F(OutputApart, AnotherFileIsNoMistakeWhetherItIsThereOrNot) {
  EXPECT_EQ(mistake(), "none");
  std::ofstream(path("out.yml")) << "follower: {}\n";
  EXPECT_EQ(mistake(), "none");
}

TEST_F(OutputApart, SameFileIsFoundByWhateverSpelling) {
  EXPECT_EQ(mistake_with_output(path("e.yml")),
            "flag -output: " + path("e.yml") + ", which is written, is the file of -config too; write to another");
  EXPECT_THAT(mistake_with_output(path("./e.yml")), HasSubstr("-config"));
  EXPECT_THAT(mistake_with_output(std::filesystem::relative(path("e.yml")).string()), HasSubstr("-config"));
}

TEST_F(OutputApart, SameFileIsFoundThroughLinksOfEitherSide) {
  std::filesystem::create_symlink("e.yml", path("link.yml"));
  EXPECT_THAT(mistake_with_output(path("link.yml")), HasSubstr("-config"));
  options_.config = path("link.yml");
  EXPECT_THAT(mistake_with_output(path("e.yml")), HasSubstr("-config"));
  std::filesystem::create_directory_symlink(".", path("folder"));
  EXPECT_THAT(mistake_with_output(path("folder/e.yml")), HasSubstr("-config"));
}

TEST_F(OutputApart, InputThatIsNotThereYetIsFoundToo) {
  options_.leader_config = path("leader.yml");
  EXPECT_THAT(mistake_with_output(path("./leader.yml")), HasSubstr("-leader-config"));
}

TEST_F(OutputApart, EveryFileThatIsReadCounts) {
  const std::vector<std::pair<std::string, std::string ElectorOptions::*>> others = {
      {"-prometheus.http-config", &ElectorOptions::prometheus_http_config},
      {"-kubeconfig", &ElectorOptions::kubeconfig},
      {"-etcd-cacert", &ElectorOptions::etcd_cacert},
      {"-etcd-cert", &ElectorOptions::etcd_cert},
      {"-etcd-key", &ElectorOptions::etcd_key},
      {"-etcd-password-file", &ElectorOptions::etcd_password_file},
      {"-lease-file", &ElectorOptions::lease_file},
      {"-gate-config", &ElectorOptions::gate_config},
      {"-web.config.file", &ElectorOptions::web_config_file},
  };
  for (const auto& [flag, member] : others) {
    options_.*member = path("./out.yml");
    EXPECT_THAT(mistake(), HasSubstr("is the file of " + flag + " too"));
    (options_.*member).clear();
  }
}

TEST_F(OutputApart, FilesThatAreKeptBesideTheOutputCountAsWritten) {
  for (const char* kept : {"out.yml.follower", "out.yml.elector-state", "out.yml.gate-state"}) {
    options_.leader_config = path(kept);
    EXPECT_THAT(mistake(), AllOf(HasSubstr(path(kept)), HasSubstr("-leader-config")));
  }
}

}  // namespace
}  // namespace promfleet
