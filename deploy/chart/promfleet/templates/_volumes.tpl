{{- define "promfleet.volumes" -}}
- name: config-volume
  {{- if (.Values.config).existingSecret }}
  secret:
    secretName: {{ .Values.config.existingSecret | quote }}
  {{- else }}
  configMap:
    name: {{ (.Values.config).existingConfigMap | default (printf "%s-config" (include "promfleet.fullname" .)) | quote }}
  {{- end }}
# In memory: the file that the elector writes has all credentials of both sections.
- name: runtime-volume
  emptyDir:
    medium: Memory
{{- if (.Values.gate).enabled }}
- name: gate-volume
  projected:
    sources:
      - secret:
          name: {{ include "promfleet.fullname" . }}-gate
      {{- with .Values.gate.secretName }}
      - secret:
          name: {{ . | quote }}
      {{- end }}
{{- end }}
{{- range $part := list "elector" "prometheus" }}
{{- with (index $.Values $part).webConfig }}
{{- if .secretName }}
- name: web-{{ $part }}-volume
  secret:
    secretName: {{ .secretName | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
