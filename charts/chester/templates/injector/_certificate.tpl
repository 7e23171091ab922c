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
{{- $made = merge $made (include "chester.generatedCertificate" (list . $made.secret (list (printf "%s.%s.svc" $name .Release.Namespace))) | fromYaml) -}}
{{- end -}}
{{- $_ := set . "webhookCertificate" $made -}}
{{- end -}}
{{- toYaml .webhookCertificate -}}
{{- end -}}

{{/*
An authority and a certificate for some names, as YAML {ca, crt, key, end}: (list $ "secret" (list "name")). Taken from
the secret while that is good for another 90 days, else made anew for five years.
*/}}
{{- define "chester.generatedCertificate" -}}
{{- $root := index . 0 -}}
{{- $names := index . 2 -}}
{{- $kept := lookup "v1" "Secret" $root.Release.Namespace (index . 1) | default dict -}}
{{- $end := dig "metadata" "annotations" "chester/not-after" "0" $kept | int64 -}}
{{- $isSame := eq (dig "metadata" "annotations" "chester/names" "" $kept) (join "," $names) -}}
{{- if and $isSame (gt $end (add (now | unixEpoch | int64) 7776000)) -}}
{{- dict "ca" (index $kept.data "ca.crt" | b64dec) "crt" (index $kept.data "tls.crt" | b64dec) "key" (index $kept.data "tls.key" | b64dec) "end" ($end | toString) | toYaml -}}
{{- else -}}
{{- $days := 1825 -}}
{{- $ca := genCA (printf "%s-authority" (include "chester.fullname" $root)) $days -}}
{{- $ips := list -}}
{{- $hosts := list -}}
{{- range $names -}}
{{- if regexMatch "^[0-9.]+$" . -}}{{- $ips = append $ips . -}}{{- else -}}{{- $hosts = append $hosts . -}}{{- end -}}
{{- end -}}
{{- $certificate := genSignedCert (first $hosts) $ips $hosts $days $ca -}}
{{- dict "ca" $ca.Cert "crt" $certificate.Cert "key" $certificate.Key "end" (add (now | unixEpoch | int64) (mul $days 86400) | toString) | toYaml -}}
{{- end -}}
{{- end -}}

{{/* Metadata's annotations that say until when, and for what, a generated certificate is good. */}}
{{- define "chester.certificateAnnotations" -}}
chester/not-after: {{ (index . 0).end | quote }}
chester/names: {{ index . 1 | join "," }}
{{- end -}}
