"""A registry from a program in Python. The SDK comes from `pulumi package add`: see docs/importing.md."""

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_private_registry as registry

config = pulumi.Config()

# A renewed certificate has to change its secret in place.
cluster = kubernetes.Provider("cluster", enable_secret_mutable=True)

main = registry.PrivateRegistry(
    "main",
    registry_host=config.require("registryHost"),
    ui={"host": config.require("uiHost")},
    node_addresses=[config.require("nodeAddress")],
    storage={"host_path": {"node_name": config.require("nodeName")}},
    gateways=[
        {
            "address": config.require("gatewayAddress"),
            "user": config.get("gatewayUser") or "root",
            "host_key": config.require("gatewayHostKey"),
        }
    ],
    ssh={"private_key": config.require_secret("sshPrivateKey")},
    users=[{"name": "ci", "role": "push", "password": config.require_secret("password")}],
    certificate={"terms_agreed": True, "directory": config.get("acmeDirectory") or "staging"},
    opts=pulumi.ResourceOptions(providers=[cluster]),
)

pulumi.export("registryUrl", main.registry_url)
pulumi.export("certificateRenewAt", main.certificate_renew_at)
