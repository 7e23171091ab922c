{{/*
Where the webhook's certificate comes from, as YAML {source, secret, ca?, crt?, key?}. A generated one is made once for
both templates that use it, and kept by upgrades until a quarter of a year before its end.
*/}}
{{- define "chester.webhookCertificate" -}}
{{- if not (hasKey . "webhookCertificate") -}}
{{- $c := .cfg.injector.certificate -}}
{{- $name := printf "%s-injector" (include "chester.fullname" .) -}}
{{- $source := $c.source -}}
{{- if eq $source "auto" -}}
{{- $source = ternary "cert-manager" "generated" (.Capabilities.APIVersions.Has "cert-manager.io/v1") -}}
{{- end -}}
{{- $made := dict "source" $source "secret" (printf "%s-tls" $name) -}}
{{- if eq $source "existing" -}}
{{- $made = dict "source" $source "secret" $c.existingSecret "ca" $c.caBundle -}}
{{- else if eq $source "generated" -}}
{{- $made = merge $made (include "chester.generatedCertificate" (list . $made.secret (list (printf "%s.%s.svc" $name .Release.Namespace)) "") | fromYaml) -}}
{{- end -}}
{{- $_ := set . "webhookCertificate" $made -}}
{{- end -}}
{{- toYaml .webhookCertificate -}}
{{- end -}}
