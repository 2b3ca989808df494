#include "app/operator_patch/object.h"

#include <charconv>

#include "codec/yaml/fields.h"
#include "core/base/try.h"

namespace promfleet::operator_patch {

namespace {

// What the operator calls the parts of an object, by the object's kind.
struct Kind {
  std::string_view stem;
  std::string_view governing_service;
};

Result<Kind> kind_of(const yaml::Fields& root) {
  TRY_ASSIGN(const std::optional<std::string> version, root.string("apiVersion"));
  TRY_ASSIGN(const std::optional<std::string> kind, root.string("kind"));
  const bool is_operators = version && version->starts_with("monitoring.coreos.com/");
  if (is_operators && kind == "Prometheus") return Kind{"prometheus", "prometheus-operated"};
  if (is_operators && kind == "PrometheusAgent") return Kind{"prom-agent", "prometheus-agent-operated"};
  if (kind && kind->ends_with("List")) {
    return fail(Errc::invalid_input, "this is a {}: give one of its objects alone", *kind);
  }
  return fail(Errc::invalid_input, "this is {} of {}, not a Prometheus or PrometheusAgent of monitoring.coreos.com",
              kind.value_or("an object without a kind"), version.value_or("no apiVersion"));
}

Result<int> number(const yaml::Fields& fields, std::string_view key, int otherwise) {
  TRY_ASSIGN(const std::optional<std::string> text, fields.string(key));
  if (!text) return otherwise;
  int value = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem == std::errc() && end == text->data() + text->size() && value >= 0) return value;
  return yaml::fail_at(fields.find(key)->mark, "{} is {}, not a number of 0 or more", key, yaml::shown(*text));
}

// What keeps an elector from working, whatever is added.
Result<> check(const yaml::Fields& spec) {
  TRY_ASSIGN(const std::optional<std::string> mode, spec.string("mode"));
  if (mode == "DaemonSet") {
    return fail(Errc::unsupported,
                "mode: DaemonSet has one agent on each node, which scrapes that node alone: there "
                "are no replicas among which one could lead");
  }
  TRY_ASSIGN(const std::optional<std::string> strategy, spec.string("reloadStrategy"));
  if (strategy == "ProcessSignal") {
    return fail(Errc::unsupported,
                "reloadStrategy: ProcessSignal turns off Prometheus' reload over HTTP, by which the "
                "elector knows that a configuration is in force; leave it out");
  }
  TRY_ASSIGN(const yaml::Fields sharding, spec.fields("shardingStrategy"));
  TRY_ASSIGN(const std::optional<std::string> sharding_mode, sharding.string("mode"));
  if (sharding_mode == "Topology") {
    return fail(Errc::unsupported,
                "shardingStrategy: Topology tells config-reloader alone what stands for "
                "$(TOPOLOGY_ZONE); see \"Beside config-reloader\" in docs/operator.md");
  }
  TRY_ASSIGN(const std::optional<bool> has_token, spec.boolean("automountServiceAccountToken"));
  if (has_token == false) {
    return fail(Errc::unsupported,
                "automountServiceAccountToken: false leaves the elector without a token for the "
                "API server, where the Lease is; leave it out");
  }
  return {};
}

Result<std::string> namespace_of(const yaml::Fields& metadata, const std::string& given) {
  TRY_ASSIGN(const std::optional<std::string> own, metadata.string("namespace"));
  if (own && !given.empty() && *own != given) {
    return fail(Errc::invalid_input, "flag -namespace: the object names {}, not {}", *own, given);
  }
  if (own) return *own;
  if (!given.empty()) return given;
  return fail(Errc::invalid_input, "the object names no namespace: say which by -namespace");
}

Result<std::optional<yaml::Fields>> container_of(const yaml::Fields& spec, std::string_view wanted) {
  TRY_ASSIGN(const std::span<const yaml::Node> containers, spec.sequence("containers"));
  for (const yaml::Node& node : containers) {
    TRY_ASSIGN(const yaml::Fields container, yaml::Fields::of(node));
    TRY_ASSIGN(const std::optional<std::string> name, container.string("name"));
    if (name == wanted) return container;
  }
  return std::nullopt;
}

// A container and an init container of one name are no pod.
Result<> check_containers(const yaml::Fields& spec) {
  TRY_ASSIGN(const std::optional<yaml::Fields> elector, container_of(spec, "prometheus-elector"));
  if (!elector) return {};
  return yaml::fail_at(elector->mark(),
                       "spec.containers has a prometheus-elector: take out what was added by the nine "
                       "steps, there and under initContainers and volumes");
}

// The user that Prometheus runs as: the elector's file can be read by that one alone.
Result<std::optional<std::string>> user_of(const yaml::Fields& spec) {
  TRY_ASSIGN(const std::optional<yaml::Fields> prometheus, container_of(spec, "prometheus"));
  if (prometheus) {
    TRY_ASSIGN(const yaml::Fields context, prometheus->fields("securityContext"));
    TRY_ASSIGN(std::optional<std::string> user, context.string("runAsUser"));
    if (user) return user;
  }
  TRY_ASSIGN(const yaml::Fields context, spec.fields("securityContext"));
  return context.string("runAsUser");
}

Result<> read_web(const yaml::Fields& spec, Object& object) {
  TRY_ASSIGN(const yaml::Fields web, spec.fields("web"));
  const yaml::Node* const tls = web.find("tlsConfig");
  object.is_tls = tls != nullptr && !tls->is_null();
  TRY_ASSIGN(const yaml::Fields tls_fields, web.fields("tlsConfig"));
  TRY_ASSIGN(object.client_auth, tls_fields.string("clientAuthType"));
  TRY_ASSIGN(std::optional<std::string> prefix, spec.string("routePrefix"));
  while (prefix && prefix->ends_with('/')) prefix->pop_back();
  object.url = fmt::format("{}://127.0.0.1:9090{}", object.is_tls ? "https" : "http", prefix.value_or(""));
  return {};
}

bool is_given(const yaml::Fields& spec, std::string_view key) {
  const yaml::Node* const node = spec.find(key);
  if (node == nullptr || node->is_null()) return false;
  return node->sequence() == nullptr || !node->sequence()->empty();
}

Result<> read_spec(const yaml::Fields& spec, Object& object) {
  TRY_ASSIGN(object.shards, number(spec, "shards", 1));
  TRY_ASSIGN(object.replicas, number(spec, "replicas", 1));
  TRY_ASSIGN(object.user_id, user_of(spec));
  TRY_ASSIGN(object.replica_label, spec.string("replicaExternalLabelName"));
  TRY(read_web(spec, object));
  TRY_ASSIGN(const std::optional<bool> is_local, spec.boolean("listenLocal"));
  object.is_local = is_local.value_or(false);
  TRY_ASSIGN(const std::optional<std::string> service_account, spec.string("serviceAccountName"));
  object.service_account = service_account.value_or("default");
  TRY_ASSIGN(const std::optional<std::string> service, spec.string("serviceName"));
  if (service) object.governing_service = *service;
  object.has_remote_write = is_given(spec, "remoteWrite");
  object.has_thanos = is_given(spec, "thanos");
  return {};
}

}  // namespace

Result<Object> read_object(const yaml::Node& root, const std::string& namespace_name) {
  TRY_ASSIGN(const yaml::Fields fields, yaml::Fields::of(root));
  TRY_ASSIGN(const Kind kind, kind_of(fields));
  TRY_ASSIGN(const yaml::Fields metadata, fields.fields("metadata"));
  TRY_ASSIGN(const std::optional<std::string> name, metadata.string("name"));
  if (!name || name->empty()) return fail(Errc::invalid_input, "the object has no metadata.name");
  Object object;
  object.name = *name;
  object.stem = fmt::format("{}-{}", kind.stem, *name);
  object.governing_service = kind.governing_service;
  TRY_ASSIGN(object.namespace_name, namespace_of(metadata, namespace_name));
  TRY_ASSIGN(const yaml::Fields spec, fields.fields("spec"));
  TRY(check(spec));
  TRY(check_containers(spec));
  TRY(read_spec(spec, object));
  return object;
}

}  // namespace promfleet::operator_patch
