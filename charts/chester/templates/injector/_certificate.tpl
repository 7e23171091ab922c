{{/* Where the webhook's certificate comes from, as YAML {source, secret, ca?}. */}}
{{- define "chester.webhookCertificate" -}}
{{- $c := .cfg.injector.certificate -}}
{{- $source := $c.source -}}
{{- if eq $source "auto" -}}
{{- $source = ternary "cert-manager" "own" (.Capabilities.APIVersions.Has "cert-manager.io/v1") -}}
{{- end -}}
{{- $secret := eq $source "existing" | ternary $c.existingSecret (printf "%s-injector-tls" (include "chester.fullname" .)) -}}
{{- dict "source" $source "secret" $secret "ca" (eq $source "existing" | ternary $c.caBundle "") | toYaml -}}
{{- end -}}

{{- define "chester.webhookName" -}}
{{- printf "%s-injector-%s" (include "chester.fullname" .) .Release.Namespace -}}
{{- end -}}
