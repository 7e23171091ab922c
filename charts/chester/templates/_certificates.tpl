{{/*
The authority that signs what this chart generates, as YAML {ca, key, end}: kept by upgrades for as long as it is good for
another year, because injected pods bear it as it was when they were made.
*/}}
{{- define "chester.generatedAuthority" -}}
{{- if not (hasKey . "authorityMade") -}}
{{- $name := printf "%s-authority" (include "chester.fullname" .) -}}
{{- $kept := lookup "v1" "Secret" .Release.Namespace (printf "%s-tls-authority" (include "chester.fullname" .)) | default dict -}}
{{- $end := dig "metadata" "annotations" "chester/not-after" "0" $kept | int64 -}}
{{- if gt $end (add (now | unixEpoch | int64) 31536000) -}}
{{- $_ := set . "authorityMade" (dict "ca" (index $kept.data "tls.crt" | b64dec) "key" (index $kept.data "tls.key" | b64dec) "end" ($end | toString)) -}}
{{- else -}}
{{- $days := 3650 -}}
{{- $ca := genCA $name $days -}}
{{- $_ := set . "authorityMade" (dict "ca" $ca.Cert "key" $ca.Key "end" (add (now | unixEpoch | int64) (mul $days 86400) | toString)) -}}
{{- end -}}
{{- end -}}
{{- toYaml .authorityMade -}}
{{- end -}}

{{/*
A certificate for some names, and one of a client, signed by the authority of this release, as YAML {ca, crt, key,
clientCrt, clientKey, end}: (list $ "secret" (list "name") "client's name"). Taken from the secret while that is good for
another 90 days and for the same names, else signed anew for five years.
*/}}
{{- define "chester.generatedCertificate" -}}
{{- $root := index . 0 -}}
{{- $names := index . 2 -}}
{{- $client := index . 3 -}}
{{- $authority := include "chester.generatedAuthority" $root | fromYaml -}}
{{- $kept := lookup "v1" "Secret" $root.Release.Namespace (index . 1) | default dict -}}
{{- $data := $kept.data | default dict -}}
{{- $end := dig "metadata" "annotations" "chester/not-after" "0" $kept | int64 -}}
{{- $isSame := and (eq (dig "metadata" "annotations" "chester/names" "" $kept) (join "," $names)) (eq (get $data "ca.crt" | b64dec) $authority.ca) (or (not $client) (hasKey $data "client.crt")) -}}
{{- if and $isSame (gt $end (add (now | unixEpoch | int64) 7776000)) -}}
{{- $made := dict "ca" $authority.ca "crt" (index $data "tls.crt" | b64dec) "key" (index $data "tls.key" | b64dec) "end" ($end | toString) -}}
{{- if $client -}}
{{- $_ := set $made "clientCrt" (index $data "client.crt" | b64dec) -}}
{{- $_ := set $made "clientKey" (index $data "client.key" | b64dec) -}}
{{- end -}}
{{- toYaml $made -}}
{{- else -}}
{{- /* Nobody but an upgrade renews it. */ -}}
{{- $days := 1825 -}}
{{- $ca := buildCustomCert (b64enc $authority.ca) (b64enc $authority.key) -}}
{{- $ips := list -}}
{{- $hosts := list -}}
{{- range $names -}}
{{- if regexMatch "^[0-9.]+$|:" . -}}{{- $ips = append $ips . -}}{{- else -}}{{- $hosts = append $hosts . -}}{{- end -}}
{{- end -}}
{{- $certificate := genSignedCert (first $hosts) $ips $hosts $days $ca -}}
{{- $made := dict "ca" $authority.ca "crt" $certificate.Cert "key" $certificate.Key "end" (add (now | unixEpoch | int64) (mul $days 86400) | toString) -}}
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
{{- $made := dict "source" $source "secret" (printf "%s-tls" $name) "agentSecret" (.cfg.agents.certificate.existingSecret | default (printf "%s-agent-tls" $name)) -}}
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
