{{/* What a fleet's objects are called: (list $ "fleet"). */}}
{{- define "chester.fleetName" -}}
{{- printf "%s-%s" (include "chester.fullname" (index . 0)) (index . 1) | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "chester.graceSeconds" -}}
{{- /* The drain's two waits, and time for both processes to end. */ -}}
{{- add (div (add (int64 .drain.endpointsMs) (int64 .drain.deadlineMs) 999) 1000) 20 -}}
{{- end -}}

{{/*
ProxySQL's first configuration, without passwords: the init container fills them in. No mysql_servers: those come from
the coordinator, or from the agent's last known good.
*/}}
{{- define "chester.proxysqlCnf" -}}
{{- $px := index . 1 -}}
datadir="/var/lib/proxysql"
admin_variables=
{
  admin_credentials="{{ $px.admin.username }}:@ADMIN_PASSWORD@"
  mysql_ifaces="127.0.0.1:6032"
}
mysql_variables=
{
  threads={{ include "chester.text" $px.threads }}
  interfaces={{ $px.interfaces | quote }}
  monitor_username={{ $px.monitor.username | quote }}
  monitor_password="@MONITOR_PASSWORD@"
  {{- range $name, $value := $px.bootstrapVariables }}
  {{ $name }}={{ kindIs "string" $value | ternary ($value | toString | quote) (include "chester.text" $value) }}
  {{- end }}
}
{{- end -}}

{{/* Writes proxysql.cnf with the passwords, and a token that drains this pod: (list $ "fleet"). */}}
{{- define "chester.bootstrapContainer" -}}
{{- $root := index . 0 -}}
- name: bootstrap
  image: {{ include "chester.image" (list $root "agent") }}
  imagePullPolicy: {{ $root.cfg.image.pullPolicy }}
  command: [node, /etc/chester/bootstrap/bootstrap.mjs]
  resources:
    requests: { cpu: 10m, memory: 48Mi }
    limits: { memory: 128Mi }
  securityContext:
    {{- include "chester.containerSecurity" $root | nindent 4 }}
  volumeMounts:
    - { name: bootstrap, mountPath: /etc/chester/bootstrap, readOnly: true }
    - { name: proxysql-logins, mountPath: /etc/chester/logins, readOnly: true }
    - { name: run, mountPath: /run/chester }
{{- end -}}

