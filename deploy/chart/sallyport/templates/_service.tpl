{{/* A Service of the traffic listeners. Takes (root, name, values): those of controller.service, or of controller.service.internal over them. */}}

{{- define "sallyport.service" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ index . 1 }}
  namespace: {{ include "sallyport.namespace" $root }}
  labels:
    {{- include "sallyport.labels" $root | nindent 4 }}
    {{- with $values.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $values.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $values.type }}
  {{- range $field := list "clusterIP" "loadBalancerIP" "loadBalancerClass" "externalTrafficPolicy" "internalTrafficPolicy" "sessionAffinity" "ipFamilyPolicy" "trafficDistribution" }}
  {{- with index $values $field }}
  {{ $field }}: {{ . | quote }}
  {{- end }}
  {{- end }}
  {{- range $field := list "clusterIPs" "externalIPs" "loadBalancerSourceRanges" "ipFamilies" }}
  {{- with index $values $field }}
  {{ $field }}: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- if hasKey $values "allocateLoadBalancerNodePorts" }}
  allocateLoadBalancerNodePorts: {{ $values.allocateLoadBalancerNodePorts }}
  {{- end }}
  {{- with $values.healthCheckNodePort }}
  healthCheckNodePort: {{ int . }}
  {{- end }}
  ports:
    {{- range $name := list "http" "https" }}
    {{- if ternary $values.enableHttp $values.enableHttps (eq $name "http") }}
    - name: {{ $name }}
      port: {{ int (index $values.ports $name) }}
      targetPort: {{ index $values.targetPorts $name }}
      protocol: TCP
      {{- if $values.appProtocol }}
      appProtocol: {{ $name }}
      {{- end }}
      {{- with index $values.nodePorts $name }}
      nodePort: {{ int . }}
      {{- end }}
    {{- end }}
    {{- end }}
    {{- range include "sallyport.streams" $root | fromJsonArray }}
    - name: {{ .name }}
      port: {{ int .port }}
      targetPort: {{ .name }}
      protocol: {{ .protocol }}
      {{- with dig .kind .key "" $values.nodePorts }}
      nodePort: {{ int . }}
      {{- end }}
    {{- end }}
  selector: {{- include "sallyport.selectorLabels" $root | nindent 4 }}
{{- end -}}
