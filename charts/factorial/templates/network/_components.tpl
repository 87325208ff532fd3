{{/* What each component may take in and send out. */}}

{{- define "factorial.apiIngress" }}
- ports: [{port: 8080}]
  {{- with .root.Values.networkPolicy.clientsFrom }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{ include "factorial.allowFrom" (dict "root" .root "components" .callers "ports" (list 8081)) }}
{{ include "factorial.allowFrom" (dict "root" .root "components" (list "test") "ports" (list 8080 9090)) }}
{{ include "factorial.allowScrape" (dict "root" .root "port" 9090) }}
{{- end }}

{{- define "factorial.apiEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowToRabbitmq" (dict "root" . "port" "amqp") }}
{{ include "factorial.allowToRedis" . }}
{{ include "factorial.allowToApiServer" . }}
{{- include "factorial.extraEgress" (dict "root" . "component" "api") }}
{{- end }}

{{- define "factorial.workerEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowToRabbitmq" (dict "root" . "port" "amqp") }}
{{ include "factorial.allowTo" (dict "root" . "components" (list "api") "ports" (list 8081)) }}
{{- include "factorial.extraEgress" (dict "root" . "component" "worker") }}
{{- end }}

{{- define "factorial.scalerEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowToRabbitmq" (dict "root" . "port" "management") }}
{{ include "factorial.allowTo" (dict "root" . "components" (list "api") "ports" (list 8081)) }}
{{ include "factorial.allowToApiServer" . }}
{{- include "factorial.extraEgress" (dict "root" . "component" "scaler") }}
{{- end }}

{{- define "factorial.janitorEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowToRedis" . }}
{{- include "factorial.extraEgress" (dict "root" . "component" "janitor") }}
{{- end }}
