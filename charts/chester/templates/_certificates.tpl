{{/*
An authority, a certificate for some names, and one of a client that it signed as well, as YAML {ca, crt, key, clientCrt,
clientKey, end}: (list $ "secret" (list "name") "client's name"). Taken from the secret while that is good for another 90
days and for the same names, else made anew for five years.
*/}}
{{- define "chester.generatedCertificate" -}}
{{- $root := index . 0 -}}
{{- $names := index . 2 -}}
{{- $client := index . 3 -}}
{{- $kept := lookup "v1" "Secret" $root.Release.Namespace (index . 1) | default dict -}}
{{- $end := dig "metadata" "annotations" "chester/not-after" "0" $kept | int64 -}}
{{- $isSame := eq (dig "metadata" "annotations" "chester/names" "" $kept) (join "," $names) -}}
{{- if and $isSame (gt $end (add (now | unixEpoch | int64) 7776000)) -}}
{{- $made := dict "ca" (index $kept.data "ca.crt" | b64dec) "crt" (index $kept.data "tls.crt" | b64dec) "key" (index $kept.data "tls.key" | b64dec) "end" ($end | toString) -}}
{{- if $client -}}
{{- $_ := set $made "clientCrt" (index $kept.data "client.crt" | b64dec) -}}
{{- $_ := set $made "clientKey" (index $kept.data "client.key" | b64dec) -}}
{{- end -}}
{{- toYaml $made -}}
{{- else -}}
{{- $days := 1825 -}}
{{- $ca := genCA (printf "%s-authority" (include "chester.fullname" $root)) $days -}}
{{- $ips := list -}}
{{- $hosts := list -}}
{{- range $names -}}
{{- if regexMatch "^[0-9.]+$|:" . -}}{{- $ips = append $ips . -}}{{- else -}}{{- $hosts = append $hosts . -}}{{- end -}}
{{- end -}}
{{- $certificate := genSignedCert (first $hosts) $ips $hosts $days $ca -}}
{{- $made := dict "ca" $ca.Cert "crt" $certificate.Cert "key" $certificate.Key "end" (add (now | unixEpoch | int64) (mul $days 86400) | toString) -}}
{{- if $client -}}
{{- $shown := genSignedCert $client list (list $client) $days $ca -}}
{{- $_ := set $made "clientCrt" $shown.Cert -}}
{{- $_ := set $made "clientKey" $shown.Key -}}
{{- end -}}
{{- toYaml $made -}}
{{- end -}}
{{- end -}}

{{/* Metadata's annotations that say until when, and for what, a generated certificate is good. */}}
{{- define "chester.certificateAnnotations" -}}
chester/not-after: {{ (index . 0).end | quote }}
chester/names: {{ index . 1 | join "," }}
{{- end -}}

{{/* Names that the coordinators' gRPC is dialled by, as a YAML list. */}}
{{- define "chester.tlsNames" -}}
{{- $name := printf "%s-grpc" (include "chester.fullname" .) -}}
{{- $in := printf "%s.%s" $name .Release.Namespace -}}
{{- concat (list (printf "%s.svc" $in) (printf "%s.svc.%s" $in .cfg.clusterDomain) $in $name "localhost" "127.0.0.1") .cfg.tls.extraNames | uniq | toYaml -}}
{{- end -}}

{{/* The name in the certificate that this release's agents show. */}}
{{- define "chester.agentCertificateName" -}}
{{- printf "%s-agent.%s" (include "chester.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/* Where the coordinators' certificate comes from: YAML {source, secret, agentSecret, …what was generated}. */}}
{{- define "chester.tls" -}}
{{- if not (hasKey . "tlsMade") -}}
{{- $name := include "chester.fullname" . -}}
{{- $source := .cfg.tls.source -}}
{{- if eq $source "auto" -}}
{{- $source = ternary "cert-manager" "generated" (.Capabilities.APIVersions.Has "cert-manager.io/v1") -}}
{{- end -}}
{{- $made := dict "source" $source "secret" (printf "%s-tls" $name) "agentSecret" (printf "%s-agent-tls" $name) -}}
{{- if eq $source "existing" -}}
{{- $_ := set $made "secret" .cfg.tls.existingSecret -}}
{{- else if eq $source "generated" -}}
{{- $client := ternary (include "chester.agentCertificateName" .) "" (eq .cfg.agents.identity "certificate") -}}
{{- $made = merge $made (include "chester.generatedCertificate" (list . $made.secret (include "chester.tlsNames" . | fromYamlArray) $client) | fromYaml) -}}
{{- end -}}
{{- $_ := set . "tlsMade" $made -}}
{{- end -}}
{{- toYaml .tlsMade -}}
{{- end -}}