{{- define "chester.proxysqlContainer" -}}
{{- $root := index . 0 -}}
{{- $px := (index $root.declaredFleets (index . 1)).proxysql -}}
- name: proxysql
  image: {{ $px.image }}
  imagePullPolicy: {{ $root.cfg.image.pullPolicy }}
  command: [proxysql, -f, --no-version-check, -c, /run/chester/proxysql.cnf, -D, /var/lib/proxysql]
  {{- with $px.extraEnv }}
  env:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - { name: mysql, containerPort: {{ splitList ":" (splitList ";" $px.interfaces | first) | last }} }
  lifecycle:
    preStop:
      exec:
        # Asks the agent to drain this pod, and waits for its answer. One that ended, or ends meanwhile, is asked again for as
        # long as a drain may take: ProxySQL would be stopped with its clients' queries.
        command:
          - bash
          - -c
          - >-
            until (exec 3<>/dev/tcp/127.0.0.1/8081 &&
            printf 'GET /drain?token=%s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$(</run/chester/drain-token)" >&3 &&
            read -r <&3) 2>/dev/null; do ((SECONDS < {{ sub (include "chester.graceSeconds" $px | int64) 20 }})) || exit 1; sleep 1; done
  startupProbe:
    tcpSocket: { port: mysql }
    periodSeconds: 1
    failureThreshold: 120
  livenessProbe:
    # Of the admin interface: PROXYSQL PAUSE closes the clients' port on purpose, for as long as those that are there need.
    exec: { command: [bash, -c, 'exec 3<>/dev/tcp/127.0.0.1/6032'] }
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  readinessProbe:
    tcpSocket: { port: mysql }
    periodSeconds: 5
    timeoutSeconds: 3
    failureThreshold: 2
  resources:
    {{- toYaml $px.resources | nindent 4 }}
  securityContext:
    {{- include "chester.containerSecurity" $root | nindent 4 }}
  volumeMounts:
    - { name: run, mountPath: /run/chester, readOnly: true }
    - { name: proxysql, mountPath: /var/lib/proxysql }
    - { name: proxysql-tls, mountPath: /var/lib/chester-tls, readOnly: true }
    - { name: tmp, mountPath: /tmp }
    {{- with $px.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* The agent: (list $ "fleet" isNativeSidecar "coordinator:port"?). Names of variables are those of `chester agent --help`. */}}
{{- define "chester.agentContainer" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $fleet := index $root.declaredFleets $name -}}
{{- $px := $fleet.proxysql -}}
- name: chester-agent
  image: {{ include "chester.image" (list $root "agent") }}
  imagePullPolicy: {{ $root.cfg.image.pullPolicy }}
  {{- if index . 2 }}
  # A native sidecar: there before ProxySQL, and until after it.
  restartPolicy: Always
  {{- end }}
  env:
    - name: POD_NAME
      valueFrom: { fieldRef: { fieldPath: metadata.name } }
    # Two cells, or two namespaces, may have pods of one name, and agents of both the same coordinators.
    {{- include "chester.env" (list "AGENT_ID" (printf "%s.%s.$(POD_NAME)" ($fleet.cell | default $root.cfg.cell) $root.Release.Namespace)) | nindent 4 }}
    - name: POD_UID
      valueFrom: { fieldRef: { fieldPath: metadata.uid } }
    {{- include "chester.env" (list "COORDINATOR_ADDRESS" (index . 3 | default (include "chester.coordinatorAddress" $root))) | nindent 4 }}
    {{- if $root.cfg.tls.isPublic }}
    {{- include "chester.env" (list "COORDINATOR_TLS" "true") | nindent 4 }}
    {{- else }}
    {{- include "chester.env" (list "COORDINATOR_CA_FILE" "/etc/chester/coordinator/ca.crt") | nindent 4 }}
    {{- end }}
    {{- if eq $root.cfg.agents.identity "certificate" }}
    {{- include "chester.env" (list "COORDINATOR_CERT_FILE" "/etc/chester/coordinator/tls.crt") | nindent 4 }}
    {{- include "chester.env" (list "COORDINATOR_KEY_FILE" "/etc/chester/coordinator/tls.key") | nindent 4 }}
    {{- else }}
    {{- include "chester.env" (list "COORDINATOR_TOKEN_FILE" "/etc/chester/coordinator/token") | nindent 4 }}
    {{- end }}
    {{- include "chester.env" (list "CHESTER_FLEET" $name) | nindent 4 }}
    {{- include "chester.env" (list "CELL" ($fleet.cell | default $root.cfg.cell)) | nindent 4 }}
    {{- include "chester.env" (list "PROXYSQL_ADMIN_USER" $px.admin.username) | nindent 4 }}
    {{- include "chester.env" (list "PROXYSQL_ADMIN_PASSWORD_FILE" "/etc/chester/logins/admin-password") | nindent 4 }}
    {{- include "chester.env" (list "STATE_DIR" "/var/lib/chester-agent") | nindent 4 }}
    {{- include "chester.env" (list "TLS_DIR" "/var/lib/chester-tls") | nindent 4 }}
    {{- include "chester.env" (list "HTTP_HOST" "0.0.0.0") | nindent 4 }}
    {{- include "chester.env" (list "HTTP_PORT" 8081) | nindent 4 }}
    {{- include "chester.env" (list "DRAIN_TOKEN_FILE" "/run/chester/drain-token") | nindent 4 }}
    {{- include "chester.env" (list "DRAIN_ENDPOINTS_MS" $px.drain.endpointsMs) | nindent 4 }}
    {{- include "chester.env" (list "DRAIN_DEADLINE_MS" $px.drain.deadlineMs) | nindent 4 }}
    {{- range $variable, $value := $px.agentSettings }}
    {{- include "chester.env" (list $variable $value) | nindent 4 }}
    {{- end }}
  ports:
    - { name: agent-http, containerPort: 8081 }
  # No start probe: a native sidecar's would keep ProxySQL from starting while the agent waits for it.
  livenessProbe:
    httpGet: { path: /healthz/live, port: agent-http }
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  readinessProbe:
    httpGet: { path: /healthz/ready, port: agent-http }
    periodSeconds: 3
    timeoutSeconds: 3
  {{- if not (index . 2) }}
  lifecycle:
    preStop:
      # Joins the drain that ProxySQL's container asks for: both containers are stopped at the same time.
      exec: { command: [node, /etc/chester/bootstrap/drain.mjs] }
  {{- end }}
  resources:
    {{- toYaml $px.agentResources | nindent 4 }}
  securityContext:
    {{- include "chester.containerSecurity" $root | nindent 4 }}
  volumeMounts:
    - { name: run, mountPath: /run/chester, readOnly: true }
    - { name: proxysql-logins, mountPath: /etc/chester/logins, readOnly: true }
    - { name: coordinator, mountPath: /etc/chester/coordinator, readOnly: true }
    - { name: agent-state, mountPath: /var/lib/chester-agent }
    - { name: proxysql-tls, mountPath: /var/lib/chester-tls }
    {{- if not (index . 2) }}
    - { name: bootstrap, mountPath: /etc/chester/bootstrap, readOnly: true }
    {{- end }}
{{- end -}}

