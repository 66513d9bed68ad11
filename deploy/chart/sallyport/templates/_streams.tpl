{{/* TCP and UDP services: the values tcp and udp, as ingress-nginx has them. */}}

{{/* As JSON: [{kind: tcp, protocol: TCP, key: '9000', port: 9000, name: 9000-tcp}, …]. */}}
{{- define "sallyport.streams" -}}
{{- $streams := list -}}
{{- range $kind := list "tcp" "udp" -}}
{{- range $key, $target := index $.Values $kind -}}
{{- $name := printf "%s%s%s-%s" $.Values.portNamePrefix (ternary "-" "" (ne $.Values.portNamePrefix "")) $key $kind -}}
{{- $streams = append $streams (dict "kind" $kind "protocol" (upper $kind) "key" $key "port" (int $key) "name" $name) -}}
{{- end -}}
{{- end -}}
{{- toJson $streams -}}
{{- end -}}

{{/* Takes (root, kind). */}}
{{- define "sallyport.streamConfigMap" -}}
{{- printf "%s-%s" (include "sallyport.fullname" (index . 0)) (index . 1) -}}
{{- end -}}
