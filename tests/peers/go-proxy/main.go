// A reverse proxy as a Go program has it: httputil.ReverseProxy with the default transport. What ours is measured
// against.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	upstream := flag.String("upstream", "", "URL of the server behind it")
	flag.Parse()

	target, err := url.Parse(*upstream)
	exitOn(err)
	listener, err := net.Listen("tcp", *listen)
	exitOn(err)
	fmt.Println(listener.Addr())
	exitOn(http.Serve(listener, httputil.NewSingleHostReverseProxy(target)))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
