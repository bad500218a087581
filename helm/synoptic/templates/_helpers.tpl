{{- /*
SPDX-FileCopyrightText: 2026 The Synoptic Authors
SPDX-License-Identifier: Apache-2.0
*/}}
{{- define "synoptic.name" -}}
{{ if contains "synoptic" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-synoptic{{ end }}
{{- end }}

{{- define "synoptic.selector" -}}
app.kubernetes.io/name: synoptic
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "synoptic.labels" -}}
{{ include "synoptic.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "synoptic.serviceAccount" -}}
{{ if .Values.serviceAccount.create }}{{ default (include "synoptic.name" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}
