#include "app/elector_process.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/temporary_folder.h"

namespace promfleet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// An elector that is constructed and not run, in a folder of its own.
class ElectorProcessTest : public testing::Test {
 protected:
  ElectorProcessTest() {
    options_.config = write("elector.yml", "follower: {}\n");
    options_.output = path("prometheus.yml");
    options_.notify_http_url = "http://127.0.0.1:9090/-/reload";
    options_.lease_backend = "file";
    options_.lease_file = path("lease");
  }

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  Result<std::unique_ptr<ElectorProcess>> create() {
    std::vector<char*> variables;
    for (std::string& variable : environment_) variables.push_back(variable.data());
    variables.push_back(nullptr);
    return ElectorProcess::create(options_, ProcessEnvironment(variables.data()));
  }
  // What is wrong, while nothing may be touched.
  std::string mistake() {
    const std::set<std::string> before = files();
    const auto process = create();
    EXPECT_EQ(files(), before);
    return process ? "no mistake" : process.error().message();
  }

  TemporaryFolder folder_;
  ElectorOptions options_;
  std::vector<std::string> environment_ = {"POD_NAME=prometheus-0"};
};

TEST_F(ElectorProcessTest, IsConstructedWithoutTouchingMoreThanItsLock) {
  ASSERT_TRUE(create());
  EXPECT_THAT(files(), ElementsAre("elector.yml", "prometheus.yml.elector-state.lock"));
}

TEST_F(ElectorProcessTest, ConfigurationThatIsBrokenIsNoMistakeOfTheCommandLine) {
  write("elector.yml", "follower: [\n");
  EXPECT_TRUE(create());
}

TEST_F(ElectorProcessTest, SecondElectorForTheSameOutputIsRefused) {
  const auto first = create();
  ASSERT_TRUE(first);
  EXPECT_THAT(mistake(), AllOf(StartsWith("locking the state file: "), HasSubstr("another process holds it")));
}

TEST_F(ElectorProcessTest, ServiceManagerThatCannotBeToldAnythingIsNamed) {
  environment_.emplace_back("NOTIFY_SOCKET=vsock:2:1234");
  const auto process = create();
  ASSERT_FALSE(process);
  EXPECT_THAT(process.error().message(), HasSubstr("NOTIFY_SOCKET=vsock:2:1234"));
}

TEST_F(ElectorProcessTest, OutputFolderThatIsNotThereIsNamed) {
  options_.output = path("none/prometheus.yml");
  EXPECT_THAT(mistake(), HasSubstr(path("none/prometheus.yml.elector-state.lock") + ": No such file or directory"));
}

TEST_F(ElectorProcessTest, WrongUrlsAreShown) {
  options_.notify_http_url = "http://127.0.0.1:99999/-/reload";
  EXPECT_THAT(mistake(), HasSubstr("\"http://127.0.0.1:99999/-/reload\" has a wrong port"));
  options_.notify_http_url = "http://127.0.0.1:9090/-/reload";
  options_.readiness_http_url = "http://";
  EXPECT_THAT(mistake(), HasSubstr("\"http://\" has no host"));
  options_.readiness_http_url = "";
  options_.healthcheck_http_url = "http://user:secret@prom/-/healthy";
  EXPECT_THAT(mistake(), AllOf(HasSubstr("prom holds a user name or password"), Not(HasSubstr("secret"))));
}

TEST_F(ElectorProcessTest, WebConfigurationThatIsMissingOrWrongIsNamed) {
  options_.web_config_file = path("web.yml");
  EXPECT_THAT(mistake(), HasSubstr(path("web.yml") + ": No such file or directory"));
  write("web.yml", "basic_auth_users: []\n");
  EXPECT_THAT(mistake(), StartsWith(path("web.yml") + ": line 1, column 19: "));
}

TEST_F(ElectorProcessTest, HttpConfigurationThatIsMissingOrWrongIsNamed) {
  options_.prometheus_http_config = path("http.yml");
  EXPECT_THAT(mistake(), HasSubstr(path("http.yml") + ": No such file or directory"));
  write("http.yml", "basic_auth: {username: u, password_file: none}\n");
  EXPECT_THAT(mistake(), AllOf(HasSubstr(path("http.yml")), HasSubstr(path("none") + ": No such file or directory")));
}

TEST_F(ElectorProcessTest, GateConfigurationThatIsMissingOrWrongIsNamed) {
  options_.gate_config = path("gate.yml");
  EXPECT_THAT(mistake(), HasSubstr(path("gate.yml") + ": No such file or directory"));
  write("gate.yml", "- path: /api/v1/write\n");
  EXPECT_THAT(mistake(), StartsWith(path("gate.yml") + ": line 1, column 3: url is missing"));
}

TEST_F(ElectorProcessTest, RootsAreReadIfAnyUrlOfPrometheusIsTls) {
  environment_.push_back("SSL_CERT_FILE=" + write("roots.pem", "no certificate"));
  EXPECT_TRUE(create());
  for (std::string* url : {&options_.notify_http_url, &options_.readiness_http_url, &options_.healthcheck_http_url}) {
    const std::string before = std::exchange(*url, "https://127.0.0.1:9090/x");
    EXPECT_THAT(mistake(), HasSubstr(path("roots.pem")));
    *url = before;
  }
}

TEST_F(ElectorProcessTest, KubeconfigThatIsMissingOrWrongIsNamed) {
  options_.lease_backend = "kubernetes";
  options_.kubeconfig = path("kubeconfig");
  EXPECT_THAT(mistake(), HasSubstr(path("kubeconfig") + ": No such file or directory"));
  write("kubeconfig", "clusters: 5\n");
  EXPECT_THAT(mistake(), HasSubstr(path("kubeconfig") + ": "));
}

TEST_F(ElectorProcessTest, OutsideOfAClusterAKubeconfigIsAskedFor) {
  options_.lease_backend = "kubernetes";
  EXPECT_THAT(mistake(), HasSubstr("-kubeconfig"));
}

TEST_F(ElectorProcessTest, FilesForEtcdThatAreMissingAreNamed) {
  options_.lease_backend = "etcd";
  options_.etcd_endpoints = "https://127.0.0.1:2379";
  options_.etcd_cacert = path("ca.pem");
  EXPECT_THAT(mistake(), HasSubstr(path("ca.pem") + ": No such file or directory"));
  options_.etcd_cacert = "";
  options_.etcd_cert = path("cert.pem");
  options_.etcd_key = path("key.pem");
  EXPECT_THAT(mistake(), HasSubstr(path("cert.pem") + ": No such file or directory"));
}

TEST_F(ElectorProcessTest, LeaseTimesThatDoNotFitAreRefused) {
  options_.lease_renew_deadline = options_.lease_duration;
  EXPECT_THAT(mistake(), HasSubstr("must be less than"));
}

}  // namespace
}  // namespace promfleet
