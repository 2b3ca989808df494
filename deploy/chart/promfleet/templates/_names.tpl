{{/* What the objects are called. Selectors and the StatefulSet's name cannot be changed once it is there. */}}

{{- define "promfleet.name" -}}
{{- .Values.nameOverride | default "prometheus-elector" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* 52 characters: a StatefulSet's pods carry its name and a hash in a label, and NAME-leader is a host name. */}}
{{- define "promfleet.fullname" -}}
{{- $name := include "promfleet.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "promfleet.selectorLabels" -}}
app.kubernetes.io/name: {{ include "promfleet.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "promfleet.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "promfleet.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "promfleet.serviceAccountName" -}}
{{- $account := .Values.serviceAccount | default dict -}}
{{- $account.name | default (ternary (include "promfleet.fullname" .) "default" ($account.create | default false)) -}}
{{- end -}}

{{- define "promfleet.electorImage" -}}
{{- $image := .Values.elector.image -}}
{{- $image.devRef | default (printf "%s:%s" $image.repository (toString ($image.tag | default .Chart.AppVersion))) -}}
{{- end -}}
