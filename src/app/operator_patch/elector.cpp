#include "app/operator_patch/elector.h"

#include <algorithm>

#include "app/operator_patch/tree.h"

namespace promfleet::operator_patch {

namespace {

constexpr std::string_view kLeaderFolder = "/etc/promfleet/leader";
constexpr std::string_view kGateFolder = "/etc/promfleet/gate";
constexpr std::string_view kHttpFolder = "/etc/promfleet/http";
constexpr std::string_view kHttpFile = "http-config.yaml";

// Prometheus' image runs as nobody where the pod says nothing else.
constexpr std::string_view kImagesUser = "65534";

std::string http_config_map(const Object& object) {
  return object.stem + "-elector-http";
}

// The Lease's name as an argument of the container: Kubernetes fills in $(SHARD).
std::string lease_name(const Object& object, const Options& options, std::string_view shard) {
  if (options.lease_name.empty()) return fmt::format("{}-shard-{}", object.stem, shard);
  return object.shards > 1 ? fmt::format("{}-{}", options.lease_name, shard) : options.lease_name;
}

std::vector<yaml::Node> texts(const std::vector<std::string>& values) {
  std::vector<yaml::Node> nodes;
  std::ranges::transform(values, std::back_inserter(nodes), [](const std::string& value) { return text(value); });
  return nodes;
}

std::vector<std::string> file_arguments() {
  return {"-config=/etc/prometheus/config/prometheus.yaml.gz", "-config-envsubst",
          fmt::format("-leader-config={}/leader.yaml", kLeaderFolder),
          fmt::format("-output={}/prometheus.env.yaml", kOutputFolder)};
}

std::vector<std::string> sidecar_arguments(const Object& object, const Options& options) {
  std::vector<std::string> words = file_arguments();
  words.push_back("-lease-name=" + lease_name(object, options, "$(SHARD)"));
  words.push_back("-lease-namespace=" + object.namespace_name);
  words.push_back("-notify-http-url=" + object.url + "/-/reload");
  words.push_back("-readiness-http-url=" + object.url + "/-/ready");
  words.push_back("-healthcheck-http-url=" + object.url + "/-/healthy");
  words.emplace_back("-api-listen-address=:9095");
  if (object.is_tls) words.push_back(fmt::format("-prometheus.http-config={}/{}", kHttpFolder, kHttpFile));
  if (options.proxy == LeaderProxy::on) {
    words.emplace_back("-api-proxy-enabled");
    words.push_back("-api-proxy-prometheus-service-name=" + object.governing_service);
  }
  if (!options.gate_config_secret.empty()) words.push_back(fmt::format("-gate-config={}/gate.yaml", kGateFolder));
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  return words;
}

yaml::Node from_pod(std::string_view name, std::string_view field) {
  return map({{"name", text(std::string(name))},
              {"valueFrom", map({{"fieldRef", map({{"fieldPath", text(std::string(field))}})}})}});
}

// What config-reloader fills in as $(...) in the operator's configuration.
yaml::Node environment() {
  return list({from_pod("POD_NAME", "metadata.name"),
               from_pod("SHARD", "metadata.labels['operator.prometheus.io/shard']"),
               from_pod("STATEFULSET_ORDINAL_NUMBER", "metadata.labels['apps.kubernetes.io/pod-index']")});
}

yaml::Node mount(std::string_view volume, std::string_view folder) {
  return map({{"name", text(std::string(volume))}, {"mountPath", text(std::string(folder))}});
}

yaml::Node read_only_mount(std::string_view volume, std::string_view folder) {
  yaml::Node node = mount(volume, folder);
  set(std::get<yaml::Mapping>(node.value), "readOnly", literal("true"));
  return node;
}

yaml::Node mounts(const Object& object, const Options& options) {
  std::vector<yaml::Node> nodes = {read_only_mount("config", "/etc/prometheus/config"),
                                   mount(kOutputVolume, kOutputFolder),
                                   read_only_mount("promfleet-leader", kLeaderFolder)};
  if (!options.gate_config_secret.empty()) nodes.push_back(read_only_mount("promfleet-gate", kGateFolder));
  if (object.is_tls) nodes.push_back(read_only_mount("promfleet-http", kHttpFolder));
  return list(std::move(nodes));
}

// The elector runs as Prometheus does, which has to read the elector's file.
yaml::Node security_context(const Object& object) {
  yaml::Node node = map({{"allowPrivilegeEscalation", literal("false")},
                         {"capabilities", map({{"drop", list({text("ALL")})}})},
                         {"readOnlyRootFilesystem", literal("true")},
                         {"runAsUser", literal(object.user_id.value_or(std::string(kImagesUser)))},
                         {"seccompProfile", map({{"type", text("RuntimeDefault")}})}});
  if (object.user_id != "0") set(std::get<yaml::Mapping>(node.value), "runAsNonRoot", literal("true"));
  return node;
}

yaml::Node container(std::string_view name, const Object& object, const Options& options) {
  return map({{"name", text(std::string(name))},
              {"image", text(options.image)},
              {"env", environment()},
              {"volumeMounts", mounts(object, options)},
              {"securityContext", security_context(object)}});
}

yaml::Node document(std::string_view version, std::string_view kind, std::string name, const Object& object) {
  return map({{"apiVersion", text(std::string(version))},
              {"kind", text(std::string(kind))},
              {"metadata", map({{"name", text(std::move(name))}, {"namespace", text(object.namespace_name)}})}});
}

yaml::Node lease_rule(const std::vector<std::string>& verbs) {
  return map({{"apiGroups", list({text("coordination.k8s.io")})},
              {"resources", list({text("leases")})},
              {"verbs", list(texts(verbs))}});
}

// Creating cannot be limited to a name, the rest can.
yaml::Node role(const Object& object, const Options& options) {
  std::vector<std::string> leases;
  for (int shard = 0; shard < std::max(object.shards, 1); ++shard) {
    leases.push_back(lease_name(object, options, std::to_string(shard)));
  }
  const auto [first, last] = std::ranges::unique(leases);
  leases.erase(first, last);
  yaml::Node named = lease_rule({"get", "list", "watch", "update"});
  set(std::get<yaml::Mapping>(named.value), "resourceNames", list(texts(leases)));
  yaml::Node node = document("rbac.authorization.k8s.io/v1", "Role", object.stem + "-elector", object);
  set(std::get<yaml::Mapping>(node.value), "rules", list({lease_rule({"create"}), std::move(named)}));
  return node;
}

yaml::Node role_binding(const Object& object) {
  yaml::Node node = document("rbac.authorization.k8s.io/v1", "RoleBinding", object.stem + "-elector", object);
  set_all(std::get<yaml::Mapping>(node.value),
          map({{"roleRef", map({{"apiGroup", text("rbac.authorization.k8s.io")},
                                {"kind", text("Role")},
                                {"name", text(object.stem + "-elector")}})},
               {"subjects", list({map({{"kind", text("ServiceAccount")},
                                       {"name", text(object.service_account)},
                                       {"namespace", text(object.namespace_name)}})})}}));
  return node;
}

// Towards this pod's Prometheus the certificate proves nothing; config-reloader does not look at it either.
yaml::Node http_config(const Object& object) {
  yaml::Node node = document("v1", "ConfigMap", http_config_map(object), object);
  yaml::Node file = {
      .value = yaml::Scalar{.text = "tls_config:\n  insecure_skip_verify: true\n", .style = yaml::Style::literal},
      .tag = {},
      .mark = {}};
  set(std::get<yaml::Mapping>(node.value), "data", map({{kHttpFile, std::move(file)}}));
  return node;
}

yaml::Node secret_volume(std::string_view name, const std::string& secret) {
  return map({{"name", text(std::string(name))}, {"secret", map({{"secretName", text(secret)}})}});
}

}  // namespace

std::string leader_secret(const Object& object, const Options& options) {
  return options.leader_config_secret.empty() ? object.stem + "-leader" : options.leader_config_secret;
}

std::vector<yaml::Node> volumes(const Object& object, const Options& options) {
  std::vector<yaml::Node> nodes = {
      // In memory, as the operator's own: the file has credentials.
      map({{"name", text(std::string(kOutputVolume))}, {"emptyDir", map({{"medium", text("Memory")}})}}),
      secret_volume("promfleet-leader", leader_secret(object, options))};
  if (!options.gate_config_secret.empty()) nodes.push_back(secret_volume("promfleet-gate", options.gate_config_secret));
  if (object.is_tls) {
    nodes.push_back(
        map({{"name", text("promfleet-http")}, {"configMap", map({{"name", text(http_config_map(object))}})}}));
  }
  return nodes;
}

std::vector<yaml::Node> init_containers(const Object& object, const Options& options) {
  std::vector<std::string> init_arguments = file_arguments();
  init_arguments.emplace_back("-init");
  yaml::Node init = container("init-prometheus-elector", object, options);
  set(std::get<yaml::Mapping>(init.value), "args", list(texts(init_arguments)));

  yaml::Node sidecar = container("prometheus-elector", object, options);
  set_all(std::get<yaml::Mapping>(sidecar.value),
          map({{"restartPolicy", text("Always")},
               {"args", list(texts(sidecar_arguments(object, options)))},
               {"ports", list({map({{"name", text("http-elector")}, {"containerPort", literal("9095")}})})},
               {"livenessProbe",
                map({{"httpGet", map({{"path", text("/_elector/healthz")}, {"port", text("http-elector")}})}})}}));
  return {std::move(init), std::move(sidecar)};
}

std::vector<yaml::Node> documents(const Object& object, const Options& options) {
  std::vector<yaml::Node> nodes = {role(object, options), role_binding(object)};
  if (object.is_tls) nodes.push_back(http_config(object));
  return nodes;
}

}  // namespace promfleet::operator_patch
