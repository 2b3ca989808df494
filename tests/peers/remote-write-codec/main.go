// Remote write as its two great receivers have it: Prometheus' encoders and decoders of 1.0 and 2.0, and
// VictoriaMetrics' of 1.0. What ours is compared with, in values and in speed.
//
//	remote-write-codec generate -encoder NAME -seed 1 -count 100   random requests, a JSON line each:
//	                                                               {"block":"...","body":"...","account":{...}}
//	remote-write-codec decode -decoder NAME                        {"block":"..."} a line -> {"account":{...}} a line
//	remote-write-codec node-exporter -series 2000 > FILE           the block of a request as Prometheus sends it
//	remote-write-codec bench -decoder NAME -seconds 1 FILE         nanoseconds a sample, decompression included
//
// NAME: prometheus-1, prometheus-2, prometheus-2.54 (encoder: the start timestamp is of the series), victoriametrics.
// A block is compressed with snappy, a body is not; both are base64. The account is what the request says (account.go).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/golang/snappy"
)

const usage = "usage: remote-write-codec generate|decode|node-exporter|bench [FLAG...]"

func main() {
	if len(os.Args) < 2 {
		exitOn(errors.New(usage))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	encoder := flags.String("encoder", "prometheus-1", "who encodes")
	decoder := flags.String("decoder", "prometheus-1", "who decodes")
	seed := flags.Uint64("seed", 1, "of the random requests")
	count := flags.Int("count", 100, "of the random requests")
	series := flags.Int("series", 2000, "of the request, with a sample each")
	seconds := flags.Float64("seconds", 1, "to measure for")
	exitOn(flags.Parse(os.Args[2:]))

	switch os.Args[1] {
	case "-help":
		fmt.Println(usage)
	case "generate":
		exitOn(generate(*encoder, *seed, *count))
	case "decode":
		exitOn(decodeLines(*decoder))
	case "node-exporter":
		_, err := os.Stdout.Write(snappy.Encode(nil, nodeExporterBody(*series)))
		exitOn(err)
	case "bench":
		block, err := os.ReadFile(flags.Arg(0))
		exitOn(err)
		nanoseconds, err := bench(*decoder, block, time.Duration(*seconds*float64(time.Second)))
		exitOn(err)
		fmt.Printf("%.2f\n", nanoseconds)
	default:
		exitOn(fmt.Errorf("no such command: %s", os.Args[1]))
	}
}

type generated struct {
	Block   []byte   `json:"block"`
	Body    []byte   `json:"body"`
	Account *account `json:"account"`
}

type given struct {
	Block []byte `json:"block"`
}

type decoded struct {
	Account *account `json:"account"`
}

func generate(encoder string, seed uint64, count int) error {
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	random := newRandom(seed)
	for ; count > 0; count-- {
		body, account, err := random.request(encoder)
		if err != nil {
			return err
		}
		if err := lines.Encode(generated{Block: snappy.Encode(nil, body), Body: body, Account: account}); err != nil {
			return err
		}
	}
	return out.Flush()
}

func decodeLines(decoder string) error {
	out := bufio.NewWriter(os.Stdout)
	in, lines := json.NewDecoder(os.Stdin), json.NewEncoder(out)
	for in.More() {
		var request given
		if err := in.Decode(&request); err != nil {
			return err
		}
		body, err := snappy.Decode(nil, request.Block)
		if err != nil {
			return err
		}
		account, err := decode(decoder, body)
		if err != nil {
			return err
		}
		if err := lines.Encode(decoded{Account: account}); err != nil {
			return err
		}
	}
	return out.Flush()
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
