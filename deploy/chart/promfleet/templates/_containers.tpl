{{/* The containers of a pod. */}}

{{/* A probe that fits what the port speaks. Takes probe, webConfig. */}}
{{- define "promfleet.probe" -}}
{{- $probe := deepCopy .probe -}}
{{- $web := .webConfig | default dict -}}
{{- if and $probe.httpGet $web.secretName -}}
  {{- if $web.authenticated -}}
    {{- $_ := set $probe "tcpSocket" (pick $probe.httpGet "port") -}}
    {{- $_ := unset $probe "httpGet" -}}
  {{- else if not $probe.httpGet.scheme -}}
    {{- $_ := set $probe.httpGet "scheme" (include "promfleet.scheme" $web | upper) -}}
  {{- end -}}
{{- end -}}
{{- toYaml $probe -}}
{{- end -}}

{{/* Takes part (elector or prometheus: the values of it), and probes by name. */}}
{{- define "promfleet.probes" -}}
{{- $part := . -}}
{{- range $name := list "startupProbe" "readinessProbe" "livenessProbe" -}}
{{- with index $part $name }}
{{ $name }}:
  {{- include "promfleet.probe" (dict "probe" . "webConfig" $part.webConfig) | nindent 2 }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Readiness waits until a gate holds what the leader might take with it, unless the probe asks something else: one of
     the user's, or one that may only connect. */}}
{{- define "promfleet.minReadySeconds" -}}
{{- $probe := .Values.elector.readinessProbe | default dict | dict "webConfig" .Values.elector.webConfig "probe" | include "promfleet.probe" | fromYaml -}}
{{- $isAsked := eq (toString ($probe.httpGet).path) "/_elector/ready" -}}
{{- $default := ternary 120 0 (and (eq (toString (.Values.gate).enabled) "true") (not $isAsked)) -}}
{{- ternary $default .Values.minReadySeconds (has .Values.minReadySeconds (list nil "")) -}}
{{- end -}}

{{/* "true" where the elector is a sidecar that ends after Prometheus, else nothing. */}}
{{- define "promfleet.isNativeSidecar" -}}
{{- $choice := .Values.elector.nativeSidecar | default "auto" -}}
{{- $able := semverCompare ">=1.29.0-0" .Capabilities.KubeVersion.Version -}}
{{- if or (eq $choice "always") (and (eq $choice "auto") $able) -}}true{{- end -}}
{{- end -}}

{{/* The elector's port, by -api-listen-address. */}}
{{- define "promfleet.electorPort" -}}
{{- include "promfleet.flag" (dict "args" .Values.elector.args "name" "api-listen-address" "default" ":9095") | splitList ":" | last | default "9095" -}}
{{- end -}}

{{/* The gate's port, by -gate-listen-address. */}}
{{- define "promfleet.gatePort" -}}
{{- include "promfleet.flag" (dict "args" .Values.elector.args "name" "gate-listen-address" "default" ":9096") | splitList ":" | last | default "9096" -}}
{{- end -}}

{{/* What a Service calls it: by its name, as in prometheus-elector's chart; by its number where the elector is a sidecar
     and Services do not know the names of sidecars' ports: before Kubernetes 1.33. */}}
{{- define "promfleet.electorTargetPort" -}}
{{- $isNamed := or (not (include "promfleet.isNativeSidecar" .)) (semverCompare ">=1.33.0-0" .Capabilities.KubeVersion.Version) -}}
{{- ternary "http-elector" (include "promfleet.electorPort" .) $isNamed -}}
{{- end -}}

{{- define "promfleet.initContainer" -}}
- name: init-prometheus-elector
  image: {{ include "promfleet.electorImage" . | quote }}
  imagePullPolicy: {{ .Values.elector.image.pullPolicy | default "IfNotPresent" }}
  args:
    {{- include "promfleet.fileArgs" . | nindent 4 }}
    {{- with .Values.elector.args }}
    {{- include "promfleet.words" . | nindent 4 }}
    {{- end }}
    - -init
  {{- include "promfleet.electorCommon" . | nindent 2 }}
{{- end -}}

{{- define "promfleet.electorContainer" -}}
- name: prometheus-elector
  image: {{ include "promfleet.electorImage" . | quote }}
  imagePullPolicy: {{ .Values.elector.image.pullPolicy | default "IfNotPresent" }}
  {{- if include "promfleet.isNativeSidecar" . }}
  restartPolicy: Always
  {{- end }}
  args:
    {{- include "promfleet.electorArgs" . | nindent 4 }}
  ports:
    - name: http-elector
      containerPort: {{ include "promfleet.electorPort" . }}
  {{- with include "promfleet.probes" .Values.elector }}
  {{- trim . | nindent 2 }}
  {{- end }}
  {{- include "promfleet.electorCommon" . | nindent 2 }}
{{- end -}}

{{/* What the init container and the elector share. */}}
{{- define "promfleet.electorCommon" -}}
env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- with .Values.elector.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.elector.resources | default .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: config-volume
    mountPath: /etc/config
    readOnly: true
  - name: runtime-volume
    mountPath: /etc/runtime
  {{- if (.Values.gate).enabled }}
  - name: gate-volume
    mountPath: /etc/gate
    readOnly: true
  {{- end }}
  {{- if (.Values.elector.webConfig).secretName }}
  - name: web-elector-volume
    mountPath: /etc/web-elector
    readOnly: true
  {{- end }}
  {{- if (.Values.prometheus.webConfig).clientConfigKey }}
  - name: web-prometheus-volume
    mountPath: /etc/web-prometheus
    readOnly: true
  {{- end }}
  {{- with .Values.elector.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "promfleet.prometheusContainer" -}}
{{- $image := .Values.prometheus.image -}}
- name: prometheus
  image: {{ printf "%s:%s" $image.repository (toString $image.tag) | quote }}
  imagePullPolicy: {{ $image.pullPolicy | default "IfNotPresent" }}
  args:
    {{- include "promfleet.prometheusArgs" . | nindent 4 }}
  {{- with .Values.prometheus.env }}
  env:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - name: http
      containerPort: 9090
  {{- with include "promfleet.probes" .Values.prometheus }}
  {{- trim . | nindent 2 }}
  {{- end }}
  {{- with .Values.prometheus.resources | default .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: config-volume
      mountPath: /etc/config
      readOnly: true
    - name: runtime-volume
      mountPath: /etc/runtime
      readOnly: true
    - name: storage-volume
      mountPath: /prometheus/data{{ if include "promfleet.isAgent" . }}-agent{{ end }}
    {{- if (.Values.prometheus.webConfig).secretName }}
    - name: web-prometheus-volume
      mountPath: /etc/web-prometheus
      readOnly: true
    {{- end }}
    {{- with .Values.prometheus.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
