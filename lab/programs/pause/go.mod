module private-registry/lab/programs/pause

go 1.26
