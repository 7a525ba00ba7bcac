// Package v2 takes the place of the Go SDK's package of that name.
package v2

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource registers an object of any kind, with what its manifest has as its inputs.
func RegisterResource(ctx *pulumi.Context, apiVersion, kind, name string, props pulumi.Input,
	opts ...pulumi.ResourceOption) (pulumi.CustomResource, error) {
	object := &object{}
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	if err := ctx.RegisterResource("kubernetes:"+apiVersion+":"+kind, name, props, object, opts...); err != nil {
		return nil, err
	}
	return object, nil
}

type object struct {
	pulumi.CustomResourceState

	APIVersion pulumi.StringOutput `pulumi:"apiVersion"`
	Kind       pulumi.StringOutput `pulumi:"kind"`
	Metadata   pulumi.MapOutput    `pulumi:"metadata"`
}
