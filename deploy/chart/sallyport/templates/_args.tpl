{{/* The flags of the process, as a dict by name: first what the chart knows, then extraArgs over it. */}}

{{- define "sallyport.flags" -}}
{{- $controller := .Values.controller -}}
{{- $namespace := include "sallyport.namespace" . -}}
{{- $flags := dict
  "http-port" (ternary $controller.containerPort.http 0 $controller.service.enableHttp)
  "https-port" (ternary $controller.containerPort.https 0 $controller.service.enableHttps)
  "healthz-port" $controller.metrics.port
  "controller-class" $controller.ingressClassResource.controllerValue
  "ingress-class" $controller.ingressClass
  "election-id" (include "sallyport.electionID" .)
  "data-dir" "/var/lib/sallyport"
-}}
{{- $configMapNamespace := include "sallyport.configMapNamespace" . -}}
{{- $_ := set $flags "configmap" (printf "%s/%s" (include "sallyport.ownNamespace" (list $namespace $configMapNamespace)) (include "sallyport.controllerName" .)) -}}
{{- if and $controller.service.enableHttps (ne (int $controller.service.ports.https) 443) }}{{ $_ := set $flags "public-https-port" $controller.service.ports.https }}{{ end -}}
{{- with $controller.healthCheckHost }}{{ $_ := set $flags "healthz-host" . }}{{ end -}}
{{- if ne $controller.healthCheckPath "/healthz" }}{{ $_ := set $flags "health-check-path" $controller.healthCheckPath }}{{ end -}}
{{- if $controller.watchIngressWithoutClass }}{{ $_ := set $flags "watch-ingress-without-class" true }}{{ end -}}
{{- if $controller.ingressClassByName }}{{ $_ := set $flags "ingress-class-by-name" true }}{{ end -}}
{{- if $controller.reportNodeInternalIp }}{{ $_ := set $flags "report-node-internal-ip-address" true }}{{ end -}}
{{- if $controller.disableLeaderElection }}{{ $_ := set $flags "disable-leader-election" true }}{{ end -}}
{{- with $controller.electionTTL }}{{ $_ := set $flags "election-ttl" . }}{{ end -}}
{{- with include "sallyport.publishService" . -}}
{{- if not (hasKey $controller.extraArgs "publish-status-address") -}}
{{- $parts := splitn "/" 2 . -}}
{{- $_ := set $flags "publish-service" (printf "%s/%s" (include "sallyport.ownNamespace" (list $namespace $parts._0)) $parts._1) -}}
{{- end -}}
{{- end -}}
{{- with include "sallyport.watchNamespace" . }}{{ $_ := set $flags "watch-namespace" (include "sallyport.ownNamespace" (list $namespace .)) }}{{ end -}}
{{- if not $controller.scope.enabled -}}
{{- with $controller.scope.namespaceSelector }}{{ $_ := set $flags "watch-namespace-selector" . }}{{ end -}}
{{- end -}}
{{- if $controller.admissionWebhooks.enabled -}}
{{- $_ := set $flags "validating-webhook" (printf ":%d" (int $controller.admissionWebhooks.port)) -}}
{{- $_ := set $flags "validating-webhook-certificate" "/etc/sallyport/webhook/tls.crt" -}}
{{- $_ := set $flags "validating-webhook-key" "/etc/sallyport/webhook/tls.key" -}}
{{- end -}}
{{- if $controller.acme.enabled -}}
{{- $_ := set $flags "acme-agree-tos" true -}}
{{- $_ := set $flags "acme-challenge" $controller.acme.challenge -}}
{{- with $controller.acme.email }}{{ $_ := set $flags "acme-email" . }}{{ end -}}
{{- with $controller.acme.directory }}{{ $_ := set $flags "acme-directory" . }}{{ end -}}
{{- end -}}
{{- $_ := set $flags "shutdown-grace-period" (printf "%ds" (int (include "sallyport.drainSeconds" .))) -}}
{{- range $kind := list "tcp" "udp" -}}
{{- if index $.Values $kind }}{{ $_ := set $flags (printf "%s-services-configmap" $kind) (printf "$(POD_NAMESPACE)/%s" (include "sallyport.streamConfigMap" (list $ $kind))) }}{{ end -}}
{{- end -}}
{{- range $name, $value := $controller.extraArgs }}{{ $_ := set $flags $name $value }}{{ end -}}
{{- toJson $flags -}}
{{- end -}}

{{/* The pod's own namespace is left to the pod, so that the manifests can be moved to another one. Takes (own, wanted). */}}
{{- define "sallyport.ownNamespace" -}}
{{- ternary "$(POD_NAMESPACE)" (index . 1) (eq (index . 0) (index . 1)) -}}
{{- end -}}

{{/* What a stop leaves to the requests in flight: see terminationGracePeriodSeconds in values.yaml. */}}
{{- define "sallyport.drainSeconds" -}}
{{- $controller := .Values.controller -}}
{{- $hook := ternary 0 (int $controller.preStopSleepSeconds) (ne (include "sallyport.lifecycle" .) "") -}}
{{- $left := sub (int $controller.terminationGracePeriodSeconds) (add $hook 20) -}}
{{- if lt $left 1 -}}
{{- fail (printf "controller.terminationGracePeriodSeconds: %d leaves no time for requests in flight; more than %d is wanted (preStopSleepSeconds and 20)" (int $controller.terminationGracePeriodSeconds) (add $hook 20)) -}}
{{- end -}}
{{- $left -}}
{{- end -}}

{{/* Hooks of the user, as YAML; empty: none. */}}
{{- define "sallyport.lifecycle" -}}
{{- $lifecycle := .Values.controller.lifecycle -}}
{{- if and $lifecycle (not (has "/wait-shutdown" (dig "preStop" "exec" "command" list $lifecycle))) }}{{ toYaml $lifecycle }}{{ end -}}
{{- end -}}

{{- define "sallyport.args" -}}
- controller
{{- range $name, $value := include "sallyport.flags" . | fromJson }}
{{- if not (kindIs "invalid" $value) }}
{{- $text := include "sallyport.text" $value }}
- {{ ternary (printf "--%s" $name) (printf "--%s=%s" $name $text) (eq $text "") | quote }}
{{- end }}
{{- end }}
{{- end -}}
