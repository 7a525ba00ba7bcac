// A registry from a program in Go. The SDK comes from `pulumi package add`: see docs/importing.md.
package main

import (
	"example.com/pulumi-private-registry/sdk/go/privateregistry"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(registry)
}

func registry(ctx *pulumi.Context) error {
	settings := config.New(ctx, "")
	orElse := func(given, standard string) string {
		if given == "" {
			return standard
		}
		return given
	}

	// A renewed certificate has to change its secret in place.
	cluster, err := kubernetes.NewProvider(ctx, "cluster", &kubernetes.ProviderArgs{
		EnableSecretMutable: pulumi.Bool(true),
	})
	if err != nil {
		return err
	}

	main, err := privateregistry.NewPrivateRegistry(ctx, "main", &privateregistry.PrivateRegistryArgs{
		RegistryHost:  pulumi.String(settings.Require("registryHost")),
		Ui:            &privateregistry.RegistryUiArgs{Host: pulumi.String(settings.Require("uiHost"))},
		NodeAddresses: pulumi.StringArray{pulumi.String(settings.Require("nodeAddress"))},
		Storage: privateregistry.RegistryStorageArgs{
			HostPath: &privateregistry.HostPathStorageArgs{NodeName: pulumi.String(settings.Require("nodeName"))},
		},
		Gateways: []privateregistry.GatewayHostArgs{{
			Address: pulumi.String(settings.Require("gatewayAddress")),
			User:    pulumi.String(orElse(settings.Get("gatewayUser"), "root")),
			HostKey: pulumi.String(settings.Require("gatewayHostKey")),
		}},
		Ssh: &privateregistry.GatewaySshArgs{PrivateKey: settings.RequireSecret("sshPrivateKey")},
		Users: []privateregistry.UserArgs{{
			Name:     pulumi.String("ci"),
			Role:     privateregistry.UserRolePush,
			Password: settings.RequireSecret("password"),
		}},
		Certificate: privateregistry.RegistryCertificateArgs{
			TermsAgreed: pulumi.Bool(true),
			Directory:   pulumi.String(orElse(settings.Get("acmeDirectory"), "staging")),
		},
	}, pulumi.Providers(cluster))
	if err != nil {
		return err
	}

	ctx.Export("registryUrl", main.RegistryUrl)
	ctx.Export("certificateRenewAt", main.CertificateRenewAt)
	return nil
}
