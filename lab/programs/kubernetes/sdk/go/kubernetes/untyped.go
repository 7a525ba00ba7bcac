// Package kubernetes takes the place of the provider's Go SDK in the lab's build. The provider uses four things of it, for its
// components that read YAML and charts; the real one is 490,000 generated lines, which take minutes to compile.
package kubernetes

import "reflect"

// UntypedArgs are an object's fields as they are in its manifest.
type UntypedArgs map[string]any

// ElementType makes it an input.
func (UntypedArgs) ElementType() reflect.Type {
	return reflect.TypeFor[map[string]any]()
}
