// A kubelet for tests without a cluster. It starts under the same conditions as the real one, as far as providers of
// credentials go (pkg/credentialprovider/plugin of Kubernetes): what its flags name is there, has settings, and every
// provider that is named in them once can be run. Then it says that it is well, and does nothing else.
package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		// The real one's is compiled in.
		version, _ := os.ReadFile("/run/kubelet-version")
		fmt.Printf("Kubernetes v%s\n", strings.TrimSpace(string(version)))
		return
	}
	if err := providers(flags(os.Args[1:])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	http.HandleFunc("/healthz", func(out http.ResponseWriter, _ *http.Request) { fmt.Fprint(out, "ok") })
	if err := http.ListenAndServe("127.0.0.1:10248", nil); err != nil {
		time.Sleep(time.Hour)
	}
}

// The last value of each flag, given as --name=value or as --name value.
func flags(words []string) map[string]string {
	all := map[string]string{}
	for at, word := range words {
		name, value, joined := strings.Cut(word, "=")
		if !joined && at+1 < len(words) {
			value = words[at+1]
		}
		all[name] = value
	}
	return all
}

var named = regexp.MustCompile(`name"?: *"?([A-Za-z0-9.-]+)`)

func providers(flags map[string]string) error {
	config := flags["--image-credential-provider-config"]
	if config == "" {
		return nil
	}
	files := []string{config}
	if info, err := os.Stat(config); err != nil {
		return err
	} else if info.IsDir() {
		files = nil
		for _, ending := range []string{"json", "yaml", "yml"} {
			found, _ := filepath.Glob(filepath.Join(config, "*."+ending))
			files = append(files, found...)
		}
		sort.Strings(files)
	}
	if len(files) == 0 {
		return fmt.Errorf("no configuration files found in %s", config)
	}
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, found := range named.FindAllStringSubmatch(string(text), -1) {
			name := found[1]
			if seen[name] {
				return fmt.Errorf("duplicate provider name %s", name)
			}
			seen[name] = true
			info, err := os.Stat(filepath.Join(flags["--image-credential-provider-bin-dir"], name))
			if err != nil {
				return err
			}
			if info.Mode()&0o111 == 0 {
				return fmt.Errorf("%s can't be run", name)
			}
		}
	}
	return nil
}
