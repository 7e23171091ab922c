{{/* The coordinator's environment. Names are those of `chester coordinator --help`. */}}
{{- define "chester.coordinatorEnv" -}}
{{- $c := .cfg -}}
- name: COORDINATOR_ID
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{ include "chester.env" (list "INSTALL_ID" ($c.installId | default .Release.Name)) }}
{{ include "chester.env" (list "LISTEN_HOST" "0.0.0.0") }}
{{ include "chester.env" (list "INSECURE_LISTEN" "true") }}
{{ include "chester.env" (list "HTTP_PORT" 8080) }}
{{ include "chester.env" (list "GRPC_PORT" 8443) }}
{{ include "chester.env" (list "CONFIG_FILE" "/etc/chester/config/declarations.yaml") }}
{{ include "chester.env" (list "SECRETS_DIR" "/etc/chester/secrets") }}
{{- if eq $c.store.kind "embedded" }}
{{ include "chester.env" (list "STATE_FILE" "/var/lib/chester/store.sqlite") }}
{{- end }}
{{ include "chester.envFromSecret" (list "WEBHOOK_TOKEN" (include "chester.credential" (list . $c.webhook.token "webhook-token") | fromYaml)) }}
{{- if $c.webhook.username }}
{{ include "chester.env" (list "WEBHOOK_USERNAME" $c.webhook.username) }}
{{ include "chester.envFromSecret" (list "WEBHOOK_PASSWORD" (include "chester.credential" (list . $c.webhook.password "webhook-password") | fromYaml)) }}
{{- end }}
{{- with $c.cloudsql.rootUrl | default (ternary "http://127.0.0.1:9040/" "" $c.sandbox.enabled) }}
{{ include "chester.env" (list "CLOUDSQL_ROOT_URL" .) }}
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
{{ include "chester.env" (list "KEEP_DAYS" $c.retention.keepDays) }}
{{ include "chester.env" (list "EVENTS_MAX" $c.retention.eventsMax) }}
{{ include "chester.env" (list "INCIDENTS_MAX" $c.retention.incidentsMax) }}
{{ include "chester.env" (list "SET_ASIDE_MAX" $c.retention.setAsideMax) }}
{{- range $name, $value := $c.coordinator.settings }}
{{ include "chester.env" (list $name $value) }}
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
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- end -}}

{{- define "chester.coordinatorMounts" -}}
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
{{- toYaml $sources -}}
{{- end -}}
