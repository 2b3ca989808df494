{{/* The elector's configuration, and with a gate what belongs to it on Prometheus' side. */}}

{{- define "promfleet.userConfiguration" -}}
{{- index (.Values.configFiles | default dict) "prometheus-elector.yaml" | default "follower: {}" -}}
{{- end -}}

{{/* The text as the user wrote it: YAML that is read and written again would lose what values look like. With a gate its
     remote_write is put at the head of `follower`. */}}
{{- define "promfleet.configuration" -}}
{{- $text := include "promfleet.userConfiguration" . -}}
{{- if (.Values.gate).enabled -}}
  {{- if hasKey ((fromYaml $text).follower | default dict) "remote_write" -}}
    {{- fail "gate.enabled puts remote_write into `follower` of configFiles.\"prometheus-elector.yaml\": remove the one that is there" -}}
  {{- end -}}
  {{- $head := `(?m)^follower:[ \t]*(\{[ \t]*\}|&[^ \t\r\n]+)?[ \t]*(#.*)?\r?(\n|\z)` -}}
  {{- if not (regexMatch $head $text) -}}
    {{- fail "gate.enabled needs `follower:` as a line of its own in configFiles.\"prometheus-elector.yaml\", with its keys indented below it" -}}
  {{- end -}}
  {{- $around := regexSplit $head $text 2 -}}
  {{- $line := regexReplaceAll `\{[ \t]*\}` (regexFind $head $text | trimSuffix "\n") "" -}}
  {{- $firstKey := regexFind `(?m)^ *[^ #\r\n]` (last $around) -}}
  {{- $indentation := sub (len $firstKey | max 1) 1 | default 2 | int -}}
  {{- printf "%s%s\n%s\n%s" (first $around) $line (include "promfleet.remoteWrite" . | indent $indentation) (last $around) -}}
{{- else -}}
  {{- $text -}}
{{- end -}}
{{- end -}}

{{/* Fails where a secret stands in fields that everybody may read who may read ConfigMaps. Takes fields, path. */}}
{{- define "promfleet.refuseSecrets" -}}
{{- $path := .path -}}
{{- range $name, $value := .fields -}}
  {{- $file := ternary "files" (printf "%s_file" $name) (eq $name "secrets") -}}
  {{- if kindIs "map" $value -}}
    {{- include "promfleet.refuseSecrets" (dict "fields" $value "path" (printf "%s.%s" $path $name)) -}}
  {{- else if has $name (list "password" "credentials" "bearer_token" "client_secret" "key" "secrets") -}}
    {{- fail (printf "%s.%s would lie in a ConfigMap: give %s.%s, and mount it by extraVolumes and prometheus.extraVolumeMounts" $path $name $path $file) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* What `promfleet elector gate-values` prints for the same entries. docs/gate.md explains the numbers. */}}
{{- define "promfleet.remoteWrite" -}}
{{- $entries := .Values.gate.remoteWrite -}}
{{- $web := .Values.elector.webConfig | default dict -}}
{{- $port := include "promfleet.gatePort" . -}}
{{- if and $web.secretName (not .Values.gate.client) -}}
  {{- fail "elector.webConfig protects the gate, too: say in gate.client how Prometheus introduces itself there" -}}
{{- end -}}
{{- include "promfleet.refuseSecrets" (dict "fields" .Values.gate.client "path" "gate.client") -}}
remote_write:
{{- range $number, $entry := $entries }}
  {{- $path := $entry.path | default "/api/v1/write" }}
  {{- $hold := include "promfleet.milliseconds" ($entry.hold | default "25s") | int64 }}
  {{- $timeout := max 30000 (add $hold 5000) }}
  - name: {{ $entry.name | default $path | quote }}
    url: {{ printf "%s://127.0.0.1:%s%s" (include "promfleet.scheme" $web) $port $path | quote }}
    remote_timeout: {{ ternary (printf "%ds" (div $timeout 1000)) (printf "%dms" $timeout) (eq (mod $timeout 1000) 0) }}
    {{- if eq (toString $entry.protobuf_message) "io.prometheus.write.v2.Request" }}
    protobuf_message: io.prometheus.write.v2.Request
    {{- end }}
    queue_config:
      min_shards: 1
      max_shards: 1
      capacity: 10000
      max_samples_per_send: 2000
      batch_send_deadline: 5s
      min_backoff: 30ms
      max_backoff: 100ms
    {{- $destination := list $entry.url $entry.group }}
    {{- $before := 0 }}
    {{- $streams := 0 }}
    {{- range $other, $candidate := $entries }}
      {{- if deepEqual (list $candidate.url $candidate.group) $destination }}
        {{- $streams = add1 $streams }}
        {{- if lt $other $number }}{{ $before = add1 $before }}{{ end }}
      {{- end }}
    {{- end }}
    {{- if gt $streams 1 }}
    write_relabel_configs:
      - source_labels: [__name__, job, instance, namespace, pod]
        modulus: {{ $streams }}
        target_label: __tmp_gate
        action: hashmod
      - source_labels: [__tmp_gate]
        regex: {{ $before | squote }}
        action: keep
      - regex: __tmp_gate
        action: labeldrop
    {{- end }}
    {{- with $.Values.gate.client }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end -}}

{{/* Whether the chart makes the configuration's ConfigMap: "true" or nothing. */}}
{{- define "promfleet.ownsConfiguration" -}}
{{- if not (or (.Values.config).existingSecret (.Values.config).existingConfigMap) -}}true{{- end -}}
{{- end -}}
