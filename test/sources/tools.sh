# Builds the servers in Go, so that the other sections need not wait for it.
tool versitygw "$versitygw" && tool fake-gcs-server "$fake_gcs" || exit 0
