#include "app/operator_patch/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::operator_patch {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A Prometheus with these lines in its spec.
std::string prometheus(std::string_view spec = "", std::string_view kind = "Prometheus") {
  return fmt::format(
      "apiVersion: monitoring.coreos.com/v1\nkind: {}\nmetadata:\n  name: k8s\n  namespace: monitoring\nspec:\n"
      "  replicas: 2\n{}",
      kind, spec);
}

Options options() {
  return {.image = "promfleet/promfleet:1", .leader_config_secret = "leader"};
}

std::string patched(const std::string& text, const Options& wanted = options()) {
  return patch(text, wanted).value().text;
}

std::string object_of(const std::string& text) {
  return text.substr(0, text.find("---\n"));
}

std::vector<std::string> notes_on(const std::string& text, const Options& wanted = options()) {
  return patch(text, wanted).value().notes;
}

std::string refusal(const std::string& text, const Options& wanted = options()) {
  return patch(text, wanted).error().message();
}

TEST(OperatorPatch, PrometheusReadsAVolumeOfOursAtTheOperatorsPath) {
  EXPECT_THAT(patched(prometheus()), HasSubstr("  containers:\n"
                                               "    - name: prometheus\n"
                                               "      volumeMounts:\n"
                                               "        - mountPath: /etc/prometheus/config_out\n"
                                               "          name: promfleet-config-out\n"));
}

TEST(OperatorPatch, TheSidecarComesAfterTheOneThatWritesTheFirstFile) {
  const std::string text = patched(prometheus());
  const std::size_t init = text.find("- name: init-prometheus-elector\n");
  const std::size_t sidecar = text.find("- name: prometheus-elector\n");
  ASSERT_NE(sidecar, std::string::npos);
  EXPECT_LT(init, sidecar);
  EXPECT_THAT(text.substr(sidecar),
              AllOf(HasSubstr("restartPolicy: Always\n"), HasSubstr("- -lease-name=prometheus-k8s-shard-$(SHARD)\n"),
                    HasSubstr("- -lease-namespace=monitoring\n")));
}

TEST(OperatorPatch, PatchingAgainChangesNothing) {
  const std::string once = object_of(patched(prometheus("  shards: 2\n  web: {tlsConfig: {keySecret: {key: k}}}\n")));
  EXPECT_EQ(object_of(patched(once)), once);
}

TEST(OperatorPatch, KeepsWhatTheAuthorWrote) {
  const std::string text = patched(
      prometheus("  containers:\n    - name: prometheus\n      env: [{name: GOGC, value: '0123'}]\n    - name: auth\n"
                 "  volumes: [{name: mine, emptyDir: {}}]\n"
                 "  initContainers: [{name: first}, {name: prometheus-elector, resources: {limits: {memory: 1Gi}}}]\n"
                 "  additionalArgs: [{name: storage.remote.flush-deadline, value: 1s}]\n"));
  EXPECT_THAT(text, AllOf(HasSubstr("value: '0123'"), HasSubstr("- name: auth\n"), HasSubstr("- name: mine\n"),
                          HasSubstr("- name: first\n"), HasSubstr("memory: 1Gi"), HasSubstr("value: 1s\n")));
  EXPECT_THAT(text, Not(HasSubstr("value: 2s")));
}

TEST(OperatorPatch, LeavesOutWhatTheClusterNoted) {
  const std::string text = object_of(
      patched("apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata:\n  annotations:\n    mine: kept\n"
              "    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"kind\":\"Prometheus\"}\n"
              "  creationTimestamp: \"2026-11-26T21:00:00Z\"\n  generation: 3\n  labels: {uid: kept}\n"
              "  managedFields: [{manager: kubectl}]\n  name: k8s\n  namespace: monitoring\n"
              "  resourceVersion: \"17\"\n  uid: 5b7b0d0f\nspec: {replicas: 2}\nstatus: {paused: false}\n"));
  EXPECT_THAT(text, HasSubstr("metadata:\n  annotations:\n    mine: kept\n  labels:\n    uid: kept\n  name: k8s\n"
                              "  namespace: monitoring\nspec:\n"));
  EXPECT_THAT(text, Not(HasSubstr("status")));
}

