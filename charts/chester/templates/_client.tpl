{{/* How `chester` of this release's own pods finds the coordinators. */}}
{{- define "chester.clientEnv" -}}
{{ include "chester.env" (list "CHESTER_COORDINATOR" (include "chester.coordinatorAddress" .)) }}
{{- end -}}