{{/* Volumes of a fleet's pod: (list $ "fleet" isStateClaimed). */}}
{{- define "chester.fleetVolumes" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $px := (index $root.declaredFleets $name).proxysql -}}
{{- $admin := include "chester.credential" (list $root $px.admin.password (printf "fleet-%s-admin" $name)) | fromYaml -}}
{{- $monitor := include "chester.credential" (list $root $px.monitor.password (printf "fleet-%s-monitor" $name)) | fromYaml -}}
- name: bootstrap
  configMap: { name: {{ include "chester.fleetName" . }}-proxysql }
- name: proxysql-logins
  projected:
    defaultMode: 0440
    sources:
      - secret: { name: {{ $admin.name }}, items: [{ key: {{ $admin.key }}, path: admin-password }] }
      - secret: { name: {{ $monitor.name }}, items: [{ key: {{ $monitor.key }}, path: monitor-password }] }
# How the coordinators are known, and how this agent is.
- name: coordinator
  projected:
    defaultMode: 0440
    sources:
      {{- if eq $root.cfg.agents.identity "certificate" }}
      - secret: { name: {{ (include "chester.tls" $root | fromYaml).agentSecret }} }
      {{- else }}
      {{- if not $root.cfg.tls.isPublic }}
      - secret:
          name: {{ $root.cfg.coordinator.enabled | ternary (include "chester.tls" $root | fromYaml).secret $root.cfg.tls.existingSecret }}
          items: [{ key: ca.crt, path: ca.crt }]
      {{- end }}
      - serviceAccountToken:
          path: token
          audience: {{ $root.cfg.agents.token.audience }}
          expirationSeconds: {{ include "chester.text" $root.cfg.agents.token.expirySeconds }}
      {{- end }}
- name: run
  emptyDir: { medium: Memory, sizeLimit: 1Mi }
- name: proxysql
  emptyDir: { sizeLimit: 2Gi }
- name: proxysql-tls
  emptyDir: { medium: Memory, sizeLimit: 16Mi }
{{- if not (index . 2) }}
- name: agent-state
  emptyDir: { sizeLimit: 256Mi }
{{- end }}
{{- end -}}
