{{/* What all pods and containers have in common. */}}

{{/* A tag may have been written as a number. */}}
{{- define "factorial.tag" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else if not (kindIs "invalid" .) }}{{ toString . }}{{ end -}}
{{- end -}}

{{/* {root, service}: an image of ours. */}}
{{- define "factorial.image" -}}
{{- $image := .root.Values.image -}}
{{- $registry := .root.Values.global.imageRegistry | default $image.registry -}}
{{- $digest := get $image.digests .service -}}
{{- $reference := ternary (printf "@%s" $digest) (printf ":%s" (include "factorial.tag" $image.tag | default .root.Chart.AppVersion)) (not (empty $digest)) -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end }}{{ $image.prefix }}{{ .service }}{{ $reference }}
{{- end -}}

{{/* {root, image}: RabbitMQ's or Redis's. */}}
{{- define "factorial.brokerImage" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $reference := ternary (printf "@%s" .image.digest) (printf ":%s" (include "factorial.tag" .image.tag)) (not (empty .image.digest)) -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .image.repository }}{{ $reference }}
{{- end -}}

{{/* Fields of a pod beside its containers and volumes: {root, name, component, pool?, settings} */}}
{{- define "factorial.podFields" -}}
{{- $selector := include "factorial.selector" . | fromYaml -}}
serviceAccountName: {{ include "factorial.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .settings.podSecurityContext | nindent 2 }}
{{- with concat (.root.Values.global.imagePullSecrets | default list) (.root.Values.image.pullSecrets | default list) }}
imagePullSecrets:
  {{- range . }}
  - name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
  {{- end }}
{{- end }}
{{- with .settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .settings.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .settings.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{ toYaml (merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" $selector))) | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- with .settings.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Labels and annotations of a pod: {root, component, pool?, settings, annotations?}. No version: a new chart restarts nothing by itself. */}}
{{- define "factorial.podMetadata" -}}
{{- $part := dict "app.kubernetes.io/part-of" "factorial" -}}
labels:
  {{- mergeOverwrite $part (deepCopy (.root.Values.commonLabels | default dict)) (deepCopy (.settings.podLabels | default dict)) (include "factorial.selector" . | fromYaml) | toYaml | nindent 2 }}
{{- with mergeOverwrite (deepCopy (.root.Values.commonAnnotations | default dict)) (.annotations | default dict) (deepCopy (.settings.podAnnotations | default dict)) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A value of an environment variable: whole numbers are written out, not as 1e+06. */}}
{{- define "factorial.envText" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ . | int64 | toString | quote }}{{ else }}{{ . | toString | quote }}{{ end -}}
{{- end -}}

{{/* {base: text of a YAML list, settings}: the variables, each name once, as server-side apply demands. */}}
{{- define "factorial.env" -}}
{{- $extra := .settings.extraEnv | default dict -}}
{{- range fromYamlArray .base }}
{{- if not (hasKey $extra .name) }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- range $name, $value := $extra }}
{{- if kindIs "map" $value }}
- name: {{ $name }}
  {{- toYaml $value | nindent 2 }}
{{- else if not (kindIs "invalid" $value) }}
- name: {{ $name }}
  value: {{ include "factorial.envText" $value }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables that each of our own services is given: {root, settings} */}}
{{- define "factorial.commonEnv" -}}
- name: LOG_LEVEL
  value: {{ .root.Values.logLevel }}
- name: NODE_OPTIONS
  value: --max-old-space-size={{ div (include "factorial.share" (dict "quantity" .settings.resources.limits.memory "percent" .settings.nodeHeapPercent) | int64) 1048576 }}
{{- if include "factorial.hasCaBundle" .root }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/factorial/ca/ca.crt
{{- end }}
{{- end -}}

{{- define "factorial.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}
{{- end -}}

{{/* The rest of a container: {settings, env: text of a YAML list} */}}
{{- define "factorial.containerFields" -}}
securityContext:
  {{- toYaml .settings.securityContext | nindent 2 }}
resources:
  {{- toYaml .settings.resources | nindent 2 }}
env:
  {{- include "factorial.env" (dict "base" .env "settings" .settings) | trim | nindent 2 }}
{{- with .settings.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* {settings, port}: all three probes of one of our own services. */}}
{{- define "factorial.opsProbes" -}}
startupProbe:
  httpGet: {path: /livez, port: ops}
  {{- toYaml .settings.startupProbe | nindent 2 }}
readinessProbe:
  httpGet: {path: /readyz, port: ops}
  {{- toYaml .settings.readinessProbe | nindent 2 }}
livenessProbe:
  httpGet: {path: /livez, port: ops}
  {{- toYaml .settings.livenessProbe | nindent 2 }}
{{- end -}}

{{/* The probes of RabbitMQ and Redis: {settings, port} */}}
{{- define "factorial.tcpProbes" -}}
startupProbe:
  tcpSocket: {port: {{ .port }}}
  {{- toYaml .settings.startupProbe | nindent 2 }}
readinessProbe:
  tcpSocket: {port: {{ .port }}}
  {{- toYaml .settings.readinessProbe | nindent 2 }}
livenessProbe:
  tcpSocket: {port: {{ .port }}}
  {{- toYaml .settings.livenessProbe | nindent 2 }}
{{- end -}}

{{- define "factorial.hasCaBundle" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}true{{ end -}}
{{- end -}}

{{- define "factorial.caVolume" -}}
{{- if include "factorial.hasCaBundle" . }}
- name: ca
  {{- if .Values.caBundle.configMap }}
  configMap:
    name: {{ .Values.caBundle.configMap }}
  {{- else }}
  secret:
    secretName: {{ .Values.caBundle.secret }}
  {{- end }}
    items: [{key: {{ .Values.caBundle.key }}, path: ca.crt}]
{{- end }}
{{- end -}}

{{- define "factorial.caMount" -}}
{{- if include "factorial.hasCaBundle" . }}
- {name: ca, mountPath: /etc/factorial/ca, readOnly: true}
{{- end }}
{{- end -}}

{{/* A token for the cluster's API server, where a client expects it. Not 3607 s, as the kubelet asks for by itself: those are made to live a year. */}}
{{- define "factorial.apiServerTokenVolume" -}}
- name: api-server-token
  projected:
    defaultMode: 288 # 0440; a leading zero means eight to some readers of YAML, and nothing to others
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end -}}

{{- define "factorial.apiServerTokenMount" -}}
- {name: api-server-token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end -}}

{{/* A token that says to the api who this pod is, and is good for nothing else. */}}
{{- define "factorial.identityVolume" -}}
- name: identity
  projected:
    defaultMode: 288 # 0440; a leading zero means eight to some readers of YAML, and nothing to others
    sources:
      - serviceAccountToken: {path: token, audience: factorial-internal, expirationSeconds: 600}
{{- end -}}

{{- define "factorial.identityMount" -}}
- {name: identity, mountPath: /var/run/secrets/factorial, readOnly: true}
{{- end -}}
