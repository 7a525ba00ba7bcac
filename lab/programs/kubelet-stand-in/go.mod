module private-registry/lab/programs/kubelet-stand-in

go 1.26
