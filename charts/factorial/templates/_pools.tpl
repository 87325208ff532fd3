{{/* Pools: which there are, and what is told of them. */}}

{{/* {root, pool}: the name of its Deployment and ServiceAccount. */}}
{{- define "factorial.workerName" -}}
{{- printf "%s-worker-%s" (include "factorial.fullname" .root) .pool -}}
{{- end -}}

{{/* Settings of the scaler that a pool may have for itself. */}}
{{- define "factorial.scalerPools" -}}
{{- $pools := list -}}
{{- range $name, $overrides := .Values.pools }}
{{- if kindIs "map" $overrides }}
{{- $own := $overrides.autoscaling | default dict }}
{{- $pool := dict "name" $name "deployment" (include "factorial.workerName" (dict "root" $ "pool" $name)) }}
{{- $_ := set $pool "slotsPerWorker" (($overrides.slots | default $.Values.worker.slots) | int64) }}
{{- range list "minWorkers" "maxWorkers" "targetWaitSeconds" "idleTimeoutSeconds" "downWindowSeconds" "assumedServiceSeconds" }}
{{- $_ := set $pool . (ternary (get $own .) (get $.Values.autoscaling .) (hasKey $own .) | int64) }}
{{- end }}
{{- $pools = append $pools $pool }}
{{- end }}
{{- end }}
{{- toJson $pools -}}
{{- end -}}

{{/* Who may use the api's internal port, and as what. */}}
{{- define "factorial.internalServiceAccounts" -}}
{{- $accounts := dict -}}
{{- range $name, $overrides := .Values.pools }}
{{- if kindIs "map" $overrides }}
{{- $settings := mergeOverwrite (deepCopy $.Values.podDefaults) (deepCopy $.Values.worker) (deepCopy $overrides) }}
{{- $account := include "factorial.serviceAccountName" (dict "name" (include "factorial.workerName" (dict "root" $ "pool" $name)) "settings" $settings) }}
{{- $_ := set $accounts (printf "%s/%s" $.Release.Namespace $account) (dict "scope" "worker" "pool" $name) }}
{{- end }}
{{- end }}
{{- if eq .Values.autoscaling.mode "scaler" }}
{{- $settings := mergeOverwrite (deepCopy .Values.podDefaults) (deepCopy .Values.scaler) }}
{{- $account := include "factorial.serviceAccountName" (dict "name" (printf "%s-scaler" (include "factorial.fullname" .)) "settings" $settings) }}
{{- $_ := set $accounts (printf "%s/%s" .Release.Namespace $account) (dict "scope" "scaler") }}
{{- end }}
{{- toJson $accounts -}}
{{- end -}}

{{/* Why `helm test` submits no job; empty where it does. The built-in task is where a pool names no tasks of its own. */}}
{{- define "factorial.testSkips" -}}
{{- $has := ne .Values.tests.job.task "factorial" -}}
{{- range $name, $overrides := .Values.pools }}
{{- if and (kindIs "map" $overrides) (not (ternary $overrides.tasks $.Values.worker.tasks (hasKey $overrides "tasks"))) }}
{{- $has = true -}}
{{- end }}
{{- end }}
{{- if not $has }}no pool has the built-in task: name one of yours in tests.job, and its result in tests.expectedOutput{{ end -}}
{{- end -}}

{{/* JSON list. */}}
{{- define "factorial.poolNames" -}}
{{- $names := list -}}
{{- range $name, $overrides := .Values.pools }}
{{- if kindIs "map" $overrides }}
{{- $names = append $names $name }}
{{- end }}
{{- end }}
{{- toJson $names -}}
{{- end -}}
