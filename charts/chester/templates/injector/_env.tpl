{{/* The injector's environment. Names are those of `chester injector --help`. */}}
{{- define "chester.injectorEnv" -}}
{{- $i := .cfg.injector -}}
{{ include "chester.env" (list "AGENT_IMAGE" (include "chester.image" (list . "agent"))) }}
{{ include "chester.env" (list "AGENT_IMAGE_PULL_POLICY" .cfg.image.pullPolicy) }}
{{- with .cfg.image.pullSecrets }}
{{- $names := list }}
{{- range . }}{{- $names = append $names .name }}{{- end }}
{{ include "chester.env" (list "AGENT_IMAGE_PULL_SECRETS" (join "," $names)) }}
{{- end }}
{{ include "chester.env" (list "AGENT_RESOURCES" ($i.agentResources | toJson)) }}
{{ include "chester.env" (list "COORDINATOR_ADDRESS" (include "chester.coordinatorAddress" .)) }}
{{- if not .cfg.tls.isPublic }}
{{ include "chester.env" (list "COORDINATOR_CA_FILE" "/etc/chester/coordinator/ca.crt") }}
{{- end }}
{{ include "chester.env" (list "TOKEN_AUDIENCE" .cfg.agents.token.audience) }}
{{ include "chester.env" (list "TOKEN_EXPIRY_SECONDS" .cfg.agents.token.expirySeconds) }}
{{ include "chester.env" (list "CELL" .cfg.cell) }}
{{ include "chester.env" (list "ADMIN_SECRET" $i.adminSecret) }}
{{ include "chester.env" (list "ADMIN_SECRET_USER_KEY" $i.adminSecretUserKey) }}
{{ include "chester.env" (list "ADMIN_SECRET_PASSWORD_KEY" $i.adminSecretPasswordKey) }}
{{- $certificate := include "chester.webhookCertificate" . | fromYaml }}
{{- if eq $certificate.source "own" }}
{{- $host := printf "%s-injector.%s" (include "chester.fullname" .) .Release.Namespace }}
{{ include "chester.env" (list "CERTIFICATE_SECRET" $certificate.secret) }}
- name: POD_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
{{ include "chester.env" (list "WEBHOOK_CONFIGURATION" (include "chester.webhookName" .)) }}
{{ include "chester.env" (list "WEBHOOK_NAMES" (printf "%s.svc,%s.svc.%s" $host $host .cfg.clusterDomain)) }}
{{- end }}
{{- range $name, $value := $i.settings }}
{{ include "chester.env" (list $name $value) }}
{{- end }}
{{- end -}}
