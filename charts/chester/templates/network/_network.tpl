{{- define "chester.dnsEgress" -}}
- to:
    - namespaceSelector: {}
      podSelector:
        matchExpressions:
          - { key: k8s-app, operator: In, values: [kube-dns, node-local-dns] }
    # NodeLocal DNSCache.
    - ipBlock: { cidr: 169.254.20.10/32 }
  ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
{{- end -}}

{{- define "chester.cidrs" -}}
{{- range . }}
- ipBlock: { cidr: {{ . }} }
{{- end }}
{{- end -}}
