{{/* The certificate of the webhook that Helm makes: the one that is there while it lasts, else a new one. */}}

{{/* As JSON: {ca, crt, key} in base64, and until: when half of its validity is over, in seconds since the epoch. */}}
{{- define "sallyport.certificate" -}}
{{- $name := include "sallyport.admissionName" . -}}
{{- $namespace := include "sallyport.namespace" . -}}
{{- $kept := lookup "v1" "Secret" $namespace $name -}}
{{- $until := dig "metadata" "annotations" "sallyport.dev/renew-after" "0" (default dict $kept) -}}
{{- $data := dig "data" dict (default dict $kept) -}}
{{- if and (index $data "ca.crt") (index $data "tls.crt") (index $data "tls.key") (gt (int64 $until) (int64 (now | unixEpoch))) -}}
{{- toJson (dict "ca" (index $data "ca.crt") "crt" (index $data "tls.crt") "key" (index $data "tls.key") "until" $until) -}}
{{- else -}}
{{- $days := int .Values.controller.admissionWebhooks.certificateValidityDays -}}
{{- $names := list (printf "%s.%s.svc" $name $namespace) (printf "%s.%s" $name $namespace) $name -}}
{{- $authority := genCA "sallyport-admission" $days -}}
{{- $pair := genSignedCert (first $names) nil $names $days $authority -}}
{{- $renew := add (now | unixEpoch | int64) (mul $days 43200) -}}
{{- toJson (dict "ca" (b64enc $authority.Cert) "crt" (b64enc $pair.Cert) "key" (b64enc $pair.Key) "until" (printf "%d" $renew)) -}}
{{- end -}}
{{- end -}}
