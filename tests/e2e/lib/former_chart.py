"""A chart whose objects are those of prometheus-elector's chart: same names, labels, containers, arguments, probes,
volumes and permissions, and the values that the tests set.

    chart = former_chart.write(folder)
    objects = former_chart.render(chart, {"enableLeaderProxy": True}, release="prometheus-elector-dev", namespace=...)
"""
import json

import yaml

from lib import helm

IMAGE = "ghcr.io/jlevesy/prometheus-elector"
VALUES = {
    "enableLeaderProxy": False, "configFiles": {"prometheus-elector.yaml": "follower: {}"},
    "elector": {"image": {"repository": IMAGE, "tag": "v0.2.0"}, "args": []}, "prometheus": {"args": []}}

SHARED = """\
{{- define "probe" -}}
{{- dict "httpGet" (dict "path" (index . 0) "port" (index . 1)) "periodSeconds" (index . 2) "timeoutSeconds" (index . 3)
         "initialDelaySeconds" 30 "failureThreshold" 3 "successThreshold" 1 | toJson -}}
{{- end -}}
{{- define "security" -}}
{capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true, runAsNonRoot: true, runAsUser: 1000}
{{- end -}}
{{- define "image" -}}
{{- printf "%s:%s" .Values.elector.image.repository .Values.elector.image.tag -}}
{{- end -}}
{{- define "selector" -}}
{{- dict "app.kubernetes.io/name" "prometheus-elector" "app.kubernetes.io/instance" .Release.Name | toJson -}}
{{- end -}}
{{- define "labels" -}}
{{- dict "helm.sh/chart" "prometheus-elector-0.0.1" "app.kubernetes.io/version" "0.0.1"
         "app.kubernetes.io/managed-by" "Helm" | merge (include "selector" . | fromJson) | toJson -}}
{{- end -}}
"""

STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: {{ .Release.Name }}, labels: {{ include "labels" . }}}
spec:
  replicas: 2
  serviceName: {{ .Release.Name }}
  selector: {matchLabels: {{ include "selector" . }}}
  template:
    metadata: {labels: {{ include "selector" . }}}
    spec:
      serviceAccountName: {{ .Release.Name }}
      securityContext: {fsGroup: 2000}
      initContainers:
        - name: generate-init-config
          image: {{ include "image" . }}
          imagePullPolicy: IfNotPresent
          args: [-config=/etc/config/prometheus-elector.yaml, -output=/etc/runtime/prometheus.yaml, -init]
          securityContext: {{ include "security" . }}
          volumeMounts: &mounts
            - {name: config-volume, mountPath: /etc/config, readOnly: true}
            - {name: runtime-volume, mountPath: /etc/runtime}
      containers:
        - name: prometheus-elector
          image: {{ include "image" . }}
          imagePullPolicy: IfNotPresent
          args:
            - -lease-name=prometheus-elector-lease
            - -lease-namespace={{ .Release.Namespace }}
            - -config=/etc/config/prometheus-elector.yaml
            - -output=/etc/runtime/prometheus.yaml
            - -notify-http-url=http://127.0.0.1:9090/-/reload
            - -readiness-http-url=http://127.0.0.1:9090/-/ready
            - -healthcheck-http-url=http://127.0.0.1:9090/-/healthy
            - -api-listen-address=:9095
            {{- if .Values.enableLeaderProxy }}
            - -api-proxy-enabled
            - -api-proxy-prometheus-local-port=9090
            - -api-proxy-prometheus-remote-port=9090
            - -api-proxy-prometheus-service-name={{ .Release.Name }}
            {{- end }}
            {{- range .Values.elector.args }}
            - {{ . }}
            {{- end }}
          ports: [{name: http-elector, containerPort: 9095, protocol: TCP}]
          readinessProbe: {{ include "probe" (list "/_elector/healthz" "http-elector" 5 4) }}
          livenessProbe: {{ include "probe" (list "/_elector/healthz" "http-elector" 15 10) }}
          securityContext: {{ include "security" . }}
          volumeMounts: *mounts
        - name: prometheus
          image: prom/prometheus:v2.44.0
          imagePullPolicy: IfNotPresent
          env: [{name: GOGC, value: "50"}]
          args:
            - --config.file=/etc/config/prometheus.yaml
            - --web.enable-lifecycle
            {{- range .Values.prometheus.args }}
            - {{ . }}
            {{- end }}
          ports: [{name: http, containerPort: 9090, protocol: TCP}]
          readinessProbe: {{ include "probe" (list "/-/ready" "http" 5 4) }}
          livenessProbe: {{ include "probe" (list "/-/healthy" "http" 15 10) }}
          securityContext: {{ include "security" . }}
          volumeMounts:
            - {name: runtime-volume, mountPath: /etc/config, readOnly: true}
            - {name: storage-volume, mountPath: /prometheus/data-agent}
            - {name: storage-volume, mountPath: /prometheus/data}
      volumes:
        - {name: config-volume, configMap: {name: {{ .Release.Name }}-config}}
        - {name: runtime-volume, emptyDir: {}}
  volumeClaimTemplates:
    - metadata: {name: storage-volume}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName:
        resources: {requests: {storage: 1Gi}}
"""

OTHERS = """\
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}", labels: {{ include "labels" . }}}
spec: {clusterIP: None, selector: {{ include "selector" . }}}
{{- if .Values.enableLeaderProxy }}
---
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}-leader", labels: {{ include "labels" . }}}
spec:
  type: ClusterIP
  ports: [{protocol: TCP, port: 80, targetPort: http-elector}]
  selector: {{ include "selector" . }}
{{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: "{{ .Release.Name }}", labels: {{ include "labels" . }}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-config"}
data: {{ .Values.configFiles | toJson }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "{{ .Release.Name }}-role"}
rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, list, watch, create, update]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: "{{ .Release.Name }}-rolebinding"}
roleRef: {kind: Role, name: "{{ .Release.Name }}-role", apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: "{{ .Release.Name }}"}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "{{ .Release.Name }}-clusterrole"}
rules:
  - apiGroups: [""]
    resources: [nodes, nodes/proxy, nodes/metrics, services, endpoints, pods, ingresses, configmaps]
    verbs: [get, list, watch]
  - apiGroups: [extensions, networking.k8s.io]
    resources: [ingresses/status, ingresses]
    verbs: [get, list, watch]
  - {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "{{ .Release.Name }}-clusterrolebinding"}
roleRef: {kind: ClusterRole, name: "{{ .Release.Name }}-clusterrole", apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: "{{ .Release.Name }}", namespace: "{{ .Release.Namespace }}"}]
"""


def write(folder):
    """The chart's folder in this one. Whatever the release is called, its objects are called the same."""
    chart = folder / "former"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("{apiVersion: v2, name: prometheus-elector, version: 0.0.1}")
    (chart / "values.yaml").write_text(json.dumps(VALUES))
    for name, text in (("_shared.tpl", SHARED), ("statefulset.yaml", STATEFUL_SET), ("others.yaml", OTHERS)):
        (chart / "templates" / name).write_text(text)
    return chart


def render(chart, values, *, release, namespace):
    """The objects of a release."""
    words = ["template", release, chart, f"--namespace={namespace}", "--values=-"]
    objects = [each for each in yaml.safe_load_all(helm.run(*words, text=json.dumps(values))) if each]
    for each in objects:
        each["metadata"]["namespace"] = namespace  # as an installation does
    return objects
