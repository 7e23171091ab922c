{{/* The coordinator's environment. Names are those of `chester coordinator --help`. */}}
{{- define "chester.coordinatorEnv" -}}
{{- $c := .cfg -}}
- name: COORDINATOR_ID
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{ include "chester.env" (list "LISTEN_HOST" "0.0.0.0") }}
{{ include "chester.env" (list "TLS_CERT_FILE" "/etc/chester/tls/tls.crt") }}
{{ include "chester.env" (list "TLS_KEY_FILE" "/etc/chester/tls/tls.key") }}
{{ include "chester.env" (list (ternary "HTTP_TLS" "INSECURE_HTTP" $c.tls.http) "true") }}
{{ include "chester.env" (list "ACCESS_FILE" "/etc/chester/access/access.yaml") }}
{{- with $c.access.iapAudience }}
{{ include "chester.env" (list "IAP_AUDIENCE" .) }}
{{- end }}
{{- if eq $c.agents.identity "certificate" }}
{{ include "chester.env" (list "TLS_CLIENT_CA_FILE" "/etc/chester/tls/ca.crt") }}
{{- else }}
{{ include "chester.env" (list "AGENT_TOKEN_AUDIENCE" $c.agents.token.audience) }}
{{ include "chester.env" (list "AGENT_TOKEN_ISSUER" $c.agents.token.issuer) }}
{{ include "chester.env" (list "AGENT_TOKEN_KEYS" "https://kubernetes.default.svc/openid/v1/jwks") }}
{{ include "chester.env" (list "AGENT_TOKEN_KEYS_CA_FILE" "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt") }}
{{ include "chester.env" (list "AGENT_TOKEN_KEYS_TOKEN_FILE" "/var/run/secrets/kubernetes.io/serviceaccount/token") }}
{{- end }}
{{ include "chester.env" (list "HTTP_PORT" 8080) }}
{{ include "chester.env" (list "GRPC_PORT" 8443) }}
{{ include "chester.env" (list "CONFIG_FILE" "/etc/chester/config/declarations.yaml") }}
{{ include "chester.storeEnv" . }}
{{- if ne $c.cell "default" }}
{{ include "chester.env" (list "CELL" $c.cell) }}
{{- end }}
{{ include "chester.envFromSecret" (list "WEBHOOK_TOKEN" (include "chester.credential" (list . $c.webhook.token "webhook-token") | fromYaml)) }}
{{- if $c.webhook.username }}
{{ include "chester.env" (list "WEBHOOK_USERNAME" $c.webhook.username) }}
{{ include "chester.envFromSecret" (list "WEBHOOK_PASSWORD" (include "chester.credential" (list . $c.webhook.password "webhook-password") | fromYaml)) }}
{{- end }}
{{- with $c.cloudsql.rootUrl | default (ternary "http://127.0.0.1:9040/" "" $c.sandbox.enabled) }}
{{ include "chester.env" (list "CLOUDSQL_ROOT_URL" .) }}
{{- end }}
{{- if $c.encryption.existingSecret }}
{{ include "chester.env" (list "SECRET_KEY_FILE" "/etc/chester/keys/keys") }}
{{- end }}
{{- with $c.pubsub.subscription }}
{{ include "chester.env" (list "PUBSUB_SUBSCRIPTION" .) }}
{{- end }}
{{- with $c.notifications.slackSecret }}
{{ include "chester.env" (list "NOTIFY_SLACK_SECRET" .) }}
{{- end }}
{{- with $c.notifications.webhookSecret }}
{{ include "chester.env" (list "NOTIFY_WEBHOOK_SECRET" .) }}
{{- end }}
{{- with $c.notifications.pubsubTopic }}
{{ include "chester.env" (list "NOTIFY_PUBSUB_TOPIC" .) }}
{{- end }}
{{- if $c.rbac.enabled }}
{{ include "chester.env" (list "POD_NAMESPACES" (concat (list .Release.Namespace) $c.rbac.namespaces | uniq | join ",")) }}
{{- end }}
{{ include "chester.env" (list "KEEP_DAYS" $c.retention.keepDays) }}
{{ include "chester.env" (list "EVENTS_MAX" $c.retention.eventsMax) }}
{{ include "chester.env" (list "INCIDENTS_MAX" $c.retention.incidentsMax) }}
{{ include "chester.env" (list "SET_ASIDE_MAX" $c.retention.setAsideMax) }}
{{- range $name, $value := $c.coordinator.settings }}
{{ include "chester.env" (list $name $value) }}
{{- end }}
{{- end -}}

