{{- define "chester.name" -}}
{{- .cfg.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What every object's name begins with. */}}
{{- define "chester.fullname" -}}
{{- if .cfg.fullnameOverride -}}
{{- .cfg.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "chester.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels of an object: (list $ "component" fleet?). */}}
{{- define "chester.labels" -}}
{{- $root := index . 0 -}}
{{ include "chester.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: chester
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.cfg.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What selects pods: never changes between versions of the chart. */}}
{{- define "chester.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "chester.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- if gt (len .) 2 }}
chester/fleet: {{ index . 2 }}
{{- end }}
{{- end -}}

{{/* Metadata of an object: (list $ "name" "component" annotations? fleet?). */}}
{{- define "chester.metadata" -}}
{{- $root := index . 0 -}}
{{- $label := list $root (index . 2) -}}
{{- if gt (len .) 4 -}}{{- $label = append $label (index . 4) -}}{{- end -}}
name: {{ index . 1 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- include "chester.labels" $label | nindent 2 }}
{{- $annotations := merge (dict) ((gt (len .) 3 | ternary (index . (min 3 (sub (len .) 1) | int)) dict) | default dict) $root.cfg.commonAnnotations }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* (list $ "coordinator" | "agent") */}}
{{- define "chester.image" -}}
{{- $root := index . 0 -}}
{{- $image := $root.cfg.image -}}
{{- $isAgent := eq (index . 1) "agent" -}}
{{- $repository := ternary $image.agentRepository $image.repository $isAgent -}}
{{- $digest := ternary $image.agentDigest $image.digest $isAgent -}}
{{- $path := ternary $repository (printf "%s/%s" (trimSuffix "/" $image.registry) $repository) (empty $image.registry) -}}
{{- if $digest -}}
{{- printf "%s@%s" $path $digest -}}
{{- else -}}
{{- printf "%s:%s" $path ($image.tag | default $root.Chart.AppVersion | toString) -}}
{{- end -}}
{{- end -}}

{{- define "chester.serviceAccount" -}}
{{- .cfg.serviceAccount.name | default (include "chester.fullname" .) -}}
{{- end -}}

{{/* host:port of the coordinators' gRPC, as agents dial it. */}}
{{- define "chester.coordinatorAddress" -}}
{{- if .cfg.coordinator.enabled -}}
{{- printf "%s-grpc.%s.svc.%s:%s" (include "chester.fullname" .) .Release.Namespace .cfg.clusterDomain (include "chester.text" .cfg.coordinator.service.grpcPort) -}}
{{- else -}}
{{- .cfg.coordinator.externalAddress -}}
{{- end -}}
{{- end -}}

{{/* "true" when a part that may be `auto` is to be made: (list $ enabled "group/version"). */}}
{{- define "chester.isWanted" -}}
{{- $root := index . 0 -}}
{{- $enabled := index . 1 -}}
{{- if kindIs "string" $enabled -}}
{{- $root.Capabilities.APIVersions.Has (index . 2) -}}
{{- else -}}
{{- $enabled -}}
{{- end -}}
{{- end -}}

{{/* "true" where init containers may go on beside the others. */}}
{{- define "chester.hasNativeSidecars" -}}
{{- semverCompare ">=1.29.0-0" .Capabilities.KubeVersion.Version -}}
{{- end -}}

{{/* The service account of agents that this chart runs. */}}
{{- define "chester.agentAccount" -}}
{{- .cfg.serviceAccount.agentName | default (printf "%s-agent" (include "chester.fullname" .)) -}}
{{- end -}}

{{- define "chester.injectorAccount" -}}
{{- .cfg.serviceAccount.injectorName | default (printf "%s-injector" (include "chester.fullname" .)) -}}
{{- end -}}

{{/* "true" when this release runs agents of its own in pods of fleets. */}}
{{- define "chester.runsFleets" -}}
{{- $runs := false -}}
{{- range .fleets -}}{{- if .proxysql.enabled -}}{{- $runs = true -}}{{- end -}}{{- end -}}
{{- $runs -}}
{{- end -}}
