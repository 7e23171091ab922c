{{/* Notes a problem: (list $ "path" "rule"). All of them are told at once. */}}
{{- define "chester.problem" -}}
{{- $problems := (index . 0).problems -}}
{{- $_ := set $problems "list" (append $problems.list (printf "%s %s" (index . 1) (index . 2))) -}}
{{- end -}}

{{/* Checks what the schema cannot: what depends on two values. */}}
{{- define "chester.validate" -}}
{{- include "chester.validate.coordinator" . -}}
{{- include "chester.validate.store" . -}}
{{- include "chester.validate.parts" . -}}
{{- include "chester.validate.accounts" . -}}
{{- include "chester.validate.names" . -}}
{{- include "chester.validate.fleets" . -}}
{{- include "chester.validate.groups" . -}}
{{- include "chester.validate.rollout" . -}}
{{- with .problems.list }}
{{- fail (printf "\n\nThese values cannot be used:\n\n  %s\n" (. | uniq | join "\n  ")) }}
{{- end -}}
{{- end -}}

{{- define "chester.validate.coordinator" -}}
{{- $coordinator := .cfg.coordinator -}}
{{- if $coordinator.enabled -}}
{{- if and (gt (int $coordinator.replicas) 1) (ne .cfg.store.kind "redis") -}}
{{- include "chester.problem" (list . "coordinator.replicas" (printf "is %v; allowed: 1 while store.kind is %s, more with redis" (include "chester.text" $coordinator.replicas) .cfg.store.kind)) -}}
{{- end -}}
{{- include "chester.requireCredential" (list . .cfg.webhook.token "webhook.token") -}}
{{- if .cfg.webhook.username -}}
{{- include "chester.requireCredential" (list . .cfg.webhook.password "webhook.password") -}}
{{- end -}}
{{- include "chester.validate.access" . -}}
{{- if and .cfg.sandbox.enabled (ne .cfg.preset "trial") -}}
{{- include "chester.problem" (list . "sandbox.enabled" "is true; allowed: only with the preset trial") -}}
{{- end -}}
{{- if and .cfg.sandbox.enabled (gt (int $coordinator.replicas) 1) -}}
{{- include "chester.problem" (list . "coordinator.replicas" "is more than 1; allowed: 1 with the sandbox, whose Cloud SQL lives in the coordinator's pod") -}}
{{- end -}}
{{- else -}}
{{- $needs := .cfg.injector.enabled -}}
{{- range .fleets -}}{{- if .proxysql.enabled -}}{{- $needs = true -}}{{- end -}}{{- end -}}
{{- if and $needs (not (or .cfg.tls.isPublic .cfg.tls.existingSecret)) -}}
{{- include "chester.problem" (list . "tls.existingSecret" "is missing; it is required while coordinator.enabled is false: a secret with the coordinators' authority in ca.crt (or tls.isPublic: true)") -}}
{{- end -}}
{{- if and $needs (empty $coordinator.externalAddress) -}}
{{- include "chester.problem" (list . "coordinator.externalAddress" "is missing; it is required while coordinator.enabled is false: where agents find the coordinators") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.access" -}}
{{- $access := .cfg.access -}}
{{- if and $access.token.value $access.token.existingSecret -}}
{{- include "chester.problem" (list . "access.token" "has both value and existingSecret; allowed: one of them") -}}
{{- end -}}
{{- if not (or $access.token.value $access.identities $access.existingSecret (eq .cfg.preset "trial")) -}}
{{- include "chester.problem" (list . "access.identities" "is empty: nobody may administer. Set access.existingSecret, access.identities or access.token.value. Only the preset trial makes its own") -}}
{{- end -}}
{{- $runsAgents := .cfg.injector.enabled -}}
{{- range .fleets -}}{{- if .proxysql.enabled -}}{{- $runsAgents = true -}}{{- end -}}{{- end -}}
{{- if and $runsAgents (eq .cfg.agents.identity "token") (empty .cfg.agents.token.issuer) -}}
{{- include "chester.problem" (list . "agents.token.issuer" "is missing; it is the issuer in what this prints: kubectl get --raw /.well-known/openid-configuration") -}}
{{- end -}}
{{- if and .cfg.injector.enabled (ne .cfg.agents.identity "token") -}}
{{- include "chester.problem" (list . "agents.identity" "is certificate; allowed while injector.enabled is true: token") -}}
{{- end -}}
{{- if and .cfg.injector.enabled (not (or $access.agents $access.existingSecret)) -}}
{{- include "chester.problem" (list . "access.agents" "is empty; it is required while injector.enabled is true: which service accounts may join which fleets, for example [{serviceAccount: 'NAMESPACE/*', fleets: ['*']}]") -}}
{{- end -}}
{{- if and .cfg.injector.enabled (eq .cfg.injector.certificate.source "existing") (not (and .cfg.injector.certificate.existingSecret .cfg.injector.certificate.caBundle)) -}}
{{- include "chester.problem" (list . "injector.certificate" "has not both existingSecret and caBundle; they are required while its source is existing") -}}
{{- end -}}
{{- if and (eq .cfg.tls.source "existing") (empty .cfg.tls.existingSecret) -}}
{{- include "chester.problem" (list . "tls.existingSecret" "is missing; it is required while tls.source is existing") -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.accounts" -}}
{{- $sa := .cfg.serviceAccount -}}
{{- $runsFleets := eq "true" (include "chester.runsFleets" .) -}}
{{- if not $sa.create -}}
{{- range $field, $isNeeded := dict "name" .cfg.coordinator.enabled "agentName" $runsFleets "injectorName" .cfg.injector.enabled -}}
{{- if and $isNeeded (empty (index $sa $field)) -}}
{{- include "chester.problem" (list $ (printf "serviceAccount.%s" $field) "is missing; it is required while serviceAccount.create is false: one that exists, and not one that other pods run as") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $runsAgents := or $runsFleets (and .cfg.coordinator.enabled .cfg.sandbox.enabled .cfg.sandbox.proxysql.enabled) -}}
{{- if and $runsAgents (eq .cfg.agents.identity "certificate") (empty .cfg.agents.certificate.existingSecret) (or (eq .cfg.tls.source "existing") (not .cfg.coordinator.enabled)) -}}
{{- include "chester.problem" (list . "agents.certificate.existingSecret" "is missing; it is required with agents.identity certificate where this chart makes no certificates (tls.source existing, or coordinator.enabled false)") -}}
{{- end -}}
{{- end -}}

{{/* Fleets' objects bear the fleet's name, beside those of other parts: none may be there twice. */}}
{{- define "chester.validate.names" -}}
{{- $name := include "chester.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- include "chester.problem" (list . "fullnameOverride" (printf "is %q, and objects would be called %q; allowed, as a Service's name: a lower-case letter, then a-z, 0-9 and -" .cfg.fullnameOverride $name)) -}}
{{- end -}}
{{- if not (or .cfg.installId (regexMatch "^[a-z][a-z0-9-]{0,62}$" .Release.Name)) -}}
{{- include "chester.problem" (list . "installId" (printf "is empty, and the release's name %q cannot stand for it; allowed: a lower-case letter, then up to 62 of a-z, 0-9 and -" .Release.Name)) -}}
{{- end -}}
{{- $taken := dict -}}
{{- range list "http" "grpc" "redis" "injector" "debug" "test" "backup" "store" "mesh" "proxysql" "agent" -}}
{{- $_ := set $taken (printf "%s-%s" $name .) "the chart itself" -}}
{{- end -}}
{{- range $fleet := keys .declaredFleets | sortAlpha -}}
{{- if (index $.declaredFleets $fleet).proxysql.enabled -}}
{{- $object := include "chester.fleetName" (list $ $fleet) -}}
{{- range $one := list $object (printf "%s-pods" $object) -}}
{{- if hasKey $taken $one -}}
{{- include "chester.problem" (list $ (printf "fleets.%s" $fleet) (printf "would make an object %s, which %s has already; allowed: another name, or a shorter fullnameOverride" $one (get $taken $one))) -}}
{{- end -}}
{{- $_ := set $taken $one (printf "fleets.%s" $fleet) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.store" -}}
{{- if and (eq .cfg.preset "multi-cell") (eq .cfg.cell "default") -}}
{{- include "chester.problem" (list . "cell" "is default; allowed with the preset multi-cell: this cell's own name, another one in each") -}}
{{- end -}}
{{- if and .cfg.coordinator.enabled (eq .cfg.store.kind "redis") (not .cfg.redis.enabled) -}}
{{- if empty .cfg.store.redis.url -}}
{{- include "chester.problem" (list . "store.redis.url" "is missing; it is required while store.kind is redis, unless redis.enabled runs the small Redis of this chart") -}}
{{- end -}}
{{- end -}}
{{- if and .cfg.redis.enabled .cfg.store.redis.url -}}
{{- include "chester.problem" (list . "store.redis.url" "is set while redis.enabled is true; allowed: one of them") -}}
{{- end -}}
{{- if .cfg.redis.enabled -}}
{{- include "chester.requireCredential" (list . .cfg.store.redis.password "store.redis.password") -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.parts" -}}
{{- if and .cfg.backup.enabled .cfg.coordinator.enabled (ne .cfg.store.kind "redis") -}}
{{- include "chester.problem" (list . "backup.enabled" "is true; allowed: with store.kind redis. The file of a running embedded store is locked: take snapshots of its claim") -}}
{{- end -}}
{{- if .cfg.ingress.enabled -}}
{{- if empty .cfg.ingress.host -}}
{{- include "chester.problem" (list . "ingress.host" "is missing; it is required while ingress.enabled is true") -}}
{{- end -}}
{{- if and .cfg.ingress.tls.clusterIssuer .cfg.ingress.tls.issuer -}}
{{- include "chester.problem" (list . "ingress.tls.issuer" "is set beside ingress.tls.clusterIssuer; allowed: one of them") -}}
{{- end -}}
{{- if and .cfg.ingress.iap.enabled (empty .cfg.ingress.iap.oauthSecret) -}}
{{- include "chester.problem" (list . "ingress.iap.oauthSecret" "is missing; it is required while ingress.iap.enabled is true: a secret with client_id and client_secret") -}}
{{- end -}}
{{- end -}}
{{- range $name, $secret := .cfg.secrets -}}
{{- if not (or $secret.value $secret.existingSecret $secret.external) -}}
{{- include "chester.problem" (list $ (printf "secrets.%s" $name) "is empty; allowed: value, or existingSecret with key, or external: true") -}}
{{- end -}}
{{- end -}}
{{- range $part := list "slackSecret" "webhookSecret" -}}
{{- $named := index $.cfg.notifications $part -}}
{{- if and $named (not (hasKey $.cfg.secrets $named)) -}}
{{- include "chester.problem" (list $ (printf "notifications.%s" $part) (printf "is %q; allowed: an entry of secrets" $named)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.fleets" -}}
{{- range $name, $fleet := .fleets -}}
{{- $px := $fleet.proxysql -}}
{{- $path := printf "fleets.%s.proxysql" $name -}}
{{- if $px.enabled -}}
{{- if and $px.autoscaling.enabled (gt (int $px.autoscaling.minReplicas) (int $px.autoscaling.maxReplicas)) -}}
{{- include "chester.problem" (list $ (printf "%s.autoscaling.minReplicas" $path) (printf "is %v; allowed: at most maxReplicas (%v)" $px.autoscaling.minReplicas $px.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if and $px.autoscaling.enabled (not (or (int $px.autoscaling.targetCPU) (int $px.autoscaling.targetMemory))) -}}
{{- include "chester.problem" (list $ (printf "%s.autoscaling" $path) "has neither targetCPU nor targetMemory; allowed: at least one of them above 0") -}}
{{- end -}}
{{- include "chester.requireCredential" (list $ $px.admin.password (printf "%s.admin.password" $path)) -}}
{{- include "chester.requireCredential" (list $ $px.monitor.password (printf "%s.monitor.password" $path)) -}}
{{- range $who := list "admin" "monitor" -}}
{{- $value := (index $px $who).password.value | toString -}}
{{- if regexMatch "[;:\"\\\\\\s]" $value -}}
{{- include "chester.problem" (list $ (printf "%s.%s.password.value" $path $who) "has a character that proxysql.cnf cannot hold; allowed: none of ; : \" \\ and blanks") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.groups" -}}
{{- $hostgroups := dict -}}
{{- $users := dict -}}
{{- $ranges := dict -}}
{{- range $name := keys (.cfg.groups | default dict) | sortAlpha -}}
{{- $group := index $.cfg.groups $name -}}
{{- $path := printf "groups.%s" $name -}}
{{- if not (hasKey $.declaredFleets $group.fleet) -}}
{{- include "chester.problem" (list $ (printf "%s.fleet" $path) (printf "is %q; allowed: a name of fleets (%s)" $group.fleet (keys $.declaredFleets | sortAlpha | join ", "))) -}}
{{- end -}}
{{- if eq (int $group.writerHostgroup) (int $group.readerHostgroup) -}}
{{- include "chester.problem" (list $ (printf "%s.readerHostgroup" $path) (printf "is %v; allowed: another number than writerHostgroup" $group.readerHostgroup)) -}}
{{- end -}}
{{- range $role := list "writerHostgroup" "readerHostgroup" -}}
{{- $key := printf "%s/%d" $group.fleet (index $group $role | int) -}}
{{- $other := get $hostgroups $key -}}
{{- if and $other (ne $other $name) -}}
{{- include "chester.problem" (list $ (printf "%s.%s" $path $role) (printf "is %d; allowed: a number that no other group of the fleet %s has (groups.%s has it)" (index $group $role | int) $group.fleet $other)) -}}
{{- end -}}
{{- $_ := set $hostgroups $key $name -}}
{{- end -}}
{{- with $group.policy -}}
{{- if gt (.replicasMin | default 0 | int) (hasKey . "replicasMax" | ternary .replicasMax 3 | int) -}}
{{- include "chester.problem" (list $ (printf "%s.policy.replicasMin" $path) (printf "is %d; allowed: at most replicasMax (%d)" (int .replicasMin) (hasKey . "replicasMax" | ternary .replicasMax 3 | int))) -}}
{{- end -}}
{{- $policy := . -}}
{{- range $index, $schedule := .schedules -}}
{{- $min := hasKey $schedule "replicasMin" | ternary $schedule.replicasMin ($policy.replicasMin | default 0) | int -}}
{{- $max := hasKey $schedule "replicasMax" | ternary $schedule.replicasMax (hasKey $policy "replicasMax" | ternary $policy.replicasMax 3) | int -}}
{{- if gt $min $max -}}
{{- include "chester.problem" (list $ (printf "%s.policy.schedules.%d" $path $index) (printf "has the bounds %d to %d; allowed: a minimum that is at most the maximum" $min $max)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $group.ruleIds -}}
{{- if gt (int .first) (int .last) -}}
{{- include "chester.problem" (list $ (printf "%s.ruleIds.first" $path) (printf "is %d; allowed: at most last (%d)" (int .first) (int .last))) -}}
{{- end -}}
{{- $first := int .first -}}{{- $last := int .last -}}
{{- range $other, $range := get $ranges $group.fleet | default dict -}}
{{- if and (le $first (int $range.last)) (le (int $range.first) $last) -}}
{{- include "chester.problem" (list $ (printf "%s.ruleIds" $path) (printf "is %d to %d; allowed: numbers that no other group of the fleet %s has (groups.%s has %d to %d)" $first $last $group.fleet $other (int $range.first) (int $range.last))) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $ranges $group.fleet (set (get $ranges $group.fleet | default dict) $name .) -}}
{{- end -}}
{{- $wanted := list (list "gate.passwordSecret" (get ($group.gate | default dict) "passwordSecret")) (list "clientCertificateSecret" (get $group "clientCertificateSecret")) (list "clientKeySecret" (get $group "clientKeySecret")) -}}
{{- range $index, $user := $group.users -}}
{{- $wanted = append $wanted (list (printf "users.%d.passwordSecret" $index) $user.passwordSecret) -}}
{{- $key := printf "%s/%s" $group.fleet $user.username -}}
{{- $other := get $users $key -}}
{{- if and $other (ne $other $name) -}}
{{- include "chester.problem" (list $ (printf "%s.users.%d.username" $path $index) (printf "is %q; allowed: a name that no other group of the fleet %s has (groups.%s has it)" $user.username $group.fleet $other)) -}}
{{- end -}}
{{- $_ := set $users $key $name -}}
{{- end -}}
{{- range $wanted -}}
{{- $secret := index . 1 -}}
{{- if and $secret (not (hasKey $.cfg.secrets $secret)) -}}
{{- include "chester.problem" (list $ (printf "%s.%s" $path (index . 0)) (printf "is %q, which secrets does not have; set secrets.%s.existingSecret (with key) or secrets.%s.value, or secrets.%s.external: true when it comes another way" $secret $secret $secret $secret)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "chester.validate.rollout" -}}
{{- range $part := list "groups" "fleets" -}}
{{- $rollout := index $.cfg.rollout $part -}}
{{- if and (gt (int $rollout.to) 0) (gt (int $rollout.from) (int $rollout.to)) -}}
{{- include "chester.problem" (list $ (printf "rollout.%s.from" $part) (printf "is %d; allowed: at most to (%d)" (int $rollout.from) (int $rollout.to))) -}}
{{- end -}}
{{- end -}}
{{- if not .cfg.rollout.fleets.allowRemoval -}}
{{- range $name, $fleet := .declaredFleets -}}
{{- if not (hasKey $.fleets $name) -}}
{{- $running := lookup "apps/v1" "StatefulSet" $.Release.Namespace (include "chester.fleetName" (list $ $name)) -}}
{{- if $running -}}
{{- include "chester.problem" (list $ "rollout.fleets" (printf "leaves out %s, whose pods run: they would be deleted. Take it in, or set rollout.fleets.allowRemoval=true" $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
