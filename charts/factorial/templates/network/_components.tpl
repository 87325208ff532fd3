{{/* What each component may take in and send out. */}}

{{- define "factorial.apiIngress" }}
- ports: [{port: 8080}]
  {{- with .Values.networkPolicy.clientsFrom }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{ include "factorial.allowFrom" (dict "root" . "components" (list "worker" "scaler") "ports" (list 8081)) }}
{{ include "factorial.allowFrom" (dict "root" . "components" (list "test") "ports" (list 8080 9090)) }}
{{ include "factorial.allowScrape" (dict "root" . "port" 9090) }}
{{- include "factorial.allowPeers" (dict "peers" .Values.networkPolicy.healthFrom "ports" (list 9090)) }}
{{- end }}

{{- define "factorial.apiEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowToRabbitmq" (dict "root" . "port" "amqp") }}
{{ include "factorial.allowToRedis" . }}
{{ include "factorial.allowToApiServer" . }}
{{- include "factorial.allowWebhooks" . }}
{{- include "factorial.extraEgress" (dict "root" . "component" "api") }}
{{- end }}

{{- define "factorial.workerEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowToRabbitmq" (dict "root" . "port" "amqp") }}
{{ include "factorial.allowTo" (dict "root" . "components" (list "api") "ports" (list 8081)) }}
{{- include "factorial.extraEgress" (dict "root" . "component" "worker") }}
{{- end }}

{{- define "factorial.scalerIngress" }}
{{ include "factorial.allowScrape" (dict "root" . "port" 9090) }}
{{ include "factorial.allowFrom" (dict "root" . "components" (list "test") "ports" (list 9090)) }}
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

{{- define "factorial.testEgress" }}
{{ include "factorial.allowDns" . }}
{{ include "factorial.allowTo" (dict "root" . "components" (list "api") "ports" (list 8080 9090)) }}
{{ include "factorial.allowToRabbitmq" (dict "root" . "port" "management") }}
{{- if eq .Values.autoscaling.mode "scaler" }}
{{ include "factorial.allowTo" (dict "root" . "components" (list "scaler") "ports" (list 9090)) }}
{{- end }}
{{- end }}

{{- define "factorial.rabbitmqIngress" }}
{{ include "factorial.allowFrom" (dict "root" . "components" (list "api" "worker") "ports" (list 5672)) }}
{{ include "factorial.allowFrom" (dict "root" . "components" (list "scaler" "test") "ports" (list 15672)) }}
{{ include "factorial.allowScrape" (dict "root" . "port" 15692) }}
{{- if eq .Values.autoscaling.mode "keda" }}
{{- include "factorial.allowPeers" (dict "peers" .Values.networkPolicy.kedaFrom "ports" (list 15672)) }}
{{- end }}
{{- end }}
