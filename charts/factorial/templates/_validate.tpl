{{/* What a schema cannot say: values that do not fit together. Each mistake is one line that says what to change. */}}

{{/* Settings of autoscaling that other modes would ignore, by the mode that they are of, with their defaults. */}}
{{- define "factorial.modeDefaults" -}}
{
  "scaler": {"targetWaitSeconds": 30, "downWindowSeconds": 30, "idleTimeoutSeconds": 300, "assumedServiceSeconds": 5, "tickSeconds": 2, "dryRun": false},
  "hpa": {
    "hpa": {
      "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
      "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}}
    }
  },
  "keda": {"keda": {"pollingInterval": 5, "cooldownPeriod": 300, "fallback": {"failureThreshold": 3, "replicas": 1, "behavior": "currentReplicasIfHigher"}}}
}
{{- end -}}

{{/* {path, of, mode}: what is said of a setting that the mode would ignore. */}}
{{- define "factorial.ignoredSetting" }}
{{ .path }} is a setting of mode {{ .of }}, and autoscaling.mode is {{ .mode }}: take it out, or set the mode to {{ .of }}.
{{- end -}}

{{/* What four outputs at a time take, each in two copies, in bytes: {limit, base in MiB, copies} */}}
{{- define "factorial.fourOutputs" -}}
{{- add (mul 4 .copies (.limit | int64)) (mul .base 1048576) -}}
{{- end -}}

{{- define "factorial.validateOutputs" -}}
{{- $limit := .Values.jobs.outputLimitBytes | int64 -}}
{{- $api := include "factorial.fourOutputs" (dict "limit" $limit "copies" 2 "base" 96) | int64 -}}
{{- with (.Values.api.resources.limits | default dict).memory }}
{{- if gt $api (include "factorial.bytes" . | int64) }}
jobs.outputLimitBytes ({{ $limit }}) is too much for api.resources.limits.memory ({{ . }}): four outputs at once, each held twice, and 96 MiB for the api itself are 8 × outputLimitBytes + 96 MiB = {{ $api }} bytes. Lower the one, or raise the other.
{{- end }}
{{- end }}
{{- if and .Values.redis.enabled (.Values.redis.resources.limits | default dict).memory }}
{{- $redis := include "factorial.fourOutputs" (dict "limit" $limit "copies" 1 "base" 16) | int64 }}
{{- $free := sub (include "factorial.bytes" .Values.redis.resources.limits.memory | int64) (include "factorial.redisMaxMemory" . | int64) }}
{{- if gt $redis $free }}
jobs.outputLimitBytes ({{ $limit }}) is too much for what redis.resources.limits.memory ({{ .Values.redis.resources.limits.memory }}) leaves beside maxmemory ({{ $free }} bytes): four outputs on their way and 16 MiB for Redis itself are 4 × outputLimitBytes + 16 MiB = {{ $redis }} bytes. Lower jobs.outputLimitBytes or redis.maxMemoryPercent, or raise the limit.
{{- end }}
{{- end }}
{{- end -}}

{{/* {path, root, name, settings}: a token of the account "default" would be that of every pod nobody has given another. */}}
{{- define "factorial.validateAccount" -}}
{{- if eq (include "factorial.serviceAccountName" .) "default" }}
{{ .path }}.serviceAccount: create is false and there is no name of its own, so that every pod of the namespace which names no account would have its rights: set name, or create to true.
{{- end }}
{{- end -}}

{{- define "factorial.validateNames" -}}
{{- $name := include "factorial.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
The name {{ $name }}, which all objects begin with, is none for a Service: letters, digits and "-", a letter first. Take another name for the release, or set fullnameOverride.
{{- end }}
{{- range list "api" "scaler" }}
{{- if or (eq . "api") (eq $.Values.autoscaling.mode "scaler") }}
{{- $settings := mergeOverwrite (deepCopy $.Values.podDefaults) (deepCopy (get $.Values .)) }}
{{- include "factorial.validateAccount" (dict "path" . "name" (printf "%s-%s" $name .) "settings" $settings) }}
{{- end }}
{{- end }}
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
{{- if and .Values.rabbitmq.enabled (lt (.Values.rabbitmq.consumerTimeoutSeconds | int64) (include "factorial.longestHold" . | int64)) }}
rabbitmq.consumerTimeoutSeconds ({{ .Values.rabbitmq.consumerTimeoutSeconds }}) has to be at least the longest runTimeoutSeconds + terminationMarginSeconds ({{ include "factorial.longestHold" . }}): RabbitMQ would take a running job away.
{{- end }}
{{- if and .Values.redis.enabled (.Values.redis.resources.limits | default dict).memory (ge (.Values.jobs.maxBytes | int64) (include "factorial.redisMaxMemory" . | int64)) }}
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
{{- $stored := "ephemeral-storage" }}
{{- if and (get $limits $stored) (get $requests $stored) (lt (include "factorial.bytes" (get $limits $stored) | int64) (include "factorial.bytes" (get $requests $stored) | int64)) }}
{{ .name }}.resources.limits.ephemeral-storage ({{ get $limits $stored }}) is less than its request ({{ get $requests $stored }}): raise the limit or lower the request.
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
{{- $mode := .root.Values.autoscaling.mode }}
{{- range $of, $settings := include "factorial.modeDefaults" .root | fromJson }}
{{- range $key := keys $settings | sortAlpha }}
{{- if and (ne $mode $of) (hasKey $own $key) }}
{{- include "factorial.ignoredSetting" (dict "path" (printf "pools.%s.autoscaling.%s" $.pool $key) "of" $of "mode" $mode) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (ne $mode "none") (hasKey .overrides "replicas") }}
{{- include "factorial.ignoredSetting" (dict "path" (printf "pools.%s.replicas" .pool) "of" "none" "mode" $mode) }}
{{- end }}
{{- $all := mergeOverwrite (deepCopy .root.Values.podDefaults) (deepCopy $settings) }}
{{- include "factorial.validateAccount" (dict "path" (printf "pools.%s" .pool) "name" (include "factorial.workerName" .) "settings" $all) }}
{{- $name := include "factorial.workerName" . }}
{{- if gt (len $name) 52 }}
pools.{{ .pool }}: the name {{ $name }} has more than 52 letters: give the pool or the release a shorter name, or set fullnameOverride.
{{- end }}
{{- include "factorial.validateResources" (dict "name" (printf "pools.%s" .pool) "resources" $settings.resources) }}
{{- end -}}

{{- define "factorial.validateAutoscaling" -}}
{{- $mode := .Values.autoscaling.mode }}
{{- range $of, $settings := include "factorial.modeDefaults" . | fromJson }}
{{- range $key, $default := $settings }}
{{- if and (ne $mode $of) (ne (toJson (get $.Values.autoscaling $key)) (toJson $default)) }}
{{- include "factorial.ignoredSetting" (dict "path" (printf "autoscaling.%s" $key) "of" $of "mode" $mode) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (ne $mode "none") (ne (int .Values.worker.replicas) 1) }}
{{- include "factorial.ignoredSetting" (dict "path" "worker.replicas" "of" "none" "mode" $mode) }}
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
{{- include "factorial.validateNames" . }}
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
{{- include "factorial.validateOutputs" . }}
{{- include "factorial.validateAutoscaling" . }}
{{- include "factorial.validateAccess" . }}
{{- end -}}
