{{/* A worker's variables: {root, settings, pool, graceSeconds} */}}
{{- define "factorial.workerEnv" -}}
{{ include "factorial.commonEnv" . }}
{{ include "factorial.secretEnv" (dict "name" "AMQP_URL" "secret" (include "factorial.rabbitmqSecretName" .root) "key" (include "factorial.amqpUrlKey" .root)) }}
- {name: INTERNAL_URL, value: "http://{{ include "factorial.fullname" .root }}-api-internal:8081"}
- {name: INTERNAL_TOKEN_FILE, value: /var/run/secrets/factorial/token}
- name: WORKER_ID
  valueFrom:
    fieldRef: {fieldPath: metadata.name}
- {name: POOL, value: {{ quote .pool }}}
- {name: SLOTS, value: {{ include "factorial.envText" .settings.slots }}}
{{- with .settings.tasks }}
- {name: TASKS, value: {{ quote . }}}
{{- end }}
- {name: OUTPUT_LIMIT_BYTES, value: {{ include "factorial.envText" .root.Values.jobs.outputLimitBytes }}}
- {name: GRACE_SECONDS, value: {{ quote .graceSeconds }}}
{{- end -}}
