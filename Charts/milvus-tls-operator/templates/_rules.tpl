{{- /* What the operator does with the objects of a namespace. What it creates belongs to a Milvus and is deleted with it;
the operator itself deletes only the Secrets and Certificates of clients that are no longer listed. */ -}}
{{- define "milvus-tls-operator.rules" -}}
# Beside each resource are the files in Sources whose code asks for it.
- apiGroups: [milvus.io]
  resources: [milvuses] # ClusterView, PlanExecutor
  verbs:
    - list # the annotations that request TLS
    - watch
    - get # the newest state after a conflict
    - patch # volumes, mounts and configuration
- apiGroups: [tls.milvus.io]
  resources: [milvustls] # ClusterView, PlanExecutor
  verbs:
    - list # the specified TLS
    - watch
    - get
    - create # for a Milvus that has annotations only
    - patch # keep it in step with the annotations
- apiGroups: [tls.milvus.io]
  resources: [milvustls/status] # PlanExecutor
  verbs: [patch] # conditions, expiry, verdicts
- apiGroups: [""]
  resources: [secrets] # ClusterView, UnmanagedSecrets, PlanExecutor+Secrets, HandshakeRunner
  verbs:
    - list # its own, by label; of all others only metadata, for which RBAC has no rule
    - watch
    - get # the CA's key, to sign with, a client's key, for handshakes, and a provided Secret that a Milvus uses
    - create # authority, server and client certificates
    - patch # renewal
    - delete # of its own, for clients that are no longer listed
- apiGroups: [""]
  resources: [configmaps] # ProvidedConfigMaps
  verbs:
    - get # a CA in a ConfigMap that a Milvus mounts
    - list # the same one, by name, to follow it
    - watch
{{- if .Values.certManager.enabled }}
- apiGroups: [cert-manager.io]
  resources: [certificates] # CertManagerView, PlanExecutor
  verbs:
    - list # only once a MilvusTLS names an issuer
    - watch
    - get # the newest state after a conflict
    - create # certificate.issuerRef
    - patch
    - delete # of its own, for clients that are no longer listed
{{- end }}
- apiGroups: [""]
  resources: [pods] # ClusterView
  verbs: [list, watch] # which pods run, to verify each
- apiGroups: [""]
  resources: [pods/log] # PodLogReader
  verbs: [get] # the line that tells whether internal TLS is on
- apiGroups: [""]
  resources: [events] # EventRecorder
  verbs:
    - create # what was done, and what is wrong
    - patch # the count of one that repeats
{{- end -}}

{{- define "milvus-tls-operator.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "milvus-tls-operator.serviceAccount" . }}
    namespace: {{ .Release.Namespace }}
{{- end -}}
