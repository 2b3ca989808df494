module promfleet.test/peers/go-proxy

go 1.26.0
