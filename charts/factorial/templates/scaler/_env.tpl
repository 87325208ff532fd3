{{/* The scaler's variables: {root, settings} */}}
{{- define "factorial.scalerEnv" -}}
{{- $values := .root.Values -}}
{{ include "factorial.commonEnv" . }}
{{ include "factorial.secretEnv" (dict "name" "RABBITMQ_MANAGEMENT_URL" "secret" (include "factorial.rabbitmqSecretName" .root) "key" (include "factorial.managementUrlKey" .root)) }}
- {name: RABBITMQ_VHOST, value: {{ include "factorial.vhost" .root | quote }}}
- {name: INTERNAL_URL, value: "http://{{ include "factorial.fullname" .root }}-api-internal:8081"}
- {name: INTERNAL_TOKEN_FILE, value: /var/run/secrets/factorial/token}
- {name: TARGET, value: kubernetes}
- name: NAMESPACE
  valueFrom:
    fieldRef: {fieldPath: metadata.namespace}
- name: POD_NAME
  valueFrom:
    fieldRef: {fieldPath: metadata.name}
- {name: LEASE_NAME, value: {{ include "factorial.fullname" .root }}-scaler}
- {name: POOLS, value: {{ include "factorial.scalerPools" .root | quote }}}
- {name: TICK_SECONDS, value: {{ include "factorial.envText" $values.autoscaling.tickSeconds }}}
- {name: DRY_RUN, value: {{ quote $values.autoscaling.dryRun }}}
{{- end -}}
