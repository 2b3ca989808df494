package main

import (
	"fmt"
	"strconv"
	"time"

	victoriametrics "github.com/VictoriaMetrics/VictoriaMetrics/lib/prompb"
	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
)

// nodeExporterBody is a request as a Prometheus sends it that scrapes node_exporters: series of one target after the
// other, one sample each, six to eight labels.
func nodeExporterBody(count int) []byte {
	var request prompb.WriteRequest
	for i := 0; i < count; i++ {
		target, number := i/200, i%200
		labels := []prompb.Label{{Name: "__name__"}}
		add := func(name, value string) { labels = append(labels, prompb.Label{Name: name, Value: value}) }
		switch {
		case number < 128:
			labels[0].Value = "node_cpu_seconds_total"
			add("cpu", strconv.Itoa(number/8))
		case number < 160:
			labels[0].Value = []string{"node_filesystem_avail_bytes", "node_filesystem_size_bytes"}[number%2]
			add("device", fmt.Sprintf("/dev/nvme0n1p%d", number/2%8))
		default:
			labels[0].Value = []string{"node_network_receive_bytes_total", "node_network_transmit_bytes_total"}[number%2]
			add("device", fmt.Sprintf("eth%d", number/2%20))
		}
		add("env", "production")
		if number >= 128 && number < 160 {
			add("fstype", "ext4")
		}
		add("instance", fmt.Sprintf("10.42.%d.17:9100", target))
		add("job", "node-exporter")
		switch {
		case number < 128:
			add("mode", []string{"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}[number%8])
		case number < 160:
			add("mountpoint", fmt.Sprintf("/var/lib/data%d", number/2%8))
		}
		add("region", "eu-west-1")
		value := float64(number) * 1234.567
		request.Timeseries = append(request.Timeseries, prompb.TimeSeries{
			Labels:  labels,
			Samples: []prompb.Sample{{Value: value, Timestamp: now + int64(target)*137}},
		})
	}
	body, err := request.Marshal()
	exitOn(err)
	return body
}

// bench decodes as the receiver does, for so long, and returns the nanoseconds that a sample took.
func bench(decoder string, block []byte, duration time.Duration) (float64, error) {
	decode, err := receiver(decoder)
	if err != nil {
		return 0, err
	}
	if _, err := decode(block); err != nil { // warms up
		return 0, err
	}
	samples := 0
	began := time.Now()
	for time.Since(began) < duration {
		for i := 0; i < 20; i++ {
			count, err := decode(block)
			if err != nil {
				return 0, err
			}
			samples += count
		}
	}
	return float64(time.Since(began).Nanoseconds()) / float64(samples), nil
}

// receiver returns what decompresses and decodes a block as the receiver's handler does, and counts its samples.
func receiver(decoder string) (func([]byte) (int, error), error) {
	switch decoder {
	case "prometheus-1": // storage/remote.DecodeWriteRequest
		return func(block []byte) (int, error) {
			body, err := snappy.Decode(nil, block)
			if err != nil {
				return 0, err
			}
			var request prompb.WriteRequest
			if err := request.Unmarshal(body); err != nil {
				return 0, err
			}
			count := 0
			for i := range request.Timeseries {
				count += len(request.Timeseries[i].Samples)
			}
			return count, nil
		}, nil
	case "victoriametrics": // lib/protoparser/promremotewrite/stream.Parse, which takes both from pools
		var body []byte
		var unmarshaler victoriametrics.WriteRequestUnmarshaler
		return func(block []byte) (int, error) {
			var err error
			if body, err = snappy.Decode(body[:cap(body)], block); err != nil {
				return 0, err
			}
			request, err := unmarshaler.UnmarshalProtobuf(body)
			if err != nil {
				return 0, err
			}
			count := 0
			for i := range request.Timeseries {
				count += len(request.Timeseries[i].Samples)
			}
			return count, nil
		}, nil
	}
	return nil, fmt.Errorf("no such decoder: %s", decoder)
}
