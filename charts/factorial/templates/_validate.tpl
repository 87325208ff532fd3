{{/* What a schema cannot say: values that do not fit together. Each mistake is one line that says what to change. */}}

{{/* Scaler settings that other modes would ignore, with their defaults. */}}
{{- define "factorial.scalerDefaults" -}}
{"targetWaitSeconds": 30, "downWindowSeconds": 30, "idleTimeoutSeconds": 300, "assumedServiceSeconds": 5, "tickSeconds": 2, "dryRun": false}
{{- end -}}

{{- define "factorial.validateAuth" -}}
{{- with .Values.auth }}
{{- if and .jwtSecret (lt (len .jwtSecret) 32) }}
auth.jwtSecret has {{ len .jwtSecret }} bytes: HS256 needs at least 32, so give a longer one, or leave it empty and the chart makes one.
{{- end }}
{{- if and .jwtSecret .existingSecret }}
auth.jwtSecret and auth.existingSecret are both set: leave one of them empty.
{{- end }}
{{- if and .jwks.configMap .jwks.secret }}
auth.jwks.configMap and auth.jwks.secret are both set: leave one of them empty.
{{- end }}
{{- end }}
{{- if and .Values.caBundle.configMap .Values.caBundle.secret }}
caBundle.configMap and caBundle.secret are both set: leave one of them empty.
{{- end }}
{{- end -}}

{{- define "factorial.validateBrokers" -}}
{{- if and .Values.rabbitmq.enabled .Values.externalRabbitmq.existingSecret }}
rabbitmq.enabled and externalRabbitmq.existingSecret are both set: set rabbitmq.enabled to false, or leave externalRabbitmq.existingSecret empty.
{{- end }}
{{- if not (or .Values.rabbitmq.enabled .Values.externalRabbitmq.existingSecret) }}
There is no RabbitMQ: set rabbitmq.enabled to true, or externalRabbitmq.existingSecret to a Secret with its URLs.
{{- end }}
{{- if and .Values.redis.enabled .Values.externalRedis.existingSecret }}
redis.enabled and externalRedis.existingSecret are both set: set redis.enabled to false, or leave externalRedis.existingSecret empty.
{{- end }}
{{- if not (or .Values.redis.enabled .Values.externalRedis.existingSecret) }}
There is no Redis: set redis.enabled to true, or externalRedis.existingSecret to a Secret with its URL.
{{- end }}
{{- if and .Values.rabbitmq.enabled (le (.Values.rabbitmq.consumerTimeoutSeconds | int64) (include "factorial.longestRun" . | int64)) }}
rabbitmq.consumerTimeoutSeconds ({{ .Values.rabbitmq.consumerTimeoutSeconds }}) has to be more than the longest runTimeoutSeconds ({{ include "factorial.longestRun" . }}): RabbitMQ would take a running job away.
{{- end }}
{{- if and .Values.redis.enabled (ge (.Values.jobs.maxBytes | int64) (include "factorial.redisMaxMemory" . | int64)) }}
jobs.maxBytes ({{ .Values.jobs.maxBytes | int64 }}) has to be less than Redis's maxmemory ({{ include "factorial.redisMaxMemory" . }}, {{ .Values.redis.maxMemoryPercent }} % of redis.resources.limits.memory): lower it, or raise the limit.
{{- end }}
{{- if gt (.Values.janitor.maxBytes | int64) (.Values.jobs.maxBytes | int64) }}
janitor.maxBytes ({{ .Values.janitor.maxBytes | int64 }}) has to be at most jobs.maxBytes ({{ .Values.jobs.maxBytes | int64 }}): the api would refuse jobs before the janitor makes room.
{{- end }}
{{- end -}}

{{/* {name, resources} */}}
{{- define "factorial.validateResources" -}}
{{- $requests := .resources.requests | default dict }}
{{- $limits := .resources.limits | default dict }}
{{- if not $limits.memory }}
{{ .name }}.resources.limits.memory is missing: heaps and caches are made to fit it.
{{- else if and $requests.memory (lt (include "factorial.bytes" $limits.memory | int64) (include "factorial.bytes" $requests.memory | int64)) }}
{{ .name }}.resources.limits.memory ({{ $limits.memory }}) is less than its request ({{ $requests.memory }}): raise the limit or lower the request.
{{- end }}
{{- if and $limits.cpu $requests.cpu (lt (include "factorial.millicores" $limits.cpu | int64) (include "factorial.millicores" $requests.cpu | int64)) }}
{{ .name }}.resources.limits.cpu ({{ $limits.cpu }}) is less than its request ({{ $requests.cpu }}): raise the limit or lower the request.
{{- end }}
{{- end -}}

