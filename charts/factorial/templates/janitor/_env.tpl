{{/* The janitor's variables: {root, settings} */}}
{{- define "factorial.janitorEnv" -}}
{{- $values := .root.Values -}}
{{ include "factorial.commonEnv" . }}
{{ include "factorial.secretEnv" (dict "name" "REDIS_URL" "secret" (include "factorial.redisSecretName" .root) "key" (include "factorial.redisUrlKey" .root)) }}
- {name: REDIS_TAG, value: {{ quote $values.redisTag }}}
- {name: MAX_BYTES, value: {{ include "factorial.envText" $values.janitor.maxBytes }}}
- {name: DEADLINE_SECONDS, value: {{ include "factorial.envText" $values.janitor.deadlineSeconds }}}
- {name: DRY_RUN, value: {{ quote $values.janitor.dryRun }}}
{{- end -}}
