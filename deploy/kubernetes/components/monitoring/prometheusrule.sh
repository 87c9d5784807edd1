#!/bin/sh
# Writes prometheusrule.yaml: deploy/monitoring/alerts.yml as a resource of the Prometheus Operator.
cd "$(dirname "$0")" || exit
{
  printf '%s\n' '# Made by prometheusrule.sh from deploy/monitoring/alerts.yml.' \
    'apiVersion: monitoring.coreos.com/v1' 'kind: PrometheusRule' \
    'metadata:' '  name: servery' '  labels: { app.kubernetes.io/name: servery }' 'spec:'
  sed -e '/^#/d' -e 's/^./  &/' ../../../monitoring/alerts.yml
} > prometheusrule.yaml
