"""Values of the chart that its tests share: typical ones, and all that can be set.

    @pytest.mark.parametrize("name", chart_values.CASES)
    values, options = chart_values.CASES[name]
    objects = helm.render(values, **options)
"""
import yaml

from lib import helm, peers

EXAMPLES = peers.ROOT / "deploy/examples"
VALUES = yaml.safe_load((helm.CHART / "values.yaml").read_text())
GATE = {"enabled": True, "remoteWrite": [{"url": "https://storage.example/api/v1/write", "name": "storage"}]}
LONG = "a" * 25 + "-" + "b" * 34

# Everything that can be there, is.
EVERYTHING = {
    "replicaCount": 3, "enableLeaderProxy": True,
    "gate": {**GATE, "secretName": "gate-credentials", "client": {"tls_config": {"insecure_skip_verify": True}}},
    "leaderService": {"type": "LoadBalancer", "port": 8080, "annotations": {"a.example/b": "c"}},
    "elector": {"args": ["-log.level=debug", "-config-envsubst"], "env": [{"name": "A", "value": "b"}],
                "image": {"tag": 1.5, "pullPolicy": "Always"},
                "resources": {"requests": {"cpu": "10m"}}, "webConfig": {"secretName": "elector-web"},
                "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}]},
    "prometheus": {"args": ["--log.level=debug"], "env": [{"name": "GOGC", "value": "50"}],
                   "resources": {"limits": {"memory": "4Gi"}},
                   "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
                   "startupProbe": {"httpGet": {"path": "/-/ready", "port": "http"}, "failureThreshold": 60},
                   "webConfig": {"secretName": "prometheus-web", "authenticated": True,
                                 "clientConfigKey": "client.yaml"}},
    "storage": {"storageClassName": "fast", "size": "20Gi", "annotations": {"a": "b"}, "labels": {"c": "d"},
                "retentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"}},
    "serviceAccount": {"annotations": {"a": "b"}, "name": "somebody"}, "rbac": {"discovery": {"create": True}},
    "podAnnotations": {"a": "b"}, "podLabels": {"c": "d"}, "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
        "topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": {"a": "b"}}}]}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                                   "labelSelector": {"matchLabels": {"a": "b"}}}],
    "imagePullSecrets": [{"name": "pull"}], "extraVolumes": [{"name": "more", "emptyDir": {}}],
    "priorityClassName": "system-cluster-critical", "terminationGracePeriodSeconds": 60,
    "updateStrategy": {"type": "OnDelete"}, "minReadySeconds": 7, "podManagementPolicy": "Parallel",
    "podDisruptionBudget": {"minAvailable": "50%"}, "dashboard": {"enabled": True, "annotations": {"folder": "x"}},
    "networkPolicy": {"enabled": True, "from": [{"namespaceSelector": {}}]},
    "serviceMonitor": {"enabled": True, "labels": {"release": "x"}, "interval": "10s",
                       "endpoint": {"tlsConfig": {"insecureSkipVerify": True}}},
    "prometheusRule": {"enabled": True, "labels": {"release": "x"}},
    "configFiles": {"rules.yaml": "groups: []\n"}}