{{/* {root, pool, overrides} */}}
{{- define "factorial.validatePool" -}}
{{- $settings := mergeOverwrite (deepCopy .root.Values.worker) (deepCopy .overrides) }}
{{- $needed := add $settings.runTimeoutSeconds $settings.terminationMarginSeconds }}
{{- $grace := $settings.terminationGracePeriodSeconds | default $needed | int64 }}
{{- if lt $grace $needed }}
pools.{{ .pool }}: terminationGracePeriodSeconds ({{ $grace }}) has to be at least runTimeoutSeconds + terminationMarginSeconds ({{ $needed }}), or a worker that is stopped could not finish its job.
{{- end }}
{{- $scaling := mergeOverwrite (deepCopy .root.Values.autoscaling) (deepCopy ($settings.autoscaling | default dict)) }}
{{- if lt ($scaling.maxWorkers | int) ($scaling.minWorkers | int) }}
pools.{{ .pool }}: autoscaling.maxWorkers ({{ $scaling.maxWorkers }}) has to be at least autoscaling.minWorkers ({{ $scaling.minWorkers }}).
{{- end }}
{{- if and (eq .root.Values.autoscaling.mode "hpa") (lt ($scaling.minWorkers | int) 1) }}
pools.{{ .pool }}: autoscaling.minWorkers has to be at least 1 in mode hpa; modes scaler and keda can go to 0.
{{- end }}
{{- $own := .overrides.autoscaling | default dict }}
{{- if ne .root.Values.autoscaling.mode "scaler" }}
{{- range $key := keys (include "factorial.scalerDefaults" .root | fromJson) | sortAlpha }}
{{- if hasKey $own $key }}
pools.{{ $.pool }}.autoscaling.{{ $key }} is a setting of the scaler, and autoscaling.mode is {{ $.root.Values.autoscaling.mode }}: take it out, or set the mode to scaler.
{{- end }}
{{- end }}
{{- end }}
{{- $name := include "factorial.workerName" . }}
{{- if gt (len $name) 52 }}
pools.{{ .pool }}: the name {{ $name }} has more than 52 letters: give the pool a shorter name, or set fullnameOverride.
{{- end }}
{{- include "factorial.validateResources" (dict "name" (printf "pools.%s" .pool) "resources" $settings.resources) }}
{{- end -}}

{{- define "factorial.validateAutoscaling" -}}
{{- $mode := .Values.autoscaling.mode }}
{{- if ne $mode "scaler" }}
{{- range $key, $default := include "factorial.scalerDefaults" . | fromJson }}
{{- if ne (toString (get $.Values.autoscaling $key)) (toString $default) }}
autoscaling.{{ $key }} is a setting of the scaler, and autoscaling.mode is {{ $mode }}: take it out, or set the mode to scaler.
{{- end }}
{{- end }}
{{- end }}
{{- $names := include "factorial.poolNames" . | fromJsonArray }}
{{- if not $names }}
There is no pool: add one to pools.
{{- end }}
{{- $expected := len $names }}
{{- if eq $mode "scaler" }}
{{- $expected = add1 $expected }}
{{- end }}
{{- if ne (include "factorial.internalServiceAccounts" . | fromJson | len) (int $expected) }}
Two of the pools and the scaler have the same ServiceAccount, and the api could not tell them apart: give each its own serviceAccount.name, or set serviceAccount.create to true.
{{- end }}
{{- end -}}

{{- define "factorial.validateAccess" -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
ingress.enabled is true and ingress.hosts is empty: name a host.
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
httpRoute.enabled is true and httpRoute.parentRefs is empty: name a Gateway.
{{- end }}
{{- if and .Values.api.service.nodePort (eq .Values.api.service.type "ClusterIP") }}
api.service.nodePort is set and api.service.type is ClusterIP: set the type to NodePort or LoadBalancer, or take the nodePort out.
{{- end }}
{{- if and .Values.metrics.podMonitor.enabled .Values.metrics.serviceMonitor.enabled }}
metrics.podMonitor and metrics.serviceMonitor are both enabled, and everything would be counted twice: enable one of them.
{{- end }}
{{- end -}}

{{- define "factorial.mistakes" -}}
{{- range list "api" "scaler" "janitor" }}
{{- include "factorial.validateResources" (dict "name" . "resources" (get $.Values .).resources) }}
{{- end }}
{{- range list "rabbitmq" "redis" }}
{{- if (get $.Values .).enabled }}
{{- include "factorial.validateResources" (dict "name" . "resources" (get $.Values .).resources) }}
{{- end }}
{{- end }}
{{- range $pool, $overrides := .Values.pools }}
{{- if kindIs "map" $overrides }}
{{- include "factorial.validatePool" (dict "root" $ "pool" $pool "overrides" $overrides) }}
{{- end }}
{{- end }}
{{- include "factorial.validateAuth" . }}
{{- include "factorial.validateBrokers" . }}
{{- include "factorial.validateAutoscaling" . }}
{{- include "factorial.validateAccess" . }}
{{- end -}}
