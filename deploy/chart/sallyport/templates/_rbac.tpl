{{/* What the controller may do. Every grant is one that the program asks for; test/deploy/rbac.test.ts compares. */}}

{{/* Rules for what is read of Ingresses and their backends, wherever the binding says. */}}
{{- define "sallyport.trafficRules" -}}
- apiGroups: ['networking.k8s.io']
  resources: ['ingresses']
  verbs: ['list', 'watch']
- apiGroups: ['networking.k8s.io']
  resources: ['ingresses/status']
  verbs: ['patch']
- apiGroups: ['']
  resources: ['services']
  verbs: ['list', 'watch']
- apiGroups: ['discovery.k8s.io']
  resources: ['endpointslices']
  verbs: ['list', 'watch']
- apiGroups: ['']
  resources: ['events']
  verbs: ['create', 'patch']
{{- if eq .Values.rbac.secrets "cluster" }}
- apiGroups: ['']
  resources: ['secrets']
  verbs: ['list', 'watch'{{ if .Values.controller.acme.enabled }}, 'get', 'create', 'update'{{ end }}]
{{- end }}
{{- end -}}

{{- define "sallyport.clusterRules" -}}
{{- $controller := .Values.controller -}}
- apiGroups: ['networking.k8s.io']
  resources: ['ingressclasses']
  verbs: ['list', 'watch']
- apiGroups: ['sallyport.dev']
  resources: ['sallyportparameters']
  verbs: ['list', 'watch']
{{- if not $controller.scope.enabled }}
{{ include "sallyport.trafficRules" . }}
{{- if $controller.scope.namespaceSelector }}
- apiGroups: ['']
  resources: ['namespaces']
  verbs: ['list', 'watch']
{{- end }}
{{- end }}
{{- $listsNodes := not (or (include "sallyport.publishService" .) (hasKey $controller.extraArgs "publish-status-address")) }}
{{- if or $listsNodes (not (hasKey $controller.extraArgs "zone")) }}
# The zone of the own node, unless it is said; without a Service to publish: the addresses of the nodes on which the replicas run.
- apiGroups: ['']
  resources: ['nodes']
  verbs: ['get']
{{- end }}
{{- end -}}

{{/* Rules by namespace, as JSON: {NAMESPACE: [RULE, …]}. */}}
{{- define "sallyport.rolesByNamespace" -}}
{{- $controller := .Values.controller -}}
{{- $own := include "sallyport.namespace" . -}}
{{- $watched := include "sallyport.watchNamespace" . -}}
{{- $roles := dict -}}
{{- $reading := list "list" "watch" -}}
{{- /* From the 65th name on they are asked for one by one. */ -}}
{{- $named := list "get" "list" "watch" -}}

{{- /* Certificates that are ordered. */ -}}
{{- $writing := ternary (list "create" "update") list $controller.acme.enabled -}}

{{- $election := include "sallyport.expandNamespace" (list $own (default $own (index $controller.extraArgs "election-namespace"))) -}}
{{- if not $controller.disableLeaderElection -}}
{{- $lease := include "sallyport.electionID" . -}}
{{- include "sallyport.addRule" (list $roles $election "coordination.k8s.io" "leases" (list "get" "update") (list (default $lease (index $controller.extraArgs "election-id")))) -}}
{{- include "sallyport.addRule" (list $roles $election "coordination.k8s.io" "leases" (list "create") list) -}}
{{- end -}}
{{- /* The other replicas: where they run, and whether one is left at shutdown. */ -}}
{{- include "sallyport.addRule" (list $roles $own "" "pods" (list "get" "list") list) -}}
{{- include "sallyport.addRule" (list $roles (include "sallyport.configMapNamespace" .) "" "configmaps" $reading (list (include "sallyport.controllerName" .))) -}}
{{- $flags := include "sallyport.flags" . | fromJson -}}
{{- range $kind := list "tcp" "udp" -}}
{{- with index $flags (printf "%s-services-configmap" $kind) -}}
{{- $parts := splitn "/" 2 . -}}
{{- include "sallyport.addRule" (list $roles (include "sallyport.expandNamespace" (list $own $parts._0)) "" "configmaps" $reading (list $parts._1)) -}}
{{- end -}}
{{- end -}}
{{- range include "sallyport.fieldMaps" . | fromJson -}}
{{- $parts := splitn "/" 2 . -}}
{{- include "sallyport.addRule" (list $roles $parts._0 "" "configmaps" $reading (list $parts._1)) -}}
{{- end -}}
{{- with $controller.ingressClassResource.parameters -}}
{{- if and (eq .kind "ConfigMap") (eq (default "" .scope) "Namespace") -}}
{{- include "sallyport.addRule" (list $roles .namespace "" "configmaps" $reading (list .name)) -}}
{{- end -}}
{{- end -}}

