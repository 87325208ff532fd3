{{/* Pieces of NetworkPolicies. Ports are those of pods: rules hold after a Service's address was replaced. */}}

{{- define "factorial.allowDns" -}}
{{- with .Values.networkPolicy.dns -}}
- ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: UDP}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* {peers, ports}: from peers of the user's; nothing where there are none, for a rule without peers lets in everybody. */}}
{{- define "factorial.allowPeers" -}}
{{- with .peers }}
- from:
    {{- toYaml . | nindent 4 }}
  ports: [{{ range $index, $port := $.ports }}{{ if $index }}, {{ end }}{port: {{ $port }}}{{ end }}]
{{- end }}
{{- end -}}

{{/* {root, component}: whether it is part of this release. */}}
{{- define "factorial.isThere" -}}
{{- $switches := dict "api" true "worker" true "scaler" (eq .root.Values.autoscaling.mode "scaler") "janitor" .root.Values.janitor.enabled "test" .root.Values.tests.enabled -}}
{{- if get $switches .component }}true{{ end -}}
{{- end -}}

{{/* {root, components: list}: peers. */}}
{{- define "factorial.peers" -}}
{{- range .components }}
- podSelector:
    matchLabels:
      {{- include "factorial.selector" (dict "root" $.root "component" .) | nindent 6 }}
{{- end }}
{{- end -}}

{{/* {root, components, ports}: to these components, on these ports. */}}
{{- define "factorial.allowTo" -}}
- to:
    {{- include "factorial.peers" . | trim | nindent 4 }}
  ports: [{{ range $index, $port := .ports }}{{ if $index }}, {{ end }}{port: {{ $port }}}{{ end }}]
{{- end -}}

{{/* From those of these components that there are; nothing where there are none, for a rule without peers lets in everybody. */}}
{{- define "factorial.allowFrom" -}}
{{- $there := list -}}
{{- range .components }}
{{- if include "factorial.isThere" (dict "root" $.root "component" .) }}
{{- $there = append $there . }}
{{- end }}
{{- end }}
{{- if $there -}}
- from:
    {{- include "factorial.peers" (dict "root" .root "components" $there) | trim | nindent 4 }}
  ports: [{{ range $index, $port := .ports }}{{ if $index }}, {{ end }}{port: {{ $port }}}{{ end }}]
{{- end -}}
{{- end -}}

{{- define "factorial.allowScrape" -}}
- ports: [{port: {{ .port }}}]
  {{- with .root.Values.networkPolicy.metricsFrom }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* {root, port}: RabbitMQ's amqp or management. */}}
{{- define "factorial.allowToRabbitmq" -}}
{{- if .root.Values.rabbitmq.enabled -}}
{{- include "factorial.allowTo" (dict "root" .root "components" (list "rabbitmq") "ports" (list (ternary 5672 15672 (eq .port "amqp")))) }}
{{- else -}}
- ports: [{port: {{ get .root.Values.externalRabbitmq.ports .port }}}]
{{- end -}}
{{- end -}}

{{- define "factorial.allowToRedis" -}}
{{- if .Values.redis.enabled -}}
{{- include "factorial.allowTo" (dict "root" . "components" (list "redis") "ports" (list 6379)) }}
{{- else -}}
- ports: [{port: {{ .Values.externalRedis.port }}}]
{{- end -}}
{{- end -}}

{{/* The API server is no pod: a selector cannot name it. */}}
{{- define "factorial.allowToApiServer" -}}
{{- with .Values.networkPolicy.apiServer -}}
- ports:
    {{- range .ports }}
    - {port: {{ . }}}
    {{- end }}
  {{- with .cidrs }}
  to:
    {{- range . }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/*
To the internet, and to what webhooks may go to beside it. The api refuses other addresses itself; this is the fence behind it.
IPv6 needs no exceptions: the internet's addresses lie in 2000::/3, and no others do.
*/}}
{{- define "factorial.allowWebhooks" -}}
{{- with .Values.api.webhooks -}}
{{- if .enabled }}
- ports: [{{ range $index, $port := .ports }}{{ if $index }}, {{ end }}{port: {{ $port }}}{{ end }}]
  to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
    - ipBlock: {cidr: "2000::/3"}
    {{- range .allowedCidrs }}
    - ipBlock: {cidr: {{ quote . }}}
    {{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* {root, component, ingress?, egress?}: a policy; what it does not name is closed. */}}
{{- define "factorial.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "factorial.metadata" (dict "root" .root "name" (printf "%s-%s" (include "factorial.fullname" .root) .component) "component" .component) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "factorial.selector" (dict "root" .root "component" .component) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- with .ingress }}
  ingress:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with .egress }}
  egress:
    {{- . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* {root, component}: rules of the user's. */}}
{{- define "factorial.extraEgress" -}}
{{- with get .root.Values.networkPolicy.extraEgress .component }}
{{ toYaml . }}
{{- end }}
{{- end -}}
