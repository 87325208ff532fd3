{{/* Names and labels: each is built here and nowhere else. */}}

{{- define "factorial.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The release's name where it says "factorial" already. Short, so that names made from it stay within 63 letters. */}}
{{- define "factorial.fullname" -}}
{{- $name := include "factorial.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What never changes: {root, component, pool?} */}}
{{- define "factorial.selector" -}}
app.kubernetes.io/name: {{ include "factorial.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .pool }}
factorial.dev/pool: {{ . }}
{{- end }}
{{- end -}}

{{- define "factorial.labels" -}}
{{ include "factorial.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: factorial
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The head of an object: {root, name, component?, pool?, annotations?, labels?} */}}
{{- define "factorial.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- mergeOverwrite (include "factorial.labels" . | fromYaml) (.labels | default dict) | toYaml | nindent 2 }}
{{- with mergeOverwrite (deepCopy (.root.Values.commonAnnotations | default dict)) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* {root, name, settings}: the ServiceAccount's name. */}}
{{- define "factorial.serviceAccountName" -}}
{{- $account := .settings.serviceAccount -}}
{{- if $account.name }}{{ $account.name }}{{ else if $account.create }}{{ .name }}{{ else }}default{{ end -}}
{{- end -}}

{{- define "factorial.serviceAccount" -}}
{{- if .settings.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- $annotations := deepCopy (.settings.serviceAccount.annotations | default dict) }}
  {{- $head := dict "root" .root "name" (include "factorial.serviceAccountName" .) "component" .component "pool" .pool "annotations" $annotations }}
  {{- include "factorial.metadata" $head | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
{{- end -}}

{{- define "factorial.jwtSecretName" -}}
{{- .Values.auth.existingSecret | default (printf "%s-jwt" (include "factorial.fullname" .)) -}}
{{- end -}}

{{/* Whether clients' tokens may be signed with a key of ours. */}}
{{- define "factorial.hasJwtSecret" -}}
{{- if or .Values.auth.existingSecret .Values.auth.jwtSecret (not (include "factorial.hasJwks" .)) }}true{{ end -}}
{{- end -}}

{{- define "factorial.hasJwks" -}}
{{- if or .Values.auth.jwks.configMap .Values.auth.jwks.secret }}true{{ end -}}
{{- end -}}

{{- define "factorial.webhookSecretName" -}}
{{- .Values.api.webhooks.existingSecret | default (printf "%s-webhooks" (include "factorial.fullname" .)) -}}
{{- end -}}

{{- define "factorial.rabbitmqSecretName" -}}
{{- if .Values.rabbitmq.enabled -}}
{{- .Values.rabbitmq.existingSecret | default (printf "%s-rabbitmq" (include "factorial.fullname" .)) -}}
{{- else -}}
{{- .Values.externalRabbitmq.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "factorial.amqpUrlKey" -}}
{{- ternary "amqp-url" .Values.externalRabbitmq.amqpUrlKey .Values.rabbitmq.enabled -}}
{{- end -}}

{{- define "factorial.managementUrlKey" -}}
{{- ternary "management-url" .Values.externalRabbitmq.managementUrlKey .Values.rabbitmq.enabled -}}
{{- end -}}

{{- define "factorial.vhost" -}}
{{- ternary "/" .Values.externalRabbitmq.vhost .Values.rabbitmq.enabled -}}
{{- end -}}

{{- define "factorial.redisSecretName" -}}
{{- if .Values.redis.enabled -}}
{{- .Values.redis.existingSecret | default (printf "%s-redis" (include "factorial.fullname" .)) -}}
{{- else -}}
{{- .Values.externalRedis.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "factorial.redisUrlKey" -}}
{{- ternary "redis-url" .Values.externalRedis.urlKey .Values.redis.enabled -}}
{{- end -}}
