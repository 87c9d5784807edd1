# shellcheck shell=bash disable=SC2154
# A section of sources.sh: builds the servers in Go, so that the other sections need not wait for it.
tool versitygw "$versitygw" || exit 0
tool fake-gcs-server "$fake_gcs" || exit 0