# Values as users of prometheus-elector's chart have them, all of its keys.
UPSTREAM = {
    "replicaCount": 2, "configFiles": {"prometheus-elector.yaml": "follower: {}\nleader:\n  remote_write: []\n"},
    "elector": {"image": {"repository": "registry.example/elector", "tag": "v1", "devRef": "dev:ref",
                          "pullPolicy": "Always"}, "args": ["-lease-duration=20s"],
                "readinessProbe": {"httpGet": {"path": "/_elector/healthz", "port": "http-elector"},
                                   "initialDelaySeconds": 30, "periodSeconds": 5, "timeoutSeconds": 4,
                                   "failureThreshold": 3, "successThreshold": 1},
                "livenessProbe": {"httpGet": {"path": "/_elector/healthz", "port": "http-elector"},
                                  "initialDelaySeconds": 30}},
    "prometheus": {"args": ["--enable-feature=agent"], "env": [{"name": "GOGC", "value": "50"}],
                   "image": {"repository": "prom/prometheus", "tag": "v2.44.0", "pullPolicy": "IfNotPresent"},
                   "readinessProbe": {"httpGet": {"path": "/-/ready", "port": "http"}},
                   "livenessProbe": {"httpGet": {"path": "/-/healthy", "port": "http"}}},
    "enableLeaderProxy": True,
    "storage": {"storageClass": "x", "storageClassName": "local-path", "size": "2Gi", "annotations": {"a": "b"},
                "labels": {"c": "d"}},
    "serviceAccount": {"create": True, "annotations": {}, "name": ""}, "podAnnotations": {},
    "podSecurityContext": {"fsGroup": 2000},
    "securityContext": {"capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True, "runAsNonRoot": True,
                        "runAsUser": 1000},
    "resources": {"limits": {"cpu": "100m", "memory": "128Mi"}}, "nodeSelector": {}, "tolerations": [], "affinity": {},
    "imagePullSecrets": [], "nameOverride": "", "fullnameOverride": ""}

KEPT = {"elector", "prometheus", "lease"}  # parts that are refused without what they must have
NOTHING = {**dict.fromkeys(set(VALUES) - KEPT),
           "elector": dict.fromkeys(set(VALUES["elector"]) - {"image"}),
           "prometheus": dict.fromkeys(set(VALUES["prometheus"]) - {"image"})}
EMPTY = {"configFiles": {"prometheus-elector.yaml": ""}, "elector": {"args": [], "env": []}, "podLabels": {},
         "topologySpreadConstraints": [], "gate": {"enabled": False, "remoteWrite": []}, "extraVolumes": [],
         "prometheus": {"args": [], "env": [], "startupProbe": {}, "image": {"tag": "v2.44.0"}}}

# Names that YAML takes for numbers, times and truths.
LIKE_OTHER_THINGS = {
    **EVERYTHING, "nameOverride": "1e3", "fullnameOverride": "null", "config": {"existingSecret": "0123"},
    "gate": {**EVERYTHING["gate"], "secretName": "7"}, "lease": {"name": "1"}, "serviceAccount": {"name": "0x10"},
    "elector": {**EVERYTHING["elector"], "webConfig": {"secretName": "8"}},
    "prometheus": {**EVERYTHING["prometheus"], "webConfig": {"secretName": "9"}}}

CASES = {
    "defaults": ({}, {}),
    "agent example": ({}, {"files": [EXAMPLES / "agent-values.yaml"]}),
    "server example": ({}, {"files": [EXAMPLES / "ha-values.yaml"]}),
    "everything": (EVERYTHING, {}),
    "upstream's values": (UPSTREAM, {}),
    "nothing": (NOTHING, {}),
    "empty": (EMPTY, {}),
    "before sidecars": (EVERYTHING, {"kube_version": "1.28.0"}),
    "a long release": ({**EVERYTHING, "serviceAccount": {}}, {"release": LONG[:53]}),
    "long names": ({**EVERYTHING, "nameOverride": LONG, "fullnameOverride": LONG}, {}),
    "a long name": ({**EVERYTHING, "nameOverride": LONG, "serviceAccount": {}}, {}),
    "a release like a number": ({**EVERYTHING, "serviceAccount": {}}, {"release": "1234"}),
    "names like other things": (LIKE_OTHER_THINGS, {"release": "yes"}),
    "an own Secret": ({"config": {"existingSecret": "mine"}, "gate": GATE}, {}),
    "an own ConfigMap": ({"config": {"existingConfigMap": "mine"}}, {}),
    "nobody's account": ({"serviceAccount": {"create": False}, "rbac": {"create": False}}, {})}
