{{/*
Every template begins with this: makes `.cfg`, the values over the preset, whole and checked, once for all templates.
*/}}
{{- define "chester.init" -}}
{{- if not (hasKey . "cfg") -}}
{{- $cfg := deepCopy .Values -}}
{{- $preset := .Files.Get (printf "presets/%s.yaml" $cfg.preset) | fromYaml -}}
{{- include "chester.fill" (list $cfg $preset) -}}
{{- $_ := set . "cfg" $cfg -}}
{{- $_ := set . "problems" (dict "list" list) -}}
{{- include "chester.init.declarations" . -}}
{{- include "chester.validate" . -}}
{{- end -}}
{{- end -}}

{{/* Puts what is null or missing in the first map there from the second, at every depth. */}}
{{- define "chester.fill" -}}
{{- $into := index . 0 -}}
{{- range $key, $value := index . 1 -}}
{{- if or (not (hasKey $into $key)) (kindIs "invalid" (index $into $key)) -}}
{{- if kindIs "map" $value -}}
{{- $_ := set $into $key (deepCopy $value) -}}
{{- else -}}
{{- $_ := set $into $key $value -}}
{{- end -}}
{{- else if and (kindIs "map" $value) (kindIs "map" (index $into $key)) -}}
{{- include "chester.fill" (list (index $into $key) $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Adds what the sandbox declares, and makes `.fleets` (declared ones, each with its whole `proxysql`), `.groups`, both
without what `rollout` leaves out.
*/}}
{{- define "chester.init.declarations" -}}
{{- $cfg := .cfg -}}
{{- if $cfg.sandbox.enabled -}}
{{- $declared := .Files.Get "files/sandbox.yaml" | fromYaml -}}
{{- /* What somebody has of the same name stays as it is. */ -}}
{{- range $part := list "fleets" "groups" "secrets" -}}
{{- range $name, $one := index $declared $part -}}
{{- if not (hasKey (index $cfg $part) $name) -}}{{- $_ := set (index $cfg $part) $name $one -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $fleets := dict -}}
{{- range $name, $fleet := $cfg.fleets -}}
{{- $whole := deepCopy ($fleet | default dict) -}}
{{- $proxysql := deepCopy (get $whole "proxysql" | default dict) -}}
{{- include "chester.fill" (list $proxysql $cfg.proxysql) -}}
{{- $_ := set $whole "proxysql" $proxysql -}}
{{- $_ := set $fleets $name $whole -}}
{{- end -}}
{{- $_ := set . "declaredFleets" $fleets -}}
{{- $kept := include "chester.chosen" (list (keys $fleets) $cfg.rollout.fleets) | fromYamlArray -}}
{{- $_ := set . "fleets" (dict) -}}
{{- range $name := $kept -}}
{{- $_ := set $.fleets $name (index $fleets $name) -}}
{{- end -}}
{{- $_ := set . "groups" (dict) -}}
{{- range $name := include "chester.chosen" (list (keys ($cfg.groups | default dict)) $cfg.rollout.groups) | fromYamlArray -}}
{{- $_ := set $.groups $name (index $cfg.groups $name) -}}
{{- end -}}
{{- end -}}

{{/* The names that a roll-out takes, as a YAML list: include, exclude, and the range over the sorted names. */}}
{{- define "chester.chosen" -}}
{{- $rollout := index . 1 -}}
{{- $chosen := list -}}
{{- range $index, $name := index . 0 | sortAlpha -}}
{{- $number := add1 $index -}}
{{- $isIn := or (empty $rollout.include) (eq "true" (include "chester.matches" (list $name $rollout.include))) -}}
{{- $isOut := eq "true" (include "chester.matches" (list $name $rollout.exclude)) -}}
{{- $isInRange := and (ge $number (int64 $rollout.from)) (or (eq 0 (int $rollout.to)) (le $number (int64 $rollout.to))) -}}
{{- if and $isIn (not $isOut) $isInRange -}}
{{- $chosen = append $chosen $name -}}
{{- end -}}
{{- end -}}
{{- toYaml $chosen -}}
{{- end -}}

{{/* "true" when the name matches one of the patterns, in which `*` stands for any characters. */}}
{{- define "chester.matches" -}}
{{- $name := index . 0 -}}
{{- $found := false -}}
{{- range $pattern := index . 1 -}}
{{- $expression := printf "^%s$" (regexQuoteMeta $pattern | replace "\\*" ".*") -}}
{{- if regexMatch $expression $name -}}{{- $found = true -}}{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* A number or text as text: numbers of values are floats, which Go prints as 1e+06. */}}
{{- define "chester.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- else -}}{{ . }}{{- end -}}
{{- end -}}
