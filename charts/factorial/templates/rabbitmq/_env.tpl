{{/* RabbitMQ's variables. The node is called localhost: a name that never changes, and nobody else is to join. */}}
{{- define "factorial.rabbitmqEnv" -}}
{{ include "factorial.secretEnv" (dict "name" "RABBITMQ_USER" "secret" (include "factorial.rabbitmqSecretName" .) "key" "username") }}
{{ include "factorial.secretEnv" (dict "name" "RABBITMQ_PASSWORD" "secret" (include "factorial.rabbitmqSecretName" .) "key" "password") }}
- {name: HOME, value: /run/rabbitmq}
- {name: RABBITMQ_NODENAME, value: rabbit@localhost}
- {name: RABBITMQ_MNESIA_BASE, value: /var/lib/rabbitmq/mnesia}
- {name: RABBITMQ_CONFIG_FILES, value: /etc/factorial/*.conf}
- {name: RABBITMQ_ADVANCED_CONFIG_FILE, value: /etc/factorial/advanced.config}
- {name: RABBITMQ_ENABLED_PLUGINS_FILE, value: /etc/factorial/enabled_plugins}
- {name: RABBITMQ_LOGS, value: "-"}
- {name: ERL_EPMD_ADDRESS, value: 127.0.0.1}
# One scheduler, and none that spins while there is nothing to do: the cores are the workers'.
- name: RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS
  value: "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
{{- end -}}

{{/* {root, name, component, persistence} */}}
{{- define "factorial.volumeClaims" -}}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: data
      labels:
        {{- include "factorial.selector" . | nindent 8 }}
      {{- with .persistence.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .persistence.storageClass }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests: {storage: {{ .persistence.size }}}
{{- end -}}
