{{/* Arithmetic on Kubernetes quantities. */}}

{{/* A quantity of memory or storage in bytes: 512Mi, 1.5Gi, 500M, 1e9. */}}
{{- define "factorial.bytes" -}}
{{- $text := toString . -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- if not (hasKey $units $unit) }}{{ fail (printf "%q is not an amount of memory this chart can read: write it in Ki, Mi, Gi, Ti, k, M, G or T." $text) }}{{ end -}}
{{- mulf (trimSuffix $unit $text | float64) (get $units $unit) | int64 -}}
{{- end -}}

{{/* A quantity of CPU in millicores: 500m, 0.5, 2. */}}
{{- define "factorial.millicores" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text }}{{ trimSuffix "m" $text | int64 }}{{ else }}{{ mulf ($text | float64) 1000 | int64 }}{{ end -}}
{{- end -}}

{{/* {quantity, percent}: that share of it in bytes. */}}
{{- define "factorial.share" -}}
{{- div (mul (include "factorial.bytes" .quantity | int64) (.percent | int64)) 100 -}}
{{- end -}}

{{- define "factorial.redisMaxMemory" -}}
{{- include "factorial.share" (dict "quantity" .Values.redis.resources.limits.memory "percent" .Values.redis.maxMemoryPercent) -}}
{{- end -}}

{{/* The longest time that a pool holds a delivery, in seconds: a run, and the time to hand its result in. */}}
{{- define "factorial.longestHold" -}}
{{- $longest := 0 -}}
{{- range $name, $pool := .Values.pools }}
{{- if kindIs "map" $pool }}
{{- $run := $pool.runTimeoutSeconds | default $.Values.worker.runTimeoutSeconds }}
{{- $margin := $pool.terminationMarginSeconds | default $.Values.worker.terminationMarginSeconds }}
{{- $longest = max $longest (add $run $margin) -}}
{{- end }}
{{- end }}
{{- $longest -}}
{{- end -}}
