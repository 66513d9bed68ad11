{{/* The template of the pods, the same for Deployment and DaemonSet. */}}

{{- define "sallyport.podTemplate" -}}
{{- $controller := .Values.controller -}}
metadata:
  {{- with $controller.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
  # The same for every version: replicas know each other by them.
  labels:
    {{- include "sallyport.selectorLabels" . | nindent 4 }}
    {{- with .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $controller.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $controller.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "sallyport.serviceAccountName" . }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automountServiceAccountToken }}
  # Services of the namespace put no variables into the environment.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ int $controller.terminationGracePeriodSeconds }}
  dnsPolicy: {{ default (ternary "ClusterFirstWithHostNet" "ClusterFirst" $controller.hostNetwork) $controller.dnsPolicy }}
  {{- with $controller.dnsConfig }}
  dnsConfig: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.hostAliases }}
  hostAliases: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.hostname }}
  hostname: {{ . | quote }}
  {{- end }}
  {{- if $controller.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- if $controller.shareProcessNamespace }}
  shareProcessNamespace: true
  {{- end }}
  {{- with $controller.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with $controller.runtimeClassName }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext: {{- include "sallyport.podSecurityContext" . | nindent 4 }}
  {{- with $controller.extraInitContainers }}
  initContainers: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - {{ include "sallyport.container" . | nindent 6 | trim }}
    {{- with $controller.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    # In memory: the key of the certificate that is served where no other fits is never written to a disk.
    - name: data
      emptyDir:
        medium: Memory
        sizeLimit: 64Mi
    {{- if $controller.admissionWebhooks.enabled }}
    - name: webhook-certificate
      secret:
        secretName: {{ include "sallyport.admissionSecret" . }}
        defaultMode: 0440
    {{- end }}
    {{- with $controller.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $controller.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $controller.topologySpreadConstraints (eq $controller.kind "Deployment") }}
  topologySpreadConstraints:
    {{- $selector := dict "labelSelector" (dict "matchLabels" (include "sallyport.selectorLabels" . | fromYaml)) }}
    {{- range $controller.topologySpreadConstraints }}
    - {{ toYaml (merge (deepCopy .) $selector) | nindent 6 | trim }}
    {{- end }}
  {{- end }}
{{- end -}}

{{- define "sallyport.podSecurityContext" -}}
{{- $image := .Values.controller.image -}}
{{- $context := dict
  "runAsNonRoot" true
  "runAsUser" (int $image.runAsUser)
  "runAsGroup" (int $image.runAsGroup)
  "fsGroup" (int $image.runAsGroup)
  "seccompProfile" (dict "type" "RuntimeDefault")
-}}
{{- $sysctls := list -}}
{{- $wanted := deepCopy .Values.controller.sysctls -}}
{{- $ports := .Values.controller.containerPort -}}
{{- $lowest := min (int $ports.http) (int $ports.https) -}}
{{- range include "sallyport.streams" . | fromJsonArray }}{{ $lowest = min $lowest (int .port) }}{{ end -}}
{{- if and (lt (int $lowest) 1024) (not .Values.controller.hostNetwork) (not (hasKey $wanted "net.ipv4.ip_unprivileged_port_start")) -}}
{{- $_ := set $wanted "net.ipv4.ip_unprivileged_port_start" (toString $lowest) -}}
{{- end -}}
{{- range $name, $value := $wanted }}{{ $sysctls = append $sysctls (dict "name" $name "value" (include "sallyport.text" $value)) }}{{ end -}}
{{- with $sysctls }}{{ $_ := set $context "sysctls" . }}{{ end -}}
{{- toYaml (mergeOverwrite $context (deepCopy .Values.controller.podSecurityContext)) -}}
{{- end -}}

{{- define "sallyport.containerSecurityContext" -}}
{{- $context := dict
  "allowPrivilegeEscalation" false
  "capabilities" (dict "drop" (list "ALL"))
  "readOnlyRootFilesystem" .Values.controller.image.readOnlyRootFilesystem
  "runAsNonRoot" true
-}}
{{- toYaml (mergeOverwrite $context (deepCopy .Values.controller.containerSecurityContext)) -}}
{{- end -}}

{{- define "sallyport.container" -}}
{{- $controller := .Values.controller -}}
name: {{ $controller.containerName }}
image: {{ include "sallyport.image" . | quote }}
imagePullPolicy: {{ $controller.image.pullPolicy }}
args: {{- include "sallyport.args" . | nindent 2 }}
env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  - name: POD_NAMESPACE
    valueFrom:
      fieldRef:
        fieldPath: metadata.namespace
  {{- $isNamed := false }}
  {{- range $controller.extraEnvs }}{{ if eq .name "NODE_NAME" }}{{ $isNamed = true }}{{ end }}{{ end }}
  {{- if not $isNamed }}
  - name: NODE_NAME
    valueFrom:
      fieldRef:
        fieldPath: spec.nodeName
  {{- end }}
  # The one place that can be written; also for users that the image does not know.
  - name: HOME
    value: /var/lib/sallyport
  {{- with $controller.extraEnvs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports: {{- include "sallyport.containerPorts" . | trim | nindent 2 }}
{{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" }}
{{- with index $controller $probe }}
{{- $settings := deepCopy . }}
{{- if and (eq $probe "readinessProbe") (eq (dig "httpGet" "path" "" $settings) "/healthz") }}
{{- $_ := set $settings.httpGet "path" "/readyz" }}
{{- end }}
{{ $probe }}: {{- toYaml $settings | nindent 2 }}
{{- end }}
{{- end }}
lifecycle:
  {{- with include "sallyport.lifecycle" . }}
  {{- . | nindent 2 }}
  {{- else }}
  preStop:
    sleep:
      seconds: {{ int $controller.preStopSleepSeconds }}
  {{- end }}
resources: {{- toYaml $controller.resources | nindent 2 }}
{{- with $controller.resizePolicy }}
resizePolicy: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- include "sallyport.containerSecurityContext" . | nindent 2 }}
volumeMounts:
  - name: data
    mountPath: /var/lib/sallyport
  {{- if $controller.admissionWebhooks.enabled }}
  - name: webhook-certificate
    mountPath: /etc/sallyport/webhook
    readOnly: true
  {{- end }}
  {{- with $controller.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "sallyport.containerPorts" -}}
{{- $controller := .Values.controller -}}
{{- range $name := list "http" "https" -}}
{{- if ternary $controller.service.enableHttp $controller.service.enableHttps (eq $name "http") }}
- name: {{ $name }}
  containerPort: {{ int (index $controller.containerPort $name) }}
  protocol: TCP
  {{- if $controller.hostPort.enabled }}
  hostPort: {{ int (index $controller.hostPort.ports $name) }}
  {{- end }}
{{- end }}
{{- end }}
- name: admin
  containerPort: {{ int $controller.metrics.port }}
  protocol: TCP
{{- if $controller.admissionWebhooks.enabled }}
- name: webhook
  containerPort: {{ int $controller.admissionWebhooks.port }}
  protocol: TCP
{{- end }}
{{- range include "sallyport.streams" . | fromJsonArray }}
- name: {{ .name }}
  containerPort: {{ int .port }}
  protocol: {{ .protocol }}
  {{- if $controller.hostPort.enabled }}
  hostPort: {{ int .port }}
  {{- end }}
{{- end }}
{{- end -}}
