{{/* CONFIG_FILE: the lists `fleets` and `groups` that `chester groups put -f` takes too. */}}
{{- define "chester.declarations" -}}
{{- $fleets := list -}}
{{- range $name := keys .declaredFleets | sortAlpha -}}
{{- $fleet := index $.declaredFleets $name -}}
{{- $fleets = append $fleets (dict "name" $name "cell" ($fleet.cell | default $.cfg.cell) "variables" ($fleet.variables | default dict)) -}}
{{- end -}}
{{- $groups := list -}}
{{- range $name := keys .groups | sortAlpha -}}
{{- $groups = append $groups (set (deepCopy (index $.groups $name)) "name" $name) -}}
{{- end -}}
{{- dict "fleets" $fleets "groups" $groups | toYaml -}}
{{- end -}}
