{{/* Who every pod runs as, and what it may not do (Pod Security "restricted"). */}}
{{- define "chester.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "chester.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{/* Where a pod runs: (list $ settings component spread? fleet?). */}}
{{- define "chester.placement" -}}
{{- $root := index . 0 -}}
{{- $pod := index . 1 -}}
{{- $label := list $root (index . 2) -}}
{{- if gt (len .) 4 -}}{{- $label = append $label (index . 4) -}}{{- end -}}
{{- with $pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- $spread := gt (len .) 3 | ternary (index . (min 3 (sub (len .) 1) | int)) "" }}
{{- if $pod.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml $pod.topologySpreadConstraints | nindent 2 }}
{{- else if and $spread (ne $spread "none") }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ eq $key "kubernetes.io/hostname" | ternary "ScheduleAnyway" $spread }}
    labelSelector:
      matchLabels:
        {{- include "chester.selector" $label | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "chester.pullSecrets" -}}
{{- with .cfg.image.pullSecrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Labels of a pod: (list $ settings component fleet?). No version among them: a new chart alone restarts nothing. */}}
{{- define "chester.podLabels" -}}
{{- $root := index . 0 -}}
{{- $label := list $root (index . 2) -}}
{{- if gt (len .) 3 -}}{{- $label = append $label (index . 3) -}}{{- end -}}
{{- include "chester.selector" $label }}
app.kubernetes.io/part-of: chester
{{- with $root.cfg.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with (index . 1).podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* One variable: (list "NAME" value). */}}
{{- define "chester.env" -}}
- name: {{ index . 0 }}
  value: {{ include "chester.text" (index . 1) | quote }}
{{- end -}}

{{- define "chester.envFromSecret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef: { name: {{ (index . 1).name }}, key: {{ (index . 1).key }} }
{{- end -}}
