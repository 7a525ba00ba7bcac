module private-registry/lab/images/registry-ui

go 1.26
