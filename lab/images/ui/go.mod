module private-registry/lab/images/ui

go 1.26