TEST(OperatorPatch, NoAnnotationsAreLeftWhereOnlyKubectlHadOne) {
  EXPECT_THAT(patched("apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: a, "
                      "annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}}\n"),
              HasSubstr("metadata:\n  name: k8s\n  namespace: a\nspec:\n"));
}

TEST(OperatorPatch, AVolumeOfOursHasOneSource) {
  EXPECT_THAT(patched(prometheus("  volumes: [{name: promfleet-leader, configMap: {name: old}}]\n")),
              Not(HasSubstr("configMap")));
}

TEST(OperatorPatch, AnElectorAmongTheContainersIsToBeTakenOutFirst) {
  EXPECT_THAT(refusal(prometheus("  containers: [{name: prometheus-elector}]\n")),
              HasSubstr("line 8, column 16: spec.containers has a prometheus-elector"));
}

TEST(OperatorPatch, AFlushFitsIntoWhatTheLeaseLeavesADemotion) {
  EXPECT_THAT(patched(prometheus()), HasSubstr("    - name: storage.remote.flush-deadline\n      value: \"2s\"\n"));
}

TEST(OperatorPatch, ReloadsWhereTheObjectServesPrometheus) {
  EXPECT_THAT(patched(prometheus()), HasSubstr("-notify-http-url=http://127.0.0.1:9090/-/reload\n"));
  EXPECT_THAT(patched(prometheus("  routePrefix: /prom/\n")),
              HasSubstr("-readiness-http-url=http://127.0.0.1:9090/prom/-/ready\n"));
}

TEST(OperatorPatch, SpeaksTlsWherePrometheusDoes) {
  const std::string text = patched(prometheus("  web: {tlsConfig: {cert: {secret: {name: web, key: crt}}}}\n"));
  EXPECT_THAT(text, AllOf(HasSubstr("-healthcheck-http-url=https://127.0.0.1:9090/-/healthy\n"),
                          HasSubstr("-prometheus.http-config=/etc/promfleet/http/http-config.yaml\n"),
                          HasSubstr("  http-config.yaml: |\n    tls_config:\n      insecure_skip_verify: true\n")));
  EXPECT_THAT(notes_on(prometheus("  web: {tlsConfig: {clientAuthType: RequireAnyClientCert}}\n")),
              Contains(HasSubstr("clientAuthType: RequireAnyClientCert")));
  EXPECT_THAT(notes_on(prometheus("  web: {tlsConfig: {clientAuthType: RequestClientCert}}\n")),
              Not(Contains(HasSubstr("clientAuthType"))));
}

TEST(OperatorPatch, RunsAsPrometheusDoesWhoReadsItsFile) {
  EXPECT_THAT(patched(prometheus()), HasSubstr("runAsUser: 65534\n"));
  EXPECT_THAT(patched(prometheus("  securityContext: {runAsUser: 1000}\n")), HasSubstr("runAsUser: 1000\n        sec"));
  EXPECT_THAT(patched(prometheus("  securityContext: {runAsUser: 1000}\n"
                                 "  containers: [{name: prometheus, securityContext: {runAsUser: 7}}]\n")),
              HasSubstr("runAsUser: 7\n        sec"));
  EXPECT_THAT(patched(prometheus("  securityContext: {runAsUser: 0}\n")), Not(HasSubstr("runAsNonRoot: true")));
}