{{- if $watched -}}
{{- $_ := set $roles $watched (concat (default list (index $roles $watched)) (include "sallyport.trafficRules" . | fromYamlArray)) -}}
{{- end -}}
{{- if eq .Values.rbac.secrets "namespaces" -}}
{{- range .Values.rbac.secretNamespaces }}{{ include "sallyport.addRule" (list $roles . "" "secrets" (concat $named $writing) list) }}{{ end -}}
{{- else if eq .Values.rbac.secrets "named" -}}
{{- range $namespace, $names := .Values.rbac.secretNames }}{{ include "sallyport.addRule" (list $roles $namespace "" "secrets" (concat $named (without $writing "create")) $names) }}
{{- /* Who creates cannot be held to names. */ -}}
{{- if $writing }}{{ include "sallyport.addRule" (list $roles $namespace "" "secrets" (list "create") list) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $coversOwn := or (and (eq .Values.rbac.secrets "cluster") (or (eq $watched "") (eq $watched $own))) (and (eq .Values.rbac.secrets "namespaces") (has $own .Values.rbac.secretNamespaces)) -}}
{{- if and $controller.acme.enabled (not $coversOwn) -}}
{{- include "sallyport.addRule" (list $roles $own "" "secrets" (list "get" "list" "watch" "update") (list "sallyport-acme-challenges")) -}}
{{- include "sallyport.addRule" (list $roles $own "" "secrets" (list "get") (list "sallyport-acme-account")) -}}
{{- include "sallyport.addRule" (list $roles $own "" "secrets" (list "create") list) -}}
{{- end -}}

{{- with index $controller.extraArgs "default-ssl-certificate" -}}
{{- $parts := splitn "/" 2 . -}}
{{- $namespace := include "sallyport.expandNamespace" (list $own $parts._0) -}}
{{- $isWide := and (eq $.Values.rbac.secrets "cluster") (or (eq $watched "") (eq $watched $namespace)) -}}
{{- if not (or $isWide (and (eq $.Values.rbac.secrets "namespaces") (has $namespace $.Values.rbac.secretNamespaces))) -}}
{{- include "sallyport.addRule" (list $roles $namespace "" "secrets" $named (list $parts._1)) -}}
{{- end -}}
{{- end -}}
{{- if $watched -}}
{{- $services := list (include "sallyport.publishService" .) (default "" (index $controller.extraArgs "default-backend-service")) -}}
{{- range without $services "" -}}
{{- $parts := splitn "/" 2 . -}}
{{- $namespace := include "sallyport.expandNamespace" (list $own $parts._0) -}}
{{- if ne $namespace $watched -}}
{{- include "sallyport.addRule" (list $roles $namespace "" "services" $reading (list (regexReplaceAll ":.*$" $parts._1 ""))) -}}
{{- include "sallyport.addRule" (list $roles $namespace "discovery.k8s.io" "endpointslices" $reading list) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $roles -}}
{{- end -}}

{{/* Takes (roles, namespace, group, resource, verbs, names). */}}
{{- define "sallyport.addRule" -}}
{{- $roles := index . 0 -}}
{{- $namespace := index . 1 -}}
{{- $rule := dict "apiGroups" (list (index . 2)) "resources" (list (index . 3)) "verbs" (index . 4) -}}
{{- with index . 5 }}{{ $_ := set $rule "resourceNames" . }}{{ end -}}
{{- $_ := set $roles $namespace (append (default list (index $roles $namespace)) $rule) -}}
{{- end -}}

{{/* Takes (own, wanted). */}}
{{- define "sallyport.expandNamespace" -}}
{{- index . 1 | replace "$(POD_NAMESPACE)" (index . 0) -}}
{{- end -}}
