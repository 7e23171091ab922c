{{/*
Where a credential is, as YAML {name, key}: (list $ credential "id"). `credential` has value, existingSecret and key.
What is given by value, or made for a trial, stands in the chart's own secret under its id.
*/}}
{{- define "chester.credential" -}}
{{- $root := index . 0 -}}
{{- $credential := index . 1 -}}
{{- if $credential.existingSecret -}}
{{- dict "name" $credential.existingSecret "key" ($credential.key | default (index . 2)) | toYaml -}}
{{- else -}}
{{- dict "name" (printf "%s-credentials" (include "chester.fullname" $root)) "key" (index . 2) | toYaml -}}
{{- end -}}
{{- end -}}

{{/* Notes a problem when a credential is missing: (list $ credential "path"). The trial makes its own. */}}
{{- define "chester.requireCredential" -}}
{{- $root := index . 0 -}}
{{- $credential := index . 1 -}}
{{- if and $credential.value $credential.existingSecret -}}
{{- include "chester.problem" (list $root (index . 2) "has both value and existingSecret; allowed: one of them") -}}
{{- else if not (or $credential.value $credential.existingSecret (eq $root.cfg.preset "trial")) -}}
{{- include "chester.problem" (list $root (index . 2) (printf "is missing; set %s.existingSecret (with key) or %s.value. Only the preset trial makes its own" (index . 2) (index . 2))) -}}
{{- end -}}
{{- end -}}

{{/*
One entry of the chart's secret, or nothing: (list $ credential "id"). What was made once is kept by upgrades.
*/}}
{{- define "chester.credentialEntry" -}}
{{- $root := index . 0 -}}
{{- $credential := index . 1 -}}
{{- $id := index . 2 -}}
{{- if not $credential.existingSecret -}}
{{- if $credential.value -}}
{{ $id }}: {{ $credential.value | toString | b64enc | quote }}
{{- else if eq $root.cfg.preset "trial" -}}
{{- $kept := lookup "v1" "Secret" $root.Release.Namespace (printf "%s-credentials" (include "chester.fullname" $root)) -}}
{{- $data := get ($kept | default dict) "data" | default dict -}}
{{ $id }}: {{ get $data $id | default (randAlphaNum 32 | b64enc) | quote }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The administrator's token where the chart knows it: given by value, or made once for a trial; else nothing. */}}
{{- define "chester.adminToken" -}}
{{- if not (hasKey . "adminTokenMade") -}}
{{- $token := .cfg.access.token.value -}}
{{- if and (not $token) (not .cfg.access.token.existingSecret) (eq .cfg.preset "trial") -}}
{{- $kept := lookup "v1" "Secret" .Release.Namespace (printf "%s-credentials" (include "chester.fullname" .)) | default dict -}}
{{- $token = get ($kept.data | default dict) "admin-token" | b64dec | default (randAlphaNum 40) -}}
{{- end -}}
{{- $_ := set . "adminTokenMade" $token -}}
{{- end -}}
{{- .adminTokenMade -}}
{{- end -}}

{{/*
What changes when a credential that is given by value changes: (list $ credential…). Pods read credentials when they start,
so their template bears this. What is made for a trial never changes, and of an existing secret the chart knows nothing.
*/}}
{{- define "chester.credentialsSum" -}}
{{- $values := list -}}
{{- range . -}}{{- $values = append $values (.value | default "" | toString) -}}{{- end -}}
{{- toJson $values | sha256sum -}}
{{- end -}}
