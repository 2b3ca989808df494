{{/* Flags of the elector and of Prometheus: what they say, and what the chart adds to them. */}}

{{/* The value of a flag in a list of words, as `-name=value`, `--name=value` or two words; the last one counts.
     Takes args, name, default. */}}
{{- define "promfleet.flag" -}}
{{- $name := printf "^--?%s" (regexQuoteMeta .name) -}}
{{- $value := .default -}}
{{- $next := false -}}
{{- range .args -}}
  {{- $word := toString . -}}
  {{- if $next -}}
    {{- $value = $word -}}
  {{- else if regexMatch (printf "%s=" $name) $word -}}
    {{- $value = regexReplaceAll "^[^=]*=" $word "" -}}
  {{- end -}}
  {{- $next = regexMatch (printf "%s$" $name) $word -}}
{{- end -}}
{{- $value -}}
{{- end -}}

{{/* Whether a list of words has a flag: "true" or nothing. Takes args, name. */}}
{{- define "promfleet.hasFlag" -}}
{{- range .args -}}
  {{- if regexMatch (printf "^--?%s(=|$)" (regexQuoteMeta $.name)) (toString .) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* A duration of Go or Prometheus, such as 1m30s, in milliseconds. */}}
{{- define "promfleet.milliseconds" -}}
{{- $milliseconds := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|[smhd])" (toString .) -1 -}}
  {{- $number := regexFind "^[0-9.]+" . | float64 -}}
  {{- $unit := regexFind "[a-z]+$" . -}}
  {{- $sum = addf $sum (mulf $number (index $milliseconds $unit)) -}}
{{- end -}}
{{- round $sum 0 | int64 -}}
{{- end -}}

{{- define "promfleet.leaseName" -}}
{{- include "promfleet.flag" (dict "args" .Values.elector.args "name" "lease-name" "default" .Values.lease.name) -}}
{{- end -}}

{{- define "promfleet.leaseNamespace" -}}
{{- include "promfleet.flag" (dict "args" .Values.elector.args "name" "lease-namespace" "default" .Release.Namespace) -}}
{{- end -}}

{{/* One of the lease's times. Takes args, name (of the flag), seconds (where it is not given). */}}
{{- define "promfleet.leaseMilliseconds" -}}
{{- $time := dict "args" .args "name" .name "default" (printf "%vs" .seconds) -}}
{{- include "promfleet.flag" $time | include "promfleet.milliseconds" -}}
{{- end -}}

{{/* What the lease leaves for a demotion, in milliseconds: a reload takes a second of it beside the flush. */}}
{{- define "promfleet.demotionMilliseconds" -}}
{{- $duration := dict "args" .Values.elector.args "name" "lease-duration" "seconds" .Values.lease.durationSeconds -}}
{{- $deadline := dict "args" .Values.elector.args "name" "lease-renew-deadline" "seconds" .Values.lease.renewDeadlineSeconds -}}
{{- sub (include "promfleet.leaseMilliseconds" $duration | int64) (include "promfleet.leaseMilliseconds" $deadline | add 1000) -}}
{{- end -}}

{{/* Prometheus flushes the queues that a reload removes one after the other. */}}
{{- define "promfleet.flushDeadline" -}}
{{- $configuration := include "promfleet.userConfiguration" . | fromYaml -}}
{{- $queues := ($configuration.leader).remote_write | default list | len | max 1 -}}
{{- $fitting := div (mul 3 (include "promfleet.demotionMilliseconds" . | int64)) (mul 4 $queues) -}}
{{- .Values.prometheus.flushDeadline | default (printf "%dms" (max 100 $fitting)) -}}
{{- end -}}

{{/* Whether Prometheus is an agent: "true" or nothing. */}}
{{- define "promfleet.isAgent" -}}
{{- $words := join " " .Values.prometheus.args -}}
{{- $byFlag := regexMatch "(^| )(--agent|--enable-feature[= ]([^, ]+,)*agent)(,| |$)" $words -}}
{{- if or $byFlag (eq (toString .Values.prometheus.mode) "agent") -}}true{{- end -}}
{{- end -}}

{{/* How a Prometheus is told to be an agent: 3.0 has a flag, and ignores the feature of before. */}}
{{- define "promfleet.agentFlag" -}}
{{- ternary "--enable-feature=agent" "--agent" (regexMatch "^v?[0-2]\\." (toString .Values.prometheus.image.tag)) -}}
{{- end -}}

{{/* What a port speaks, by its webConfig. */}}
{{- define "promfleet.scheme" -}}
{{- ternary (.scheme | default "https") "http" (not (empty .secretName)) -}}
{{- end -}}

{{- define "promfleet.fileArgs" -}}
- -config=/etc/config/prometheus-elector.yaml
- -output=/etc/runtime/prometheus.yaml
{{- end -}}

{{/* A list of words as strings, whatever they look like. */}}
{{- define "promfleet.words" -}}
{{- $words := list -}}
{{- range . -}}
  {{- $words = append $words (toString .) -}}
{{- end -}}
{{- toYaml $words -}}
{{- end -}}

{{- define "promfleet.electorArgs" -}}
{{- $values := .Values -}}
{{- $prometheus := printf "%s://127.0.0.1:9090" (include "promfleet.scheme" ($values.prometheus.webConfig | default dict)) -}}
- -lease-name={{ $values.lease.name }}
- -lease-namespace={{ .Release.Namespace }}
- -lease-duration={{ $values.lease.durationSeconds }}s
- -lease-renew-deadline={{ $values.lease.renewDeadlineSeconds }}s
- -lease-retry-period={{ $values.lease.retryPeriodSeconds }}s
{{ include "promfleet.fileArgs" . }}
{{- if or (gt (len ($values.configFiles | default dict)) 1) ($values.config).existingSecret ($values.config).existingConfigMap }}
- -watch-dir=/etc/config
{{- end }}
- -notify-http-url={{ $prometheus }}/-/reload
- -readiness-http-url={{ $prometheus }}/-/ready
- -healthcheck-http-url={{ $prometheus }}/-/healthy
{{- with ($values.prometheus.webConfig).clientConfigKey }}
- -prometheus.http-config=/etc/web-prometheus/{{ . }}
{{- end }}
- -api-listen-address=:9095
{{- if ($values.elector.webConfig).secretName }}
- -web.config.file=/etc/web-elector/{{ $values.elector.webConfig.key }}
{{- end }}
{{- if $values.enableLeaderProxy }}
- -api-proxy-enabled
- -api-proxy-prometheus-service-name={{ include "promfleet.fullname" . }}
- -api-proxy-prometheus-local-port=9090
- -api-proxy-prometheus-remote-port=9090
{{- end }}
{{- if ($values.gate).enabled }}
- -gate-config=/etc/gate/gate.yaml
{{- end }}
{{- with $values.elector.args }}
{{ include "promfleet.words" . }}
{{- end }}
{{- end -}}

{{/* A flag given twice is an error of Prometheus'. */}}
{{- define "promfleet.prometheusArgs" -}}
{{- $args := .Values.prometheus.args -}}
{{- $isAgent := include "promfleet.isAgent" . -}}
{{- $own := list (list "storage.remote.flush-deadline" (include "promfleet.flushDeadline" .)) -}}
{{- if $isAgent -}}
  {{- $own = append $own (list "storage.agent.path" "/prometheus/data-agent") -}}
{{- else -}}
  {{- $own = append $own (list "storage.tsdb.path" "/prometheus/data") -}}
{{- end -}}
{{- if (.Values.prometheus.webConfig).secretName -}}
  {{- $own = append $own (list "web.config.file" (printf "/etc/web-prometheus/%s" .Values.prometheus.webConfig.key)) -}}
{{- end -}}
{{- if include "promfleet.hasFlag" (dict "args" $args "name" "config.file") -}}
  {{- fail "prometheus.args: leave --config.file out, Prometheus reads what the elector writes" -}}
{{- end -}}
- --config.file=/etc/runtime/prometheus.yaml
{{- if not (include "promfleet.hasFlag" (dict "args" $args "name" "web.enable-lifecycle")) }}
- --web.enable-lifecycle
{{- end }}
{{- if $isAgent }}
{{- $flag := include "promfleet.agentFlag" . }}
{{- if not (regexMatch (printf "(^| )%s( |,|$)" $flag) (join " " $args)) }}
- {{ $flag }}
{{- end }}
{{- end }}
{{- range $own }}
{{- if not (include "promfleet.hasFlag" (dict "args" $args "name" (first .))) }}
- --{{ first . }}={{ last . }}
{{- end }}
{{- end }}
{{- with $args }}
{{ include "promfleet.words" . }}
{{- end }}
{{- end -}}
