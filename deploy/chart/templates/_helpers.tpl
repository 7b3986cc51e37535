{{- define "yiyuan.name" -}}
{{ .Release.Name | trunc 53 | trimSuffix "-" }}
{{- end }}

{{- define "yiyuan.selector" -}}
app.kubernetes.io/name: yiyuan
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "yiyuan.labels" -}}
{{ include "yiyuan.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "yiyuan.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{/* What cannot work is refused before anything is made. */}}
{{- define "yiyuan.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.postgresql) }}
{{- fail "replicas > 1 needs PostgreSQL: SQLite has one writer. Put YIYUAN_DATABASE_URL, YIYUAN_REDIS_URL and YIYUAN_SECRET_KEY into a secret, then set existingSecret and postgresql=true" }}
{{- end }}
{{- if and .Values.postgresql (not .Values.existingSecret) (not .Values.extraEnv) }}
{{- fail "postgresql=true needs existingSecret (or extraEnv) with YIYUAN_DATABASE_URL and YIYUAN_SECRET_KEY" }}
{{- end }}
{{- end }}

{{- define "yiyuan.pod" -}}
metadata:
  labels: {{- include "yiyuan.selector" . | nindent 4 }}
spec:
  automountServiceAccountToken: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add .Values.drainSeconds 10 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- if .Values.postgresql }}
  initContainers:
    - name: migrate
      image: {{ include "yiyuan.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [migrate]
      {{- include "yiyuan.container" . | nindent 6 }}
  {{- end }}
  containers:
    - name: gateway
      image: {{ include "yiyuan.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --host, 0.0.0.0, --drain-seconds, {{ .Values.drainSeconds | quote }}]
      ports: [{name: http, containerPort: 8000}]
      startupProbe:
        httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: http, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 2
        timeoutSeconds: 2
      resources: {{- toYaml .Values.resources | nindent 8 }}
      {{- include "yiyuan.container" . | nindent 6 }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 64Mi}
    {{- if .Values.postgresql }}
    - name: data
      emptyDir: {sizeLimit: 64Mi}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "yiyuan.container" -}}
env:
  - {name: YIYUAN_HOME, value: /data/home}
  - {name: YIYUAN_PUBLIC_URL, value: {{ .Values.publicUrl | quote }}}
  {{- with .Values.apiUrl }}
  - {name: YIYUAN_API_URL, value: {{ . | quote }}}
  {{- end }}
  - {name: YIYUAN_LANGUAGE, value: {{ .Values.language | quote }}}
  {{- with .Values.trustedProxies }}
  - {name: YIYUAN_TRUSTED_PROXIES, value: {{ join "," . | quote }}}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.existingSecret }}
envFrom:
  - secretRef: {name: {{ . | quote }}}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: data, mountPath: /data}
  - {name: tmp, mountPath: /tmp}
{{- end }}
