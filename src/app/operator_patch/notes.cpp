#include "app/operator_patch/notes.h"

namespace promfleet::operator_patch {

namespace {

bool has_gate(const Options& options) {
  return !options.gate_config_secret.empty();
}

std::string replica_label_note(const Object& object, const Options& options) {
  if (is_replica_label_to_be_cleared(object)) {
    return "replicaExternalLabelName is now \"\": else the operator labels what each member writes with its own name, "
           "and every series begins anew when another leads";
  }
  const std::string label = object.replica_label.value_or("prometheus_replica");
  if (label.empty()) return "";
  const std::string remedy =
      has_gate(options)
          ? fmt::format("in gate.yaml: drop_labels: [{}]", label)
          : fmt::format("in the leader's remote_write: write_relabel_configs: [{{action: labeldrop, regex: {}}}]",
                        label);
  return fmt::format(
      "replicaExternalLabelName: the label {} tells members apart, so every series begins anew when "
      "another leads. Drop it {}",
      label, remedy);
}

bool wants_client_certificate(const Object& object) {
  return object.client_auth && object.client_auth->starts_with("Require");
}

}  // namespace

Result<> check(const Object& object, const Options& options) {
  if (options.proxy == LeaderProxy::on && object.is_local) {
    return fail(Errc::invalid_input, "flag -proxy: with listenLocal no member's Prometheus can be reached by another");
  }
  return {};
}

bool is_replica_label_to_be_cleared(const Object& object) {
  return !object.replica_label && !object.has_thanos;
}

std::vector<std::string> notes(const Object& object, const Options& options) {
  std::vector<std::string> all;
  if (object.replicas < 2) {
    all.push_back(fmt::format("replicas is {}: there is nobody to take over. Set replicas: 2", object.replicas));
  }
  if (object.has_remote_write && !has_gate(options)) {
    all.emplace_back(
        "remoteWrite is what every member does, whether it leads or not: move it to the leader's "
        "configuration");
  }
  if (std::string label = replica_label_note(object, options); !label.empty()) all.push_back(std::move(label));
  if (wants_client_certificate(object)) {
    all.push_back(
        fmt::format("web.tlsConfig has clientAuthType: {}: give the elector a file with a client certificate, "
                    "by -arg=-prometheus.http-config=FILE and a volume",
                    *object.client_auth));
  }
  if (options.leader_config_secret.empty()) {
    all.push_back(fmt::format("the Secret {}/{} with the key leader.yaml has to be there before the pods start",
                              object.namespace_name, leader_secret(object, options)));
  }
  return all;
}

std::string secret_to_be_created(const Object& object, const Options& options) {
  return fmt::format(
      "# What leadership adds to Prometheus' configuration. Create it once; it is a comment so that applying this "
      "text\n"
      "# again does not overwrite it.\n"
      "# ---\n"
      "# apiVersion: v1\n"
      "# kind: Secret\n"
      "# metadata:\n"
      "#   name: {}\n"
      "#   namespace: {}\n"
      "# stringData:\n"
      "{}",
      leader_secret(object, options), object.namespace_name,
      has_gate(options) ? "#   leader.yaml: \"\"\n"
                        : "#   leader.yaml: |\n"
                          "#     remote_write:\n"
                          "#       - url: https://storage.example/api/v1/write\n");
}

}  // namespace promfleet::operator_patch