{{/* Where the store is. */}}
{{- define "chester.storeEnv" -}}
{{- $c := .cfg -}}
{{ include "chester.env" (list "INSTALL_ID" ($c.installId | default .Release.Name)) }}
{{ include "chester.env" (list "SECRETS_DIR" "/etc/chester/secrets") }}
{{- if eq $c.store.kind "embedded" }}
{{ include "chester.env" (list "STATE_FILE" "/var/lib/chester/store.sqlite") }}
{{- else }}
{{ include "chester.env" (list "REDIS_URL" ($c.store.redis.url | default (printf "redis://%s-redis:6379" (include "chester.fullname" .)))) }}
{{- if or $c.redis.enabled $c.store.redis.password.value $c.store.redis.password.existingSecret }}
{{ include "chester.env" (list "REDIS_PASSWORD_SECRET" "chester-redis") }}
{{- end }}
{{- with $c.store.redis.sentinelPasswordSecret }}
{{ include "chester.env" (list "REDIS_SENTINEL_PASSWORD_SECRET" .) }}
{{- end }}
{{- if $c.store.redis.caSecret }}
{{ include "chester.env" (list "REDIS_TLS_CA" "/etc/chester/redis-ca/ca.crt") }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Volumes that coordinator, debug pod and backup read from. */}}
{{- define "chester.coordinatorVolumes" -}}
- name: config
  configMap: { name: {{ include "chester.fullname" . }}-declarations }
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- include "chester.namedSecrets" . | nindent 6 }}
- name: access
  secret:
    {{- if .cfg.access.existingSecret }}
    secretName: {{ .cfg.access.existingSecret }}
    {{- else }}
    secretName: {{ include "chester.fullname" . }}-access
    {{- end }}
    defaultMode: 0440
- name: tls
  secret: { secretName: {{ (include "chester.tls" . | fromYaml).secret }}, defaultMode: 0440 }
{{- with .cfg.encryption.existingSecret }}
- name: keys
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: {{ $.cfg.encryption.key }}, path: keys }] }
{{- end }}
{{- with .cfg.store.redis.caSecret }}
- name: redis-ca
  secret: { secretName: {{ . }}, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- end -}}

{{- define "chester.coordinatorMounts" -}}
- { name: access, mountPath: /etc/chester/access, readOnly: true }
- { name: tls, mountPath: /etc/chester/tls, readOnly: true }
{{- if .cfg.encryption.existingSecret }}
- { name: keys, mountPath: /etc/chester/keys, readOnly: true }
{{- end }}
{{- if .cfg.store.redis.caSecret }}
- { name: redis-ca, mountPath: /etc/chester/redis-ca, readOnly: true }
{{- end }}
- { name: config, mountPath: /etc/chester/config, readOnly: true }
- { name: secrets, mountPath: /etc/chester/secrets, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{/* One file a secret that groups name. */}}
{{- define "chester.namedSecrets" -}}
{{- $sources := list -}}
{{- range $name := keys .cfg.secrets | sortAlpha -}}
{{- $secret := index $.cfg.secrets $name -}}
{{- if not $secret.external -}}
{{- $from := include "chester.credential" (list $ (dict "existingSecret" $secret.existingSecret "key" $secret.key) (printf "secret-%s" $name)) | fromYaml -}}
{{- $sources = append $sources (dict "secret" (dict "name" $from.name "items" (list (dict "key" $from.key "path" $name)))) -}}
{{- end -}}
{{- end -}}
{{- $redis := .cfg.store.redis.password -}}
{{- if and (eq .cfg.store.kind "redis") (or .cfg.redis.enabled $redis.value $redis.existingSecret) -}}
{{- $from := include "chester.credential" (list . $redis "redis-password") | fromYaml -}}
{{- $sources = append $sources (dict "secret" (dict "name" $from.name "items" (list (dict "key" $from.key "path" "chester-redis")))) -}}
{{- end -}}
{{- toYaml $sources -}}
{{- end -}}
