{{/* The api's variables: {root, settings} */}}
{{- define "factorial.apiEnv" -}}
{{- $values := .root.Values -}}
{{ include "factorial.commonEnv" . }}
{{ include "factorial.secretEnv" (dict "name" "REDIS_URL" "secret" (include "factorial.redisSecretName" .root) "key" (include "factorial.redisUrlKey" .root)) }}
{{ include "factorial.secretEnv" (dict "name" "AMQP_URL" "secret" (include "factorial.rabbitmqSecretName" .root) "key" (include "factorial.amqpUrlKey" .root)) }}
{{- if include "factorial.hasJwtSecret" .root }}
{{ include "factorial.secretEnv" (dict "name" "JWT_SECRET" "secret" (include "factorial.jwtSecretName" .root) "key" $values.auth.secretKey) }}
{{- end }}
{{- if include "factorial.hasJwks" .root }}
- {name: JWT_JWKS_FILE, value: /etc/factorial/jwks/jwks.json}
{{- end }}
{{- with $values.api.webhooks }}
{{- if .enabled }}
{{ include "factorial.secretEnv" (dict "name" "WEBHOOK_KEYS" "secret" (include "factorial.webhookSecretName" $.root) "key" .secretKey) }}
- {name: WEBHOOK_ALLOW_HTTP, value: {{ quote .allowHttp }}}
{{- with .allowedCidrs }}
- {name: WEBHOOK_ALLOWED_CIDRS, value: {{ join "," . | quote }}}
{{- end }}
{{- end }}
{{- end }}
- {name: JWT_ISSUER, value: {{ quote $values.auth.issuer }}}
- {name: JWT_AUDIENCE, value: {{ quote $values.auth.audience }}}
- {name: INTERNAL_SERVICE_ACCOUNTS, value: {{ include "factorial.internalServiceAccounts" .root | quote }}}
- {name: INTERNAL_TOKEN_CHECK, value: {{ $values.internalAuth.tokenCheck }}}
- {name: REDIS_TAG, value: {{ quote $values.redisTag }}}
- {name: BODY_LIMIT_BYTES, value: {{ include "factorial.envText" $values.jobs.bodyLimitBytes }}}
- {name: OUTPUT_LIMIT_BYTES, value: {{ include "factorial.envText" $values.jobs.outputLimitBytes }}}
- {name: MAX_PENDING, value: {{ include "factorial.envText" $values.jobs.maxPending }}}
- {name: MAX_PENDING_PER_OWNER, value: {{ include "factorial.envText" $values.jobs.maxPendingPerOwner }}}
- {name: MAX_BYTES, value: {{ include "factorial.envText" $values.jobs.maxBytes }}}
- {name: RETENTION_SECONDS, value: {{ include "factorial.envText" $values.jobs.retentionSeconds }}}
- {name: GRACE_SECONDS, value: {{ include "factorial.envText" $values.api.graceSeconds }}}
{{- end -}}