TEST(OperatorPatch, EveryShardHasALeaseThatTheRoleNames) {
  EXPECT_THAT(patched(prometheus("  shards: 2\n")),
              HasSubstr("    resourceNames:\n      - prometheus-k8s-shard-0\n      - prometheus-k8s-shard-1\n"));
  Options wanted = options();
  wanted.lease_name = "mine";
  EXPECT_THAT(patched(prometheus(), wanted),
              AllOf(HasSubstr("-lease-name=mine\n"), HasSubstr("resourceNames:\n      - mine\n")));
  EXPECT_THAT(patched(prometheus("  shards: 2\n"), wanted),
              AllOf(HasSubstr("-lease-name=mine-$(SHARD)\n"), HasSubstr("      - mine-0\n      - mine-1\n")));
}

TEST(OperatorPatch, TheRoleIsBoundToTheObjectsServiceAccount) {
  EXPECT_THAT(patched(prometheus("  serviceAccountName: watcher\n")),
              HasSubstr("subjects:\n  - kind: ServiceAccount\n    name: watcher\n    namespace: monitoring\n"));
  EXPECT_THAT(patched(prometheus()), HasSubstr("- kind: ServiceAccount\n    name: default\n"));
}

TEST(OperatorPatch, AnAgentIsPatchedUnderItsOwnNames) {
  Options wanted = options();
  wanted.proxy = LeaderProxy::on;
  EXPECT_THAT(patched(prometheus("", "PrometheusAgent"), wanted),
              AllOf(HasSubstr("-lease-name=prom-agent-k8s-shard-$(SHARD)\n"),
                    HasSubstr("-api-proxy-prometheus-service-name=prometheus-agent-operated\n")));
}

TEST(OperatorPatch, TheProxyFindsMembersUnderTheGoverningService) {
  Options wanted = options();
  wanted.proxy = LeaderProxy::on;
  EXPECT_THAT(patched(prometheus(), wanted),
              AllOf(HasSubstr("- -api-proxy-enabled\n"),
                    HasSubstr("-api-proxy-prometheus-service-name=prometheus-operated\n")));
  EXPECT_THAT(patched(prometheus("  serviceName: mine\n"), wanted), HasSubstr("-service-name=mine\n"));
  EXPECT_THAT(refusal(prometheus("  listenLocal: true\n"), wanted), HasSubstr("listenLocal"));
}

TEST(OperatorPatch, TheGateIsTurnedOnByItsSecret) {
  Options wanted = options();
  wanted.gate_config_secret = "gates";
  EXPECT_THAT(patched(prometheus(), wanted),
              AllOf(HasSubstr("-gate-config=/etc/promfleet/gate/gate.yaml\n"), HasSubstr("secretName: gates\n")));
  EXPECT_THAT(notes_on(prometheus("  remoteWrite: [{url: 'http://127.0.0.1:9096/api/v1/write'}]\n"), wanted),
              Not(Contains(HasSubstr("remoteWrite"))));
}

TEST(OperatorPatch, FurtherFlagsComeLast) {
  Options wanted = options();
  wanted.arguments = {"-log.level=debug"};
  EXPECT_THAT(patched(prometheus(), wanted), HasSubstr("-api-listen-address=:9095\n        - -log.level=debug\n"));
}

TEST(OperatorPatch, TheSecretThatIsMissingIsAComment) {
  Options wanted = options();
  wanted.leader_config_secret = "";
  const std::string text = patched(prometheus(), wanted);
  EXPECT_THAT(text, AllOf(HasSubstr("secretName: prometheus-k8s-leader\n"), HasSubstr("\n# kind: Secret\n")));
  EXPECT_THAT(notes_on(prometheus(), wanted), Contains(HasSubstr("monitoring/prometheus-k8s-leader")));
  EXPECT_THAT(text, HasSubstr("#     remote_write:\n"));

  wanted.gate_config_secret = "gates";
  EXPECT_THAT(patched(prometheus(), wanted), HasSubstr("#   leader.yaml: \"\"\n"));
}

