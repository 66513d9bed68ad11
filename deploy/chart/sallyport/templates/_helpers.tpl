{{/* Names, labels and texts that several templates need. */}}

{{- define "sallyport.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 42 | trimSuffix "-" -}}
{{- end -}}

{{- define "sallyport.controllerName" -}}
{{- printf "%s-%s" (include "sallyport.fullname" .) .Values.controller.name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "sallyport.admissionName" -}}
{{- printf "%s-admission" (include "sallyport.controllerName" .) -}}
{{- end -}}

{{- define "sallyport.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "sallyport.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sallyport.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end -}}

{{- define "sallyport.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "sallyport.selectorLabels" . }}
app.kubernetes.io/part-of: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A value as the text that stands for it: numbers of values files are floats, which Go writes as 1e+06. */}}
{{- define "sallyport.text" -}}
{{- if kindIs "string" . }}{{ . }}{{ else }}{{ toJson . }}{{ end -}}
{{- end -}}

{{/* The ConfigMaps of fields by setting, as JSON: made of the values, else those that controller.config names. */}}
{{- define "sallyport.fieldMaps" -}}
{{- $maps := dict -}}
{{- range $setting, $name := dict "add-headers" "addHeaders" "proxy-set-headers" "proxySetHeaders" -}}
{{- if index $.Values.controller $name -}}
{{- $_ := set $maps $setting (printf "%s/%s-%s" (include "sallyport.namespace" $) (include "sallyport.controllerName" $) $setting) -}}
{{- else if index $.Values.controller.config $setting -}}
{{- $_ := set $maps $setting (index $.Values.controller.config $setting) -}}
{{- end -}}
{{- end -}}
{{- toJson $maps -}}
{{- end -}}

{{- define "sallyport.image" -}}
{{- $image := .Values.controller.image -}}
{{- $name := ternary (printf "%s/%s" $image.registry $image.image) $image.image (ne (default "" $image.registry) "") -}}
{{- $tag := default (ternary "" .Chart.AppVersion (ne (default "" $image.digest) "")) $image.tag -}}
{{- default $name $image.repository }}{{ with $tag }}:{{ . }}{{ end }}{{ with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "sallyport.electionID" -}}
{{- default (printf "%s-leader" (include "sallyport.fullname" .)) .Values.controller.electionID -}}
{{- end -}}

{{/* The one namespace that is read; empty: several. */}}
{{- define "sallyport.watchNamespace" -}}
{{- with .Values.controller.scope }}{{ if .enabled }}{{ default (include "sallyport.namespace" $) .namespace }}{{ end }}{{ end -}}
{{- end -}}

{{- define "sallyport.configMapNamespace" -}}
{{- default (include "sallyport.namespace" .) .Values.controller.configMapNamespace -}}
{{- end -}}

{{/* NAMESPACE/NAME of the Service whose addresses are published; empty: none. */}}
{{- define "sallyport.publishService" -}}
{{- $controller := .Values.controller -}}
{{- if $controller.publishService.enabled -}}
{{- if $controller.publishService.pathOverride -}}
{{- $controller.publishService.pathOverride -}}
{{- else if and $controller.service.enabled (or $controller.service.external.enabled $controller.service.internal.enabled) -}}
{{- $suffix := ternary "" "-internal" $controller.service.external.enabled -}}
{{- printf "%s/%s%s" (include "sallyport.namespace" .) (include "sallyport.controllerName" .) $suffix -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Name of the Secret with the certificate of the webhook. */}}
{{- define "sallyport.admissionSecret" -}}
{{- default (include "sallyport.admissionName" .) .Values.controller.admissionWebhooks.existingSecret -}}
{{- end -}}
