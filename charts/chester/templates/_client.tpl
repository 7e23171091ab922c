{{/* How `chester` of this release's own pods finds the coordinators: (list $ "host:port"). */}}
{{- define "chester.clientEnv" -}}
{{- $root := index . 0 -}}
{{ include "chester.env" (list "CHESTER_COORDINATOR" (index . 1)) }}
{{- if $root.cfg.tls.isPublic }}
{{ include "chester.env" (list "CHESTER_TLS" "true") }}
{{- else }}
{{ include "chester.env" (list "CHESTER_CA_FILE" "/etc/chester/client/ca.crt") }}
{{- end }}
{{- if eq "true" (include "chester.hasClientToken" $root) }}
{{ include "chester.env" (list "CHESTER_TOKEN_FILE" "/etc/chester/client/token") }}
{{- end }}
{{- end -}}

{{- define "chester.hasClientToken" -}}
{{- $token := .cfg.access.token -}}
{{- or (not (empty $token.value)) (not (empty $token.existingSecret)) (eq .cfg.preset "trial") -}}
{{- end -}}

{{/* A volume with what a client shows, and knows coordinators by. */}}
{{- define "chester.clientVolume" -}}
- name: client
  projected:
    defaultMode: 0440
    sources:
      {{- if not .cfg.tls.isPublic }}
      - secret:
          name: {{ .cfg.coordinator.enabled | ternary (include "chester.tls" . | fromYaml).secret .cfg.tls.existingSecret }}
          items: [{ key: ca.crt, path: ca.crt }]
      {{- end }}
      {{- if eq "true" (include "chester.hasClientToken" .) }}
      {{- $token := include "chester.credential" (list . .cfg.access.token "admin-token") | fromYaml }}
      - secret: { name: {{ $token.name }}, items: [{ key: {{ $token.key }}, path: token }] }
      {{- end }}
      {{- if and .cfg.tls.isPublic (ne "true" (include "chester.hasClientToken" .)) }} []{{ end }}
{{- end -}}

{{- define "chester.clientMount" -}}
- { name: client, mountPath: /etc/chester/client, readOnly: true }
{{- end -}}