TEST(OperatorPatch, TheReplicaLabelIsClearedUnlessSomebodyNeedsIt) {
  EXPECT_THAT(patched(prometheus()), HasSubstr("replicaExternalLabelName: \"\"\n"));
  EXPECT_THAT(notes_on(prometheus()), Contains(HasSubstr("replicaExternalLabelName is now \"\"")));
  EXPECT_THAT(notes_on(prometheus("  replicaExternalLabelName: ''\n")), IsEmpty());

  EXPECT_THAT(patched(prometheus("  replicaExternalLabelName: rep\n")), HasSubstr("replicaExternalLabelName: rep\n"));
  EXPECT_THAT(notes_on(prometheus("  replicaExternalLabelName: rep\n")), Contains(HasSubstr("regex: rep}]")));
  EXPECT_THAT(patched(prometheus("  thanos: {image: t}\n")), Not(HasSubstr("replicaExternalLabelName")));
  EXPECT_THAT(notes_on(prometheus("  thanos: {image: t}\n")), Contains(HasSubstr("regex: prometheus_replica}]")));
  Options wanted = options();
  wanted.gate_config_secret = "gates";
  EXPECT_THAT(notes_on(prometheus("  thanos: {image: t}\n"), wanted),
              Contains(HasSubstr("drop_labels: [prometheus_replica]")));
}

TEST(OperatorPatch, TellsWhatDefeatsItsPurpose) {
  EXPECT_THAT(notes_on("apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: a, namespace: b}\n"),
              Contains(HasSubstr("replicas is 1")));
  EXPECT_THAT(notes_on(prometheus("  remoteWrite: [{url: 'http://hub/write'}]\n")), Contains(HasSubstr("remoteWrite")));
}

TEST(OperatorPatch, WhereNoElectorCanWorkTheReasonIsGiven) {
  EXPECT_THAT(refusal(prometheus("  mode: DaemonSet\n", "PrometheusAgent")), HasSubstr("mode: DaemonSet"));
  EXPECT_THAT(refusal(prometheus("  reloadStrategy: ProcessSignal\n")), HasSubstr("reloadStrategy: ProcessSignal"));
  EXPECT_THAT(refusal(prometheus("  automountServiceAccountToken: false\n")),
              HasSubstr("automountServiceAccountToken"));
  EXPECT_THAT(refusal(prometheus("  shardingStrategy: {mode: Topology}\n")), HasSubstr("TOPOLOGY_ZONE"));
}

TEST(OperatorPatch, WhatIsNoSuchObjectIsNamed) {
  EXPECT_THAT(refusal("apiVersion: v1\nkind: Pod\n"), HasSubstr("this is Pod of v1"));
  EXPECT_THAT(refusal("kind: PrometheusList\n"), HasSubstr("one of its objects alone"));
  EXPECT_THAT(refusal("- a\n"), HasSubstr("line 1, column 1"));
  EXPECT_THAT(refusal(""), HasSubstr("without a kind"));
  EXPECT_THAT(refusal(prometheus() + "---\na: b\n"), HasSubstr("second document"));
  EXPECT_THAT(refusal(prometheus("  volumes: none\n")), HasSubstr("volumes is a scalar, not a sequence"));
  EXPECT_THAT(refusal(prometheus("  initContainers: [a]\n")), HasSubstr("this item is a scalar, not a mapping"));
  EXPECT_THAT(refusal(prometheus("  shards: many\n")), HasSubstr("shards is \"many\""));
}

TEST(OperatorPatch, TheNamespaceIsTheObjectsOrTheFlags) {
  constexpr std::string_view kNowhere = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: a}\n";
  Options wanted = options();
  EXPECT_THAT(refusal(std::string(kNowhere)), HasSubstr("-namespace"));
  wanted.namespace_name = "here";
  EXPECT_THAT(patched(std::string(kNowhere), wanted), HasSubstr("metadata:\n  name: a\n  namespace: here\n"));
  EXPECT_THAT(refusal(prometheus(), wanted), HasSubstr("the object names monitoring, not here"));
}

}  // namespace
}  // namespace promfleet::operator_patch
