// The lab's stand-in for the two registry UIs, whose images can't be had there. It keeps their contract: the port, the
// variables, and what each of them does with a request.
//
// As joxit/docker-registry-ui it serves a static page whose JavaScript asks REGISTRY_URL, or the page's own origin, for what
// the registry has; with NGINX_PROXY_PASS_URL it passes /v2/ on. As konradkleine/docker-registry-frontend (told by
// ENV_DOCKER_REGISTRY_HOST) it passes /v2/ on to that registry, whose certificate it does not verify, as the real one.
package main

import (
	"crypto/tls"
	_ "embed"
	"encoding/json"
	"html"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

//go:embed page.html
var page []byte

// settings is what the page is told: everything that the real pages show or use.
type settings struct {
	Kind         string `json:"kind"`
	RegistryURL  string `json:"registryUrl"`
	Title        string `json:"title"`
	PullURL      string `json:"pullUrl"`
	DeleteImages bool   `json:"deleteImages"`
	ShowDigest   bool   `json:"showDigest"`
	Single       bool   `json:"single"`
}

// throughSed is what a browser shows of a text that the real image's start script put into its page: sed's replacement
// (`s~...~text~`), in which & stands for what was found and a backslash takes the meaning from a sign, read as HTML.
func throughSed(text string) string {
	var page strings.Builder
	for at := 0; at < len(text); at++ {
		switch sign := text[at]; {
		case sign == '\\' && at+1 < len(text):
			at++
			page.WriteByte(text[at])
		case sign == '&':
			page.WriteString("${DOCKER_REGISTRY_UI_TITLE}")
		case sign == '~':
			return "${DOCKER_REGISTRY_UI_TITLE}" // sed fails, and the page stays as it was
		default:
			page.WriteByte(sign)
		}
	}
	return html.UnescapeString(page.String())
}

func main() {
	shown := settings{
		Kind:         "joxit/docker-registry-ui",
		RegistryURL:  strings.TrimSuffix(os.Getenv("REGISTRY_URL"), "/"),
		Title:        throughSed(valueOr("DOCKER_REGISTRY_UI_TITLE", "Docker Registry UI")),
		PullURL:      os.Getenv("PULL_URL"),
		DeleteImages: os.Getenv("DELETE_IMAGES") == "true",
		ShowDigest:   os.Getenv("SHOW_CONTENT_DIGEST") == "true",
		Single:       os.Getenv("SINGLE_REGISTRY") == "true",
	}
	port := valueOr("NGINX_LISTEN_PORT", "80")
	upstream := os.Getenv("NGINX_PROXY_PASS_URL")
	if host := os.Getenv("ENV_DOCKER_REGISTRY_HOST"); host != "" {
		shown = settings{Kind: "konradkleine/docker-registry-frontend", Single: true}
		port = "80"
		scheme := "http"
		if ssl := os.Getenv("ENV_DOCKER_REGISTRY_USE_SSL"); ssl != "" && ssl != "0" {
			scheme = "https"
		}
		upstream = scheme + "://" + net.JoinHostPort(host, valueOr("ENV_DOCKER_REGISTRY_PORT", "80"))
	}
	server := &http.Server{Addr: ":" + port, Handler: routes(shown, upstream), ReadHeaderTimeout: 30 * time.Second}
	go endOnSignal(server)
	log.Printf("stand-in for %s listens on port %s; registry: %s", shown.Kind, port, valueIf(upstream, "the page's own origin or REGISTRY_URL"))
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func routes(shown settings, upstream string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET /settings.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(shown)
	})
	if upstream == "" {
		return mux
	}
	target, err := url.Parse(upstream)
	if err != nil || target.Host == "" {
		log.Fatalf("the registry's address must be a URL, got %q", upstream)
	}
	mux.Handle("/v2/", &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	})
	return mux
}

func endOnSignal(server *http.Server) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT)
	<-signals
	_ = server.Close()
}

func valueOr(name, standard string) string {
	return valueIf(os.Getenv(name), standard)
}

func valueIf(value, standard string) string {
	if value == "" {
		return standard
	}
	return value
}
