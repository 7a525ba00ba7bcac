#!/usr/bin/env bash
# Read by the scripts that call Pulumi: a temporary folder of the run's own, which goes with it. Pulumi's Kubernetes
# provider leaves a copy of the kubeconfig there.
TMPDIR=$(mktemp -d) || exit
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
